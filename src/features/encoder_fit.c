/* encoder_fit.c: each column is summarised alone, columns in parallel; then what was found is told
 * in the order of the columns and becomes the inputs of an encoder. */
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "features/columns.h"
#include "features/encoder.h"
#include "features/levels.h"
#include "features/profile.h"
#include "features/statistics.h"
#include <stdio.h>
#include <string.h>

enum { MAX_CATEGORIES = 10000, LEAST_GROUP = 8 };

/* A number that varies by less than this share of its size is rounding noise about a constant. */
static const double NEGLIGIBLE = 1e-12;

/* What becomes of a column. */
typedef enum outcome {
  OUTCOME_USED,
  OUTCOME_EMPTY,        /* no value in any row */
  OUTCOME_CONSTANT,     /* one value in every row */
  OUTCOME_NEGLIGIBLE,   /* varies, but by rounding only */
  OUTCOME_ONLY_MISSING, /* one value where known: used for its indicator alone */
  OUTCOME_TOO_RARE      /* no text is seen often enough for a level or a code */
} outcome;

typedef struct column_fit {
  sy_status status;
  sy_error error;
  outcome outcome;
  sy_input input;
  sy_level_summary texts;
} column_fit;

typedef struct fit_context {
  const sy_frame *frame;
  sy_column *columns; /* (n_columns) of stride 1, of those that are being fitted */
  const double *row_weights;
  sy_encoder_options options;
  size_t rows; /* of positive weight */
  sy_profile_rows weights;
  column_fit *fits;
  size_t first; /* of the columns that are being fitted */
} fit_context;

sy_encoder_options sy_encoder_options_default(void) {
  return (sy_encoder_options){.min_count = 1, .max_categories = 64, .max_codes = 10000};
}

static bool is_used(const column_fit *fit) {
  return fit->outcome == OUTCOME_USED || fit->outcome == OUTCOME_ONLY_MISSING;
}

static outcome judge_number(const sy_number_summary *summary, bool raw) {
  bool constant = summary->smallest == summary->largest;
  double size = summary->mean < 0 ? -summary->mean : summary->mean;
  bool negligible = !(summary->deviation > NEGLIGIBLE * size) ||
                    (raw && sy_keep_number(summary->smallest) == sy_keep_number(summary->largest));
  if (summary->known_rows == 0) return OUTCOME_EMPTY;
  if (!constant && !negligible) return OUTCOME_USED;
  if (summary->missing_rows > 0) return OUTCOME_ONLY_MISSING;
  return constant ? OUTCOME_CONSTANT : OUTCOME_NEGLIGIBLE;
}

static sy_status fit_number(const fit_context *context, const sy_column *column, column_fit *fit) {
  sy_number_summary summary;
  sy_status status =
      sy_number_summarise(column, context->frame->rows, context->row_weights, &summary);
  if (status) return status;
  fit->outcome = judge_number(&summary, context->options.raw);
  fit->input.missing_rows = summary.missing_rows;
  fit->input.is_raw = context->options.raw && is_used(fit);
  fit->input.has_number = fit->outcome == OUTCOME_USED || fit->input.is_raw;
  fit->input.has_indicator = summary.missing_rows > 0 && !context->options.raw;
  fit->input.mean = fit->input.is_raw ? 0 : summary.mean;
  fit->input.scale = fit->outcome == OUTCOME_USED && !fit->input.is_raw ? summary.deviation : 1;
  if (!is_used(fit) || !isfinite(context->weights.weight)) return SY_OK;
  return sy_profile_numbers(column, context->frame->rows, context->row_weights, &summary,
                            context->weights, &fit->input.profile);
}

static sy_status fit_text(const fit_context *context, const sy_column *column, column_fit *fit) {
  sy_level_summary *texts = &fit->texts;
  sy_status status = sy_levels_choose(column, context->frame->rows, context->row_weights,
                                      &context->options, texts);
  fit->input.levels = texts->levels; /* moved, also on failure: freed with the input */
  if (status) return status;
  fit->input.missing_rows = texts->missing_rows;
  fit->input.has_codes = texts->coded;
  fit->input.has_other = !texts->coded && texts->distinct > texts->levels.n;
  if (texts->missing_rows == context->rows)
    fit->outcome = OUTCOME_EMPTY;
  else if (texts->distinct == 1)
    fit->outcome = OUTCOME_CONSTANT;
  else if (texts->levels.n == 0)
    fit->outcome = OUTCOME_TOO_RARE;
  if (!is_used(fit) || !isfinite(context->weights.weight)) return SY_OK;
  return sy_profile_texts(texts, context->weights, &fit->input.profile);
}

