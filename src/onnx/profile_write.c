/* profile_write.c: a profile as a line of metadata. */
#include "onnx/profile.h"

static void put_number(sy_text *text, const char *before, double value) {
  char number[SY_NUMBER_SIZE];
  sy_text_put(text, before);
  sy_text_put(text, sy_number_format(value, number));
}

static void put_numbers(sy_text *text, const char *before, const double *values, size_t n) {
  sy_text_put(text, before);
  for (size_t i = 0; i < n; i++) put_number(text, i ? "," : "", values[i]);
}

static void put_codes(sy_text *text, const uint32_t *codes, size_t n) {
  sy_text_put(text, " codes=");
  for (size_t i = 0; i < n; i++) sy_text_add(text, "%s%lu", i ? "," : "", (unsigned long)codes[i]);
}

void sy_profile_put(sy_text *text, const sy_profile *profile) {
  put_number(text, "weight=", profile->weight);
  put_number(text, " rows=", profile->effective_rows);
  put_number(text, " missing=", profile->missing);
  if (profile->codes)
    put_codes(text, profile->codes, profile->n_bins - 2);
  else
    put_numbers(text, " edges=", profile->edges, profile->edges ? profile->n_bins - 1 : 0);
  put_numbers(text, " shares=", profile->shares, profile->n_bins);
}
