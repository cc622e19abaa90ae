/* label_audits.c: the audit of several labels a row: one of two classes for each. */
#include "base/error.h"
#include "base/memory.h"
#include "weights/audit.h"
#include "weights/warnings.h"

static sy_status audit_label(const sy_counts *counts, size_t l, const double *weights,
                             sy_audit *audit, sy_error *error) {
  static const char *const sides[] = {"absent", "present"};
  sy_error inner = {SY_OK, ""};
  sy_status status =
      sy_audit_figures(sides, sy_counts_label(counts, l), weights + 2 * l, 2, audit, &inner);
  char shown[SY_SHOWN_SIZE];
  if (status == SY_OK) return SY_OK;
  if (status == SY_OUT_OF_MEMORY) return sy_fail_memory(error); /* of no label in particular */
  return sy_fail(error, status, "label '%s': %s", sy_shown(sy_counts_labels(counts)[l], shown),
                 inner.text);
}

static sy_status fill(const sy_policy *policy, const sy_counts *counts, const double *weights,
                      sy_label_audits *audits, sy_error *error) {
  audits->labels = sy_alloc_zero(audits->n_labels, sizeof *audits->labels);
  audits->warnings = sy_messages_new();
  if (!audits->labels || !audits->warnings) return sy_fail_memory(error);
  for (size_t l = 0; l < audits->n_labels; l++) {
    sy_status status = audit_label(counts, l, weights, &audits->labels[l], error);
    if (status != SY_OK) return status;
  }
  sy_status status = sy_label_weights_warn(policy, sy_counts_labels(counts), audits, error);
  return status == SY_OK ? sy_messages_check(audits->warnings, error) : status;
}

sy_status sy_label_audits_make(const sy_policy *policy, const sy_counts *counts,
                               const double *weights, sy_label_audits *audits, sy_error *error) {
  *audits = (sy_label_audits){.n_labels = sy_counts_n_labels(counts)};
  if (audits->n_labels == 0)
    return sy_fail(error, SY_INVALID_SHAPE,
                   "these are counts of one label a position, not of several labels a row");
  sy_status status = fill(policy, counts, weights, audits, error);
  if (status != SY_OK) sy_label_audits_clear(audits);
  return status;
}

void sy_label_audits_clear(sy_label_audits *audits) {
  for (size_t l = 0; audits->labels && l < audits->n_labels; l++)
    sy_audit_clear(&audits->labels[l]);
  free(audits->labels);
  sy_messages_free(audits->warnings);
  *audits = (sy_label_audits){0};
}