static void fit_column(void *data, size_t index) {
  fit_context *context = data;
  size_t place = context->first + index;
  const sy_column *column = &context->columns[place];
  column_fit *fit = &context->fits[place];
  fit->status = sy_column_check(column, context->frame->rows, &fit->error);
  if (fit->status) return;
  fit->input.type = column->type;
  fit->input.name = sy_copy_text(column->name);
  if (!fit->input.name)
    fit->status = SY_OUT_OF_MEMORY;
  else if (column->type == SY_COLUMN_TEXT)
    fit->status = fit_text(context, column, fit);
  else
    fit->status = fit_number(context, column, fit);
  if (fit->status) sy_fail_memory(&fit->error);
}

/* "12,345": counts are read by people. */
static const char *count_text(size_t count, char text[SY_NUMBER_SIZE]) {
  char digits[SY_NUMBER_SIZE];
  size_t length = (size_t)snprintf(digits, sizeof digits, "%zu", count), end = 0;
  for (size_t i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) text[end++] = ',';
    text[end++] = digits[i];
  }
  text[end] = 0;
  return text;
}

/* "3", of a hundred rows. */
static const char *per_cent(double share, char text[SY_NUMBER_SIZE]) {
  if (share < 0.005)
    snprintf(text, SY_NUMBER_SIZE, "under 1");
  else
    snprintf(text, SY_NUMBER_SIZE, "%d", (int)(share * 100 + 0.5));
  return text;
}

static void tell_cut(const fit_context *context, const column_fit *fit, sy_messages *messages) {
  char distinct[SY_NUMBER_SIZE], kept[SY_NUMBER_SIZE], share[SY_NUMBER_SIZE], which[64];
  const sy_level_summary *texts = &fit->texts;
  size_t levels = fit->input.levels.n;
  if (texts->cut_by_categories)
    snprintf(which, sizeof which, "%s most frequent", count_text(levels, kept));
  else
    snprintf(which, sizeof which, "%s seen at least %zu times", count_text(levels, kept),
             context->options.min_count);
  sy_messages_add(messages,
                  "column '%s' has %s values; the %s are kept, the others (%s %% of rows) become "
                  "'other'",
                  fit->input.name, count_text(texts->distinct, distinct), which,
                  per_cent(texts->other_share, share));
}

/* Which values have no code of their own, and how many rows they are. */
static void describe_others(const fit_context *context, const column_fit *fit, char text[128]) {
  char kept[SY_NUMBER_SIZE], share[SY_NUMBER_SIZE];
  const sy_level_summary *texts = &fit->texts;
  const size_t size = 128;
  text[0] = 0;
  if (texts->distinct == texts->levels.n) return;
  per_cent(texts->other_share, share);
  if (texts->cut_by_codes)
    snprintf(text, size, "; all but the %s most frequent (%s %% of rows) count as 'other'",
             count_text(texts->levels.n, kept), share);
  else if (context->options.min_count > 2)
    snprintf(text, size, "; those seen less than %zu times (%s %% of rows) count as 'other'",
             context->options.min_count, share);
  else
    snprintf(text, size, "; those seen in one row (%s %% of rows) count as 'other'", share);
}

static void tell_codes(const fit_context *context, const column_fit *fit, sy_messages *messages) {
  char distinct[SY_NUMBER_SIZE], most[SY_NUMBER_SIZE], others[128];
  describe_others(context, fit, others);
  sy_messages_add(messages, "column '%s' has %s values: embedded (%s is --max-categories)%s",
                  fit->input.name, count_text(fit->texts.distinct, distinct),
                  count_text(context->options.max_categories, most), others);
}

/* Few rows easily hold many values by chance, so a small table is not told. */
static bool looks_like_id(const fit_context *context, const column_fit *fit) {
  return fit->texts.distinct > 20 && fit->texts.distinct > context->rows / 2;
}

static void tell_text(const fit_context *context, const column_fit *fit, sy_messages *messages) {
  char distinct[SY_NUMBER_SIZE], rows[SY_NUMBER_SIZE], value[SY_SHOWN_SIZE];
  const sy_level_summary *texts = &fit->texts;
  if (texts->not_a_number) {
    sy_shown(texts->not_a_number, value);
    sy_messages_add(messages,
                    "column '%s' is read as text because of values such as '%s' (row %zu); "
                    "--null '%s' makes them missing",
                    fit->input.name, value, texts->not_a_number_row + 1, value);
  }
  if (texts->odd_number) {
    sy_shown(texts->odd_number, value);
    sy_messages_add(messages,
                    "column '%s' is read as text because of numbers written as '%s' (row %zu); "
                    "written as 1234.5, in the file or by a query, they are numbers",
                    fit->input.name, value, texts->odd_number_row + 1);
  }
  if (looks_like_id(context, fit))
    sy_messages_add(messages,
                    "column '%s' has %s values in %s rows, like a name or an id, and tells little "
                    "about new rows; --exclude '%s' leaves it out",
                    fit->input.name, count_text(texts->distinct, distinct),
                    count_text(context->rows, rows), fit->input.name);
  if (fit->input.has_other) tell_cut(context, fit, messages);
  if (fit->input.has_codes) tell_codes(context, fit, messages);
}

