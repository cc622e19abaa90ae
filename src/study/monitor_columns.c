/* monitor_columns.c: how the columns of rows without labels moved from the training. */
#include "study/monitor.h"

#include <math.h>
#include <stdatomic.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "features/columns.h"
#include "features/encoder.h"
#include "features/profile.h"

/* One column counted: weights by bin of its profile, and of what lies in none of them. */
typedef struct column_counts {
  double *bins; /* (n_bins + 1); the last one is what the profile has no bin for */
  size_t n_bins;
  double missing, known; /* weights */
  double standardised;   /* sum of weight times standardised number */
} column_counts;

typedef struct columns_job {
  const sy_watched_rows *rows;
  const sy_monitor_options *options;
  const sy_binding *binding;
  sy_watched_column *columns;
  size_t n_columns;
  atomic_bool out_of_memory;
} columns_job;

static void count_numbers(const columns_job *job, size_t i, column_counts *counts) {
  const sy_input *input = &job->binding->encoder->inputs[i];
  const sy_column *column = job->binding->columns[i];
  for (size_t row = 0; row < job->rows->frame->rows; row++) {
    double weight = sy_watched_weight(job->rows, row), value = sy_column_number(column, row);
    if (!(weight > 0)) continue;
    if (isnan(value)) {
      counts->missing += weight;
      continue;
    }
    counts->known += weight;
    counts->bins[sy_profile_bin(&input->profile, value)] += weight;
    counts->standardised += weight * sy_standardise(value, input->mean, input->scale);
  }
  counts->bins[counts->n_bins] = counts->missing;
}

/* Bin of a text by what sy_binding_place says of it. `code_bins` are those of its codes, NULL where
 * it has levels. */
static size_t bin_of_text(const sy_encoder *encoder, size_t i, const uint32_t *code_bins,
                          const column_counts *counts, uint32_t place) {
  if (code_bins) return code_bins[place];
  return place < encoder->n_outputs ? place - encoder->inputs[i].first_level_place : counts->n_bins;
}

static void count_texts(const columns_job *job, size_t i, const uint32_t *code_bins,
                        column_counts *counts) {
  const sy_encoder *encoder = job->binding->encoder;
  const sy_column *column = job->binding->columns[i];
  for (size_t row = 0; row < job->rows->frame->rows; row++) {
    double weight = sy_watched_weight(job->rows, row);
    if (!(weight > 0)) continue;
    uint32_t place = sy_binding_place(job->binding, i, row), code = sy_column_code(column, row);
    counts->bins[bin_of_text(encoder, i, code_bins, counts, place)] += weight;
    if (code >= column->n_values || !*column->values[code]) counts->missing += weight;
  }
}

/* Counts a text with codes into the bins of its profile, all into one where there is none. */
static sy_status count_codes(const columns_job *job, size_t i, column_counts *counts) {
  const sy_input *input = &job->binding->encoder->inputs[i];
  size_t n_codes = sy_input_n_codes(input);
  uint32_t *bins = sy_alloc_zero(n_codes, sizeof *bins);
  if (!bins) return SY_OUT_OF_MEMORY;
  if (input->profile.n_bins > 0) sy_profile_code_bins(&input->profile, n_codes, bins);
  count_texts(job, i, bins, counts);
  free(bins);
  return SY_OK;
}

/* Share of texts that fell into no level, or have no code of their own. Missing ones are told
 * apart: where "" is no level, they are among the others. */
static double unseen_share(const sy_input *input, const column_counts *counts, double weight) {
  bool missing_is_level = sy_dictionary_find(&input->levels, "", 0) != SY_NOT_FOUND;
  bool others_trained = input->has_other || input->has_codes;
  const sy_profile *profile = &input->profile;
  /* The bin of "other", or of what lies in no bin. */
  size_t n = input->has_codes ? counts->n_bins - 1 : input->levels.n;
  double trained = 0, now = counts->bins[n] - (missing_is_level ? 0 : counts->missing);
  if (others_trained && profile->n_bins == 0) return NAN;
  if (others_trained) trained = profile->shares[n] - (missing_is_level ? 0 : profile->missing);
  return fmax(0, fmax(0, now / weight) - fmax(0, trained));
}

double sy_stability_index(const double *p, const double *q, size_t n_bins, double m, double n) {
  double added = 0.5 * (double)n_bins, sum = 0;
  for (size_t b = 0; b < n_bins; b++) {
    double trained = (m * p[b] + 0.5) / (m + added);
    double now = (n * q[b] + added * trained) / (n + added);
    sum += (now - trained) * log(now / trained);
  }
  return sum;
}

static void set_shift(const columns_job *job, sy_watched_column *told, size_t n_bins, double m) {
  double n = job->rows->effective, scale = 1 / n + 1 / m, freedom = (double)n_bins - 1;
  double upper = job->options->chance / (double)job->n_columns;
  told->psi_expected = freedom * scale;
  told->psi_chance = n_bins > 1 ? sy_chi_squared_quantile(freedom, upper) * scale : 0;
  if (told->psi <= told->psi_chance || told->psi < job->options->some)
    told->shift = SY_SHIFT_NONE;
  else
    told->shift = told->psi < job->options->large ? SY_SHIFT_SOME : SY_SHIFT_LARGE;
}

/* Holds the counts against the profile. Bins that nothing is in, neither then nor now, are none: of
 * what is in no bin, or of texts that have no code of their own, there may be nothing. */
