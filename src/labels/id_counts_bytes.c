/* id_counts_bytes.c: counts of ids as bytes. */
#include "labels/counts_bytes.h"
#include "labels/id_counts.h"

static bool has_rows(const sy_id_counts *counts, size_t k) {
  return counts->counts->rows[k].rows > 0;
}

void sy_id_counts_put(const sy_id_counts *counts, sy_text *bytes) {
  size_t n = 0;
  for (size_t k = 0; k < counts->ids.n; k++) n += has_rows(counts, k);
  sy_bytes_put(bytes, counts->below_zero);
  sy_bytes_put(bytes, counts->above_most);
  sy_bytes_put(bytes, counts->counts && counts->counts->sums);
  sy_bytes_put(bytes, n);
  for (size_t k = 0; k < counts->ids.n; k++) {
    if (!has_rows(counts, k)) continue;
    sy_bytes_put(bytes, counts->ids.ids[k]);
    sy_counts_put_class(bytes, counts->counts, k);
  }
}

/* One id more, which those before are not. Returns its rows. */
static uint64_t take_id(sy_byte_reader *reader, size_t n_classes, uint64_t most, bool sums,
                        sy_id_counts *counts) {
  uint64_t last = n_classes > 0 ? n_classes - 1 : UINT64_MAX;
  uint64_t id = sy_bytes_take(reader, last);
  bool told = id < SY_SIGN_BIT || counts->below_zero || counts->above_most;
  if (!told || sy_id_set_find(&counts->ids, id) != SIZE_MAX)
    sy_bytes_refuse(reader, SY_INVALID_DATA);
  if (reader->status != SY_OK) return 0;
  size_t k = sy_id_counts_class(counts, id);
  if (k == SIZE_MAX || (sums && !sy_counts_need_sums(counts->counts))) {
    sy_bytes_refuse(reader, SY_OUT_OF_MEMORY);
    return 0;
  }
  uint64_t rows = sy_counts_take_class(reader, most, counts->counts, k);
  if (rows == 0) sy_bytes_refuse(reader, SY_INVALID_DATA);
  return rows;
}

void sy_id_counts_take(sy_byte_reader *reader, size_t n_classes, uint64_t rows,
                       sy_id_counts *counts) {
  counts->below_zero = sy_bytes_take(reader, 1);
  counts->above_most = sy_bytes_take(reader, !counts->below_zero);
  bool sums = sy_bytes_take(reader, 1);
  size_t n = sy_bytes_take_count(reader);
  for (size_t i = 0; i < n && reader->status == SY_OK; i++)
    rows -= take_id(reader, n_classes, rows, sums, counts);
  if (rows > 0) sy_bytes_refuse(reader, SY_INVALID_DATA);
}