static void tell_used(const fit_context *context, const column_fit *fit, sy_messages *messages) {
  char missing[SY_NUMBER_SIZE];
  if (fit->input.type == SY_COLUMN_TEXT)
    tell_text(context, fit, messages);
  else if (fit->input.missing_rows > 0)
    sy_messages_add(messages, "column '%s' is missing in %s row%s: %s", fit->input.name,
                    count_text(fit->input.missing_rows, missing),
                    fit->input.missing_rows == 1 ? "" : "s",
                    fit->input.is_raw ? "left missing, and each split learns on which side that is"
                                      : "filled with the mean, and marked in a column of its own");
}

/* "has no value seen in two rows": what a column that is too rare lacks. */
static const char *describe_rare(const fit_context *context, const column_fit *fit, char text[64]) {
  if (fit->texts.coded)
    snprintf(text, 64, "has no value seen in two rows");
  else
    snprintf(text, 64, "has no value seen at least %zu times", context->options.min_count);
  return text;
}

static void tell(const fit_context *context, const column_fit *fit, sy_messages *messages) {
  const char *name = fit->input.name;
  char rare[64];
  switch (fit->outcome) {
  case OUTCOME_USED:
    tell_used(context, fit, messages);
    break;
  case OUTCOME_EMPTY:
    sy_messages_add(messages, "column '%s' has no value in any row and is left out", name);
    break;
  case OUTCOME_CONSTANT:
    sy_messages_add(messages, "column '%s' is the same in every row and is left out", name);
    break;
  case OUTCOME_NEGLIGIBLE:
    sy_messages_add(messages, "column '%s' is all but the same in every row and is left out", name);
    break;
  case OUTCOME_ONLY_MISSING:
    sy_messages_add(messages,
                    "column '%s' is the same in every row that has a value; only whether it has "
                    "one is used",
                    name);
    break;
  case OUTCOME_TOO_RARE:
    sy_messages_add(messages, "column '%s' %s and is left out", name,
                    describe_rare(context, fit, rare));
    break;
  }
}

/* What is wrong with the only column. */
static const char *describe_useless(const fit_context *context, const column_fit *fit,
                                    char text[64]) {
  if (fit->outcome == OUTCOME_EMPTY) return "has no value in any row";
  if (fit->outcome == OUTCOME_TOO_RARE) return describe_rare(context, fit, text);
  return "is the same in every row";
}

static sy_status fail_constant(const fit_context *context, sy_error *error) {
  const sy_frame *frame = context->frame;
  const char *first = frame->columns[0].name, *last = frame->columns[frame->n_columns - 1].name;
  char text[64];
  bool rare = false;
  for (size_t c = 0; c < frame->n_columns; c++)
    rare = rare || context->fits[c].outcome == OUTCOME_TOO_RARE;
  if (frame->n_columns == 1)
    return sy_fail(error, SY_INVALID_DATA,
                   "the only column, '%s', %s: there is nothing to learn from", first,
                   describe_useless(context, &context->fits[0], text));
  return sy_fail(error, SY_INVALID_DATA,
                 "all %zu columns, '%s' to '%s', are the same in every row%s: there is nothing to "
                 "learn from",
                 frame->n_columns, first, last, rare ? " or have no value seen often enough" : "");
}

/* Moves the inputs that are used out of the fits. */
static sy_status make_encoder(fit_context *context, sy_encoder **encoder, sy_error *error) {
  size_t n_columns = context->frame->n_columns, n = 0;
  for (size_t c = 0; c < n_columns; c++) n += is_used(&context->fits[c]);
  if (n == 0) return fail_constant(context, error);
  sy_input *inputs = sy_alloc_zero(n, sizeof *inputs);
  if (!inputs) return sy_fail_memory(error);
  n = 0;
  for (size_t c = 0; c < n_columns; c++) {
    if (!is_used(&context->fits[c])) continue;
    inputs[n++] = context->fits[c].input;
    context->fits[c].input = (sy_input){0};
  }
  return sy_encoder_new(inputs, n, encoder, error);
}