static sy_status compare(const columns_job *job, const sy_input *input, const column_counts *counts,
                         sy_watched_column *told) {
  const sy_profile *profile = &input->profile;
  size_t n = profile->n_bins;
  double outside = input->type == SY_COLUMN_TEXT ? 0 : profile->missing;
  double *shares = sy_alloc(n + 1, 2 * sizeof *shares);
  if (!shares) return SY_OUT_OF_MEMORY;
  double *p = shares, *q = shares + n + 1;
  size_t n_bins = 0;
  for (size_t b = 0; b <= n; b++) {
    p[n_bins] = b < n ? profile->shares[b] : outside;
    q[n_bins] = counts->bins[b] / job->rows->weight;
    n_bins += p[n_bins] > 0 || q[n_bins] > 0;
  }
  told->missing_training = profile->missing;
  told->psi = sy_stability_index(p, q, n_bins, profile->effective_rows, job->rows->effective);
  set_shift(job, told, n_bins, profile->effective_rows);
  free(shares);
  return SY_OK;
}

static size_t count_bins(const sy_input *input) {
  if (input->type == SY_COLUMN_TEXT && !input->has_codes) return sy_input_n_levels(input);
  return input->profile.n_bins > 0 ? input->profile.n_bins : 1;
}

static sy_status count_column(const columns_job *job, size_t i, column_counts *counts) {
  const sy_input *input = &job->binding->encoder->inputs[i];
  if (input->has_codes) return count_codes(job, i, counts);
  if (input->type == SY_COLUMN_TEXT)
    count_texts(job, i, NULL, counts);
  else
    count_numbers(job, i, counts);
  return SY_OK;
}

static sy_status watch_column(const columns_job *job, size_t i) {
  const sy_input *input = &job->binding->encoder->inputs[i];
  bool is_text = input->type == SY_COLUMN_TEXT;
  column_counts counts = {.n_bins = count_bins(input)};
  sy_watched_column *told = &job->columns[i];
  *told = (sy_watched_column){input->name, input->type, NAN, NAN, NAN,
                              NAN,         NAN,         NAN, NAN, SY_SHIFT_UNKNOWN};
  counts.bins = sy_alloc_zero(counts.n_bins + 1, sizeof *counts.bins);
  if (!counts.bins) return SY_OUT_OF_MEMORY;
  sy_status status = count_column(job, i, &counts);
  double weight = job->rows->weight;
  told->missing = counts.missing / weight;
  if (is_text) told->unseen = unseen_share(input, &counts, weight);
  if (input->has_number && counts.known > 0)
    told->mean_difference = counts.standardised / counts.known;
  if (!status && input->profile.n_bins > 0) status = compare(job, input, &counts, told);
  free(counts.bins);
  return status;
}

static void watch_block(void *context, size_t i) {
  columns_job *job = context;
  if (watch_column(job, i)) atomic_store(&job->out_of_memory, true);
}

/* A column with its place among all, which decides between equals. */
typedef struct placed {
  sy_watched_column column;
  size_t place;
} placed;

static int by_shift(const void *a, const void *b) {
  const placed *left = a, *right = b;
  double x = isnan(left->column.psi) ? -1 : left->column.psi;
  double y = isnan(right->column.psi) ? -1 : right->column.psi;
  if (x != y) return x > y ? -1 : 1;
  return left->place < right->place ? -1 : 1;
}

static sy_status sort_columns(sy_watched_column *columns, size_t n, sy_error *error) {
  placed *list = sy_alloc(n, sizeof *list);
  if (!list) return sy_fail_memory(error);
  for (size_t i = 0; i < n; i++) list[i] = (placed){columns[i], i};
  qsort(list, n, sizeof *list, by_shift);
  for (size_t i = 0; i < n; i++) columns[i] = list[i].column;
  free(list);
  return SY_OK;
}

/* The largest of what is defined. */
static void take_largest(double *largest, double value) {
  if (!isnan(value) && !(*largest >= value)) *largest = value;
}

static void sum_up(sy_monitor *monitor) {
  bool texts = false;
  monitor->missing = monitor->unseen = monitor->shift = NAN;
  for (size_t i = 0; i < monitor->n_columns; i++) {
    const sy_watched_column *column = &monitor->columns[i];
    take_largest(&monitor->missing, column->missing - column->missing_training);
    take_largest(&monitor->unseen, column->unseen);
    take_largest(&monitor->shift, column->psi > column->psi_chance ? column->psi
                                  : isnan(column->psi)             ? (double)NAN
                                                                   : 0);
    monitor->has_profiles |= column->shift != SY_SHIFT_UNKNOWN;
    texts |= column->type == SY_COLUMN_TEXT;
  }
  if (!texts) monitor->unseen = 0;
  if (monitor->missing < 0) monitor->missing = 0;
}

sy_status sy_monitor_columns(const sy_watched_rows *rows, const sy_monitor_options *options,
                             sy_monitor *monitor, sy_error *error) {
  const sy_encoder *encoder = sy_model_encoder(rows->model);
  sy_binding binding;
  columns_job job = {.rows = rows,
                     .options = options,
                     .binding = &binding,
                     .n_columns = sy_encoder_n_inputs(encoder)};
  sy_status status = sy_binding_make(encoder, rows->frame, &binding, error);
  if (!status) {
    job.columns = sy_alloc(job.n_columns, sizeof *job.columns);
    monitor->columns = job.columns;
    monitor->n_columns = job.n_columns;
    if (job.columns) sy_parallel_blocks(job.n_columns, watch_block, &job);
    if (!job.columns || atomic_load(&job.out_of_memory)) status = sy_fail_memory(error);
  }
  sy_binding_clear(&binding);
  if (!status) status = sort_columns(monitor->columns, monitor->n_columns, error);
  if (!status) sum_up(monitor);
  return status;
}
