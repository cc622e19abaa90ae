/* lookup.c: the classes of positions, of whatever kind. */
#include "base/error.h"
#include "base/memory.h"
#include "labels/counter.h"

struct sy_class_lookup {
  const sy_class_finding *finding;
  void *table;
};

sy_status sy_class_lookup_new(const sy_counter *counter, sy_class_lookup **lookup,
                              sy_error *error) {
  *lookup = NULL;
  const sy_class_finding *finding = counter->counting->finding;
  if (!finding)
    return sy_fail(error, SY_INVALID_ARGUMENT, "positions of kind %s have no class of their own",
                   sy_label_kind_name(counter->kind));
  sy_class_lookup *made = sy_alloc_zero(1, sizeof *made);
  if (!made) return sy_fail_memory(error);
  made->finding = finding;
  sy_status status = finding->begin(counter, &made->table, error);
  if (status == SY_OK)
    *lookup = made;
  else
    sy_class_lookup_free(made);
  return status;
}

void sy_class_lookup_free(sy_class_lookup *lookup) {
  if (!lookup) return;
  lookup->finding->end(lookup->table);
  free(lookup);
}

sy_status sy_class_lookup_ids(const sy_class_lookup *lookup, const sy_positions *positions,
                              size_t first, size_t n, int32_t *ids, sy_error *error) {
  return lookup->finding->ids(lookup->table, positions, first, n, ids, error);
}
