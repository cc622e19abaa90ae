/* count_array.c: labels in a .npy or an IDX file. */
#include <stdlib.h>

#include <steelyard/store.h>

#include "counting.h"
#include "progress.h"
#include "say.h"

/* Numbers counted between two looks at progress and interruption. */
#define BLOCK ((size_t)1 << 24)

static const struct {
  const char *name;
  size_t size;
} dtypes[] = {
    [SY_F32] = {"float32", 4}, [SY_F64] = {"float64", 8}, [SY_I8] = {"int8", 1},
    [SY_I16] = {"int16", 2},   [SY_I32] = {"int32", 4},   [SY_I64] = {"int64", 8},
    [SY_U8] = {"uint8", 1},    [SY_U16] = {"uint16", 2},  [SY_U32] = {"uint32", 4},
    [SY_U64] = {"uint64", 8},
};

static bool is_float(const sy_array *array) {
  return array->dtype == SY_F32 || array->dtype == SY_F64;
}

/* An array of a file: labels, or what goes with them. */
typedef struct side_array {
  sy_array_file *file;
  sy_array array;
  double *numbers; /* of the array, where they had to become float64 */
} side_array;

static int open_array(const char *path, side_array *side) {
  sy_error error;
  if (sy_array_file_open(path, &side->file, &error) != SY_OK) return say_error(&error);
  side->array = *sy_array_file_array(side->file);
  return EXIT_DONE;
}

static void close_array(side_array *side) {
  sy_array_file_close(side->file);
  free(side->numbers);
}

static size_t product(const size_t *shape, size_t n_axes) {
  size_t n = 1;
  for (size_t a = 0; a < n_axes; a++) n *= shape[a];
  return n;
}

/* "(1000, 48)"; free(). */
static char *shape_text(const sy_array *array) {
  char *text = text_copy("(");
  for (size_t a = 0; a < array->n_axes; a++)
    text_append(&text, text_format("%s%zu", a ? ", " : "", array->shape[a]));
  text_append(&text, text_copy(array->n_axes == 1 ? ",)" : ")"));
  return text;
}

/* What each kind would make of an array of two axes or more: nobody can tell from its shape. */
static int say_choices(const char *source, const sy_array *array) {
  char positions[SY_NUMBER_SIZE], rows[SY_NUMBER_SIZE], width[SY_NUMBER_SIZE];
  size_t leading = product(array->shape, array->n_axes - 1);
  size_t last = array->shape[array->n_axes - 1];
  text_count(leading * last, positions);
  text_count(leading, rows);
  text_count(last, width);
  char *shape = shape_text(array);
  char *index = is_float(array)
                    ? text_copy("")
                    : text_format("index (a class id at each of %s positions), ", positions);
  int code = say_usage("%s: %s of shape %s: say what they are with --label-kind: %sone-hot (%s "
                       "labels, each a row of %s shares that sum to 1) or multi-hot (%s yes/no "
                       "labels in each of %s rows)",
                       source, dtypes[array->dtype].name, shape, index, rows, width, width, rows);
  free(index);
  free(shape);
  return code;
}

static int find_kind(const counting *work, const sy_array *array, sy_label_kind *kind) {
  const char *given = work->given->label_kind;
  if (array->n_axes == 0)
    return say_failed("%s: one number alone; labels are an array of one axis or more",
                      work->source);
  if (!given && array->n_axes > 1) return say_choices(work->source, array);
  if (!given && is_float(array))
    return say_usage("%s: %s of one axis: class ids are whole numbers, so save y.astype('int64'); "
                     "probabilities of one class need the other beside them: (n, 2) and "
                     "--label-kind one-hot",
                     work->source, dtypes[array->dtype].name);
  int code = label_kind_read(work->given, SY_LABEL_INDEX, kind);
  if (code == EXIT_DONE && *kind == SY_LABEL_NAME)
    return say_usage("--label-kind name: %s holds numbers, not names; give index, one-hot or "
                     "multi-hot, and names of the classes with --classes",
                     work->source);
  return code;
}

/* Numbers of a file lie one after the other in memory, whatever their strides say of the order. */
static int as_float64(side_array *side) {
  size_t n = product(side->array.shape, side->array.n_axes);
  const void *data = side->array.data;
  side->numbers = grab(n, sizeof *side->numbers);
#define CONVERT(dtype, type)                                                                       \
  case dtype:                                                                                      \
    for (size_t i = 0; i < n; i++) side->numbers[i] = (double)((const type *)data)[i];             \
    break
  switch (side->array.dtype) {
    CONVERT(SY_I8, int8_t);
    CONVERT(SY_I16, int16_t);
    CONVERT(SY_I32, int32_t);
    CONVERT(SY_I64, int64_t);
    CONVERT(SY_U8, uint8_t);
    CONVERT(SY_U16, uint16_t);
    CONVERT(SY_U32, uint32_t);
    CONVERT(SY_U64, uint64_t);
    CONVERT(SY_F32, float);
    CONVERT(SY_F64, double);
  }
#undef CONVERT
  side->array.data = side->numbers;
  side->array.dtype = SY_F64;
  return EXIT_DONE;
}