static sy_status check_options(const sy_encoder_options *options, sy_error *error) {
  if (options->max_categories < 1 || options->max_categories > MAX_CATEGORIES)
    return sy_fail(error, SY_INVALID_ARGUMENT, "max_categories is %zu, must be 1 to %d",
                   options->max_categories, MAX_CATEGORIES);
  if (options->codes && (options->max_codes < 1 || options->max_codes > SY_MOST_CODES))
    return sy_fail(error, SY_INVALID_ARGUMENT, "max_codes is %zu, must be 1 to %d",
                   options->max_codes, SY_MOST_CODES);
  return SY_OK;
}

static sy_status fail_weight(double weight, size_t row, sy_error *error) {
  char text[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT, "row weight %s at row %zu: must be finite and >= 0",
                 sy_number_format(weight, text), row + 1);
}

/* Counts the rows that are there. */
static sy_status count_rows(fit_context *context, sy_error *error) {
  const double *weights = context->row_weights;
  size_t rows = context->frame->rows;
  if (context->frame->n_columns == 0)
    return sy_fail(error, SY_INVALID_SHAPE, "there is no column to learn from");
  context->weights = (sy_profile_rows){(double)rows, (double)rows};
  if (weights) context->weights = (sy_profile_rows){0, 0};
  if (!weights) context->rows = rows;
  for (size_t i = 0; weights && i < rows; i++) {
    if (!(weights[i] >= 0) || isinf(weights[i])) return fail_weight(weights[i], i, error);
    context->rows += weights[i] > 0;
    context->weights.weight += weights[i];
    context->weights.squares += weights[i] * weights[i];
  }
  if (context->rows > 0) return SY_OK;
  return sy_fail(error, SY_NO_ROWS, rows ? "every row has weight 0" : "there are no rows");
}

/* Columns fitted together. Where some must be copied they are few, so that the copies take little
 * memory next to the frame, yet enough to use the cache lines they share, and every thread. */
static size_t group_size(const sy_frame *frame) {
  bool dense = true;
  for (size_t c = 0; c < frame->n_columns; c++)
    dense = dense && sy_column_stride(&frame->columns[c]) == 1;
  size_t threads = (size_t)sy_threads_get();
  if (dense) return frame->n_columns;
  return threads > LEAST_GROUP ? threads : LEAST_GROUP;
}

static sy_status fit_groups(fit_context *context, sy_error *error) {
  size_t n_columns = context->frame->n_columns, size = group_size(context->frame);
  sy_column_room room = {0};
  sy_status status = SY_OK;
  for (; context->first < n_columns && !status; context->first += size) {
    size_t rest = n_columns - context->first, n = rest < size ? rest : size;
    status = sy_columns_gather(context->frame->columns + context->first, n, context->frame->rows,
                               &room, context->columns + context->first);
    if (!status) sy_parallel_blocks(n, fit_column, context);
  }
  free(room.bytes);
  return status ? sy_fail_memory(error) : SY_OK;
}

static sy_status fit_columns(fit_context *context, sy_messages *messages, sy_encoder **encoder,
                             sy_error *error) {
  size_t n_columns = context->frame->n_columns;
  sy_status status = fit_groups(context, error);
  if (status) return status;
  for (size_t c = 0; c < n_columns; c++)
    if (context->fits[c].status)
      return sy_fail(error, context->fits[c].status, "%s", context->fits[c].error.text);
  for (size_t c = 0; c < n_columns; c++) tell(context, &context->fits[c], messages);
  return make_encoder(context, encoder, error);
}

sy_status sy_encoder_fit(const sy_frame *frame, const double *row_weights,
                         const sy_encoder_options *options, sy_messages *messages,
                         sy_encoder **encoder, sy_error *error) {
  fit_context context = {.frame = frame, .row_weights = row_weights};
  context.options = options ? *options : sy_encoder_options_default();
  sy_status status = check_options(&context.options, error);
  if (!status) status = count_rows(&context, error);
  if (status) return status;
  context.fits = sy_alloc_zero(frame->n_columns, sizeof *context.fits);
  context.columns = sy_alloc(frame->n_columns, sizeof *context.columns);
  status = context.fits && context.columns ? fit_columns(&context, messages, encoder, error)
                                           : sy_fail_memory(error);
  for (size_t c = 0; context.fits && c < frame->n_columns; c++) {
    free(context.fits[c].input.name);
    free(context.fits[c].texts.level_weights);
    sy_dictionary_clear(&context.fits[c].input.levels);
    sy_profile_clear(&context.fits[c].input.profile);
  }
  free(context.fits);
  free(context.columns);
  return status;
}
