/* profile_read.c: profiles out of the metadata, of which nothing is believed. */
#include "onnx/profile.h"

#include "base/error.h"
#include "base/memory.h"
#include "features/encoder.h"
#include "onnx/reading.h"
#include <math.h>
#include <string.h>

/* Shares that are added up again differ by rounding. */
static const double SUM_TOLERANCE = 1e-6;

/* Moves *at behind a word; false where it is not there. */
static bool skip(const char **at, const char *word) {
  size_t length = strlen(word);
  if (strncmp(*at, word, length) != 0) return false;
  *at += length;
  return true;
}

/* A finite number up to ',' or ' ' or the end. */
static bool read_number(const char **at, double *value) {
  char number[SY_NUMBER_SIZE];
  size_t length = strcspn(*at, ", ");
  if (length == 0 || length >= sizeof number) return false;
  memcpy(number, *at, length);
  number[length] = 0;
  *at += length;
  return sy_number_parse(number, value) && isfinite(*value);
}

/* Exactly n numbers with commas between. */
static bool read_numbers(const char **at, double *values, size_t n) {
  for (size_t i = 0; i < n; i++)
    if ((i > 0 && !skip(at, ",")) || !read_number(at, &values[i])) return false;
  return true;
}

/* Exactly n codes below `limit`, rising, with commas between. */
static bool read_codes(const char **at, uint32_t *codes, size_t n, size_t limit) {
  for (size_t i = 0; i < n; i++) {
    double code, least = i > 0 ? (double)codes[i - 1] + 1 : 0;
    if ((i > 0 && !skip(at, ",")) || !read_number(at, &code)) return false;
    if (!(code >= least && code < (double)limit) || code != floor(code)) return false;
    codes[i] = (uint32_t)code;
  }
  return true;
}

static size_t count_numbers(const char *list) {
  size_t n = *list && *list != ' ' ? 1 : 0;
  for (; *list && *list != ' '; list++) n += *list == ',';
  return n;
}

static const char *bounds_word(const sy_input *input) {
  return input->has_codes ? " codes=" : " edges=";
}

/* How many edges (or codes) and bins the line has; false where they do not fit the column. */
static bool read_sizes(const char *line, const sy_input *input, size_t *n_bounds, size_t *n_bins) {
  const char *word = bounds_word(input), *bounds = strstr(line, word);
  const char *shares = strstr(line, " shares=");
  if (!bounds || !shares) return false;
  *n_bounds = count_numbers(bounds + strlen(word));
  *n_bins = count_numbers(shares + strlen(" shares="));
  if (input->has_codes) return *n_bounds > 0 && *n_bins == *n_bounds + 2;
  if (input->type == SY_COLUMN_TEXT) return *n_bounds == 0 && *n_bins == sy_input_n_levels(input);
  return *n_bins == *n_bounds + 1;
}

static bool read_bounds(const char **at, const sy_input *input, size_t n, sy_profile *profile) {
  if (!skip(at, bounds_word(input))) return false;
  return input->has_codes ? read_codes(at, profile->codes, n, input->levels.n)
                          : read_numbers(at, profile->edges, n);
}

static bool read_line(const char *at, const sy_input *input, size_t n_bounds, sy_profile *profile) {
  return skip(&at, "weight=") && read_number(&at, &profile->weight) && skip(&at, " rows=") &&
         read_number(&at, &profile->effective_rows) && skip(&at, " missing=") &&
         read_number(&at, &profile->missing) && read_bounds(&at, input, n_bounds, profile) &&
         skip(&at, " shares=") && read_numbers(&at, profile->shares, profile->n_bins) && *at == 0;
}

static bool is_share(double value) {
  return value >= 0 && value <= 1;
}

static bool is_sound(const sy_profile *profile, sy_column_type type) {
  double sum = type == SY_COLUMN_TEXT ? 0 : profile->missing;
  if (!(profile->weight > 0) || profile->effective_rows < 1 || !is_share(profile->missing))
    return false;
  for (size_t i = 1; profile->edges && i + 1 < profile->n_bins; i++)
    if (profile->edges[i] <= profile->edges[i - 1]) return false;
  for (size_t b = 0; b < profile->n_bins; b++) {
    if (!is_share(profile->shares[b])) return false;
    sum += profile->shares[b];
  }
  return fabs(sum - 1) <= SUM_TOLERANCE;
}

/* Room for a profile; false when out of memory. */
static bool make_room(const sy_input *input, size_t n_bounds, size_t n_bins, sy_profile *profile) {
  profile->shares = sy_alloc(n_bins, sizeof *profile->shares);
  profile->n_bins = n_bins;
  if (input->has_codes)
    profile->codes = sy_alloc(n_bounds, sizeof *profile->codes);
  else if (n_bounds)
    profile->edges = sy_alloc(n_bounds, sizeof *profile->edges);
  return profile->shares && (profile->edges || profile->codes || !n_bounds);
}

static sy_status read_profile(sy_reading *reading, const char *key, const char *line,
                              sy_input *input) {
  size_t n_bounds, n_bins;
  sy_profile *profile = &input->profile;
  if (profile->n_bins > 0 || !read_sizes(line, input, &n_bounds, &n_bins))
    return sy_reading_fail(reading, key);
  if (!make_room(input, n_bounds, n_bins, profile)) return sy_fail_memory(reading->error);
  bool sound = read_line(line, input, n_bounds, profile) && is_sound(profile, input->type);
  return sound ? SY_OK : sy_reading_fail(reading, key);
}

sy_status sy_reading_profiles(sy_reading *reading, sy_input *inputs) {
  size_t start = strlen(SY_KEY_PROFILE);
  sy_status status = SY_OK;
  for (size_t i = 0; i < reading->model->n_metadata_props && !status; i++) {
    const Onnx__StringStringEntryProto *entry = reading->model->metadata_props[i];
    if (!entry->key || !entry->value || strncmp(entry->key, SY_KEY_PROFILE, start) != 0) continue;
    const char *name = entry->key + start;
    uint32_t column = sy_dictionary_find(&reading->columns, name, strlen(name));
    status = column == SY_NOT_FOUND
                 ? sy_reading_fail(reading, entry->key)
                 : read_profile(reading, entry->key, entry->value, &inputs[column]);
  }
  return status;
}