/* Rows first .. first + n - 1 of the first axis. */
static sy_array rows_of(const sy_array *array, size_t first, size_t n) {
  sy_array part = *array;
  ptrdiff_t elements = (ptrdiff_t)first * array->strides[0];
  part.data = (const char *)array->data + elements * (ptrdiff_t)dtypes[array->dtype].size;
  part.shape[0] = n;
  return part;
}

/* All there is to an array of labels. */
typedef struct label_files {
  side_array labels, mask, weights;
} label_files;

static int open_files(const counting *work, label_files *files) {
  const settings *given = work->given;
  int code = open_array(work->source, &files->labels);
  if (code == EXIT_DONE && given->mask) code = open_array(given->mask, &files->mask);
  if (code == EXIT_DONE && given->sample_weight)
    code = open_array(given->sample_weight, &files->weights);
  if (code == EXIT_DONE && files->weights.file && !is_float(&files->weights.array))
    code = as_float64(&files->weights);
  return code;
}

/* Shapes are compared by the library, block by block; of a longer mask it would never know. */
static int check_rows(const side_array *side, const char *option, const char *path,
                      const label_files *files) {
  if (!side->file) return EXIT_DONE;
  size_t rows = files->labels.array.shape[0];
  if (side->array.n_axes > 0 && side->array.shape[0] == rows) return EXIT_DONE;
  char *shape = shape_text(&side->array), *labels = shape_text(&files->labels.array);
  int code = say_failed("%s %s is of shape %s, and the labels are of %s: the first axis must be "
                        "as long",
                        option, path, shape, labels);
  free(shape);
  free(labels);
  return code;
}

static int check_mask(const label_files *files, const char *path) {
  const side_array *mask = &files->mask;
  if (!mask->file || !is_float(&mask->array)) return EXIT_DONE;
  return say_failed(
      "--mask %s holds %s; a mask is of integers or booleans (0 = taken out): numbers "
      "that weigh are --sample-weight",
      path, dtypes[mask->array.dtype].name);
}

static int add_rows(counting *work, const label_files *files, sy_label_kind kind, size_t first,
                    size_t n) {
  sy_array mask = {0}, weights = {0};
  sy_label_array labels = {.kind = kind, .values = rows_of(&files->labels.array, first, n)};
  if (files->mask.file) mask = rows_of(&files->mask.array, first, n), labels.mask = &mask;
  if (files->weights.file)
    weights = rows_of(&files->weights.array, first, n), labels.row_weights = &weights;
  return counting_add(work, &labels, "%s", work->source);
}

static int add_all(counting *work, const label_files *files, sy_label_kind kind) {
  const sy_array *array = &files->labels.array;
  sy_progress progress = progress_callback();
  size_t rows = array->shape[0], per_row = product(array->shape + 1, array->n_axes - 1);
  size_t block = per_row < BLOCK ? BLOCK / (per_row ? per_row : 1) : 1;
  sy_error cancelled = {.status = SY_CANCELLED};
  int code = EXIT_DONE;
  for (size_t first = 0; first < rows && code == EXIT_DONE; first += block) {
    if (progress.call(progress.context, "counting", (double)first / (double)rows))
      return say_error(&cancelled);
    size_t n = rows - first < block ? rows - first : block;
    code = add_rows(work, files, kind, first, n);
  }
  return code;
}

int count_array(counting *work) {
  label_files files = {0};
  sy_label_kind kind = SY_LABEL_INDEX;
  sy_labels_options options = label_options_view(work->given, &work->options);
  int code = open_files(work, &files);
  work->weights = work->given->sample_weight;
  if (code == EXIT_DONE) code = find_kind(work, &files.labels.array, &kind);
  if (code == EXIT_DONE) code = check_mask(&files, work->given->mask);
  if (code == EXIT_DONE) code = check_rows(&files.mask, "--mask", work->given->mask, &files);
  if (code == EXIT_DONE)
    code = check_rows(&files.weights, "--sample-weight", work->given->sample_weight, &files);
  if (code == EXIT_DONE) code = counting_begin(work, kind, &options);
  if (code == EXIT_DONE) code = add_all(work, &files, kind);
  close_array(&files.weights);
  close_array(&files.mask);
  close_array(&files.labels);
  return code;
}
