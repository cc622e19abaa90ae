/* test_loss_golden.c: losses, gradients and Hessians as PyTorch, Keras, TensorFlow, XGBoost and
 * LightGBM gave them (golden/losses.txt and losses_f32.txt, which say how they were made). A case's
 * line has our options that say the same; its inputs follow from its number, by the generator of
 * golden/loss_cases.py that is repeated here.
 *
 * Usage: unit_loss_golden [FILE]   a file like losses.txt instead of the two */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <steelyard/loss.h>

enum { MAX_LOGITS = 1024, MAX_CLASSES = 1000, MAX_AXES = 5 };
enum { FIELD_SIZE = 32, HEAD_SIZE = 512, LINE_SIZE = 32768 };

/* The words of a case's line, as texts; empty where they are not written. */
typedef struct words {
  char shape[FIELD_SIZE], axis[FIELD_SIZE], labels[FIELD_SIZE], classes[FIELD_SIZE];
  char rows[FIELD_SIZE], ignore[FIELD_SIZE], mask[FIELD_SIZE], spread[FIELD_SIZE];
  char smoothing[FIELD_SIZE], parts[FIELD_SIZE], reduction[FIELD_SIZE], hessian[FIELD_SIZE];
} words;

static const struct {
  const char *name;
  size_t offset;
} fields[] = {
#define FIELD(name)                                                                                \
  { #name, offsetof(words, name) }
    FIELD(shape),     FIELD(axis),   FIELD(labels), FIELD(classes),   FIELD(rows),
    FIELD(ignore),    FIELD(mask),   FIELD(spread), FIELD(smoothing), FIELD(parts),
    FIELD(reduction), FIELD(hessian)
#undef FIELD
};

/* What came out for one type of logits. */
typedef struct answer {
  double value, losses[MAX_LOGITS], gradient[MAX_LOGITS], hessian[MAX_LOGITS];
} answer;

typedef struct golden_case {
  char head[HEAD_SIZE];
  uint64_t number;
  words words;
  size_t n_axes, shape[MAX_AXES], class_axis, n_classes, n_logits;
  size_t inner; /* positions from one class of a position to the next */
  size_t n_position_axes, position_shape[MAX_AXES], n_positions;
  double logits[MAX_LOGITS], targets[MAX_LOGITS], row_weights[MAX_LOGITS];
  double class_weights[2 * MAX_CLASSES];
  int64_t ids[MAX_LOGITS];
  uint8_t mask[MAX_LOGITS];
  answer f64, f32;
} golden_case;

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* --- the inputs of a case --- */

enum { LOGITS, LABELS, IGNORED, CLASSES, ROWS, MASK, STREAMS = 8 };

static uint64_t draw_of(const golden_case *one, uint64_t stream) {
  return one->number * STREAMS + stream;
}

static uint64_t draw_below(uint64_t *state, uint64_t n) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (*state >> 32) % n;
}

static bool is(const char *word, const char *value) {
  return strcmp(word, value) == 0;
}

static double number_or(const char *word, double otherwise) {
  double number = otherwise;
  assert_true(!*word || sy_number_parse(word, &number));
  return number;
}

/* Numbers apart by commas; returns how many. */
static size_t read_list(const char *text, double *numbers, size_t room) {
  char part[FIELD_SIZE];
  size_t n = 0;
  for (size_t length; *text; text += length + (text[length] == ',')) {
    length = strcspn(text, ",");
    assert_true(n < room && length < sizeof part);
    memcpy(part, text, length);
    part[length] = 0;
    assert_true(sy_number_parse(part, &numbers[n++]));
  }
  return n;
}

static void read_shape(golden_case *one) {
  double lengths[MAX_AXES];
  one->n_axes = read_list(one->words.shape, lengths, MAX_AXES);
  assert_true(one->n_axes >= 2);
  one->class_axis = (size_t)number_or(one->words.axis, (double)(one->n_axes - 1));
  one->n_logits = one->n_positions = one->inner = 1;
  for (size_t a = 0; a < one->n_axes; a++) {
    one->shape[a] = (size_t)lengths[a];
    one->n_logits *= one->shape[a];
    if (a > one->class_axis) one->inner *= one->shape[a];
    if (a == one->class_axis) continue;
    one->position_shape[one->n_position_axes++] = one->shape[a];
    one->n_positions *= one->shape[a];
  }
  one->n_classes = one->shape[one->class_axis];
  assert_true(one->n_logits <= MAX_LOGITS && one->n_classes <= MAX_CLASSES);
}

/* Where class k of a position lies. */
static size_t place(const golden_case *one, size_t position, size_t k) {
  return (position / one->inner * one->n_classes + k) * one->inner + position % one->inner;
}

static void draw_ids(golden_case *one) {
  uint64_t state = draw_of(one, LABELS), ignored = draw_of(one, IGNORED);
  int64_t ignore = (int64_t)number_or(one->words.ignore, 0);
  for (size_t i = 0; i < one->n_positions; i++) {
    one->ids[i] = (int64_t)draw_below(&state, one->n_classes);
    one->targets[place(one, i, (size_t)one->ids[i])] = 1;
    if (*one->words.ignore && draw_below(&ignored, 4) == 0) one->ids[i] = ignore;
  }
}

static void draw_soft_targets(golden_case *one) {
  uint64_t state = draw_of(one, LABELS);
  for (size_t i = 0; i < one->n_positions; i++) {
    uint64_t parts[MAX_CLASSES], sum = 1;
    for (size_t k = 0; k < one->n_classes; k++) sum += parts[k] = draw_below(&state, 4);
    parts[draw_below(&state, one->n_classes)]++;
    for (size_t k = 0; k < one->n_classes; k++)
      one->targets[place(one, i, k)] = (double)parts[k] / (double)sum;
  }
}

static void draw_multi_hot_targets(golden_case *one, uint64_t of) {
  uint64_t state = draw_of(one, LABELS);
  for (size_t i = 0; i < one->n_logits; i++)
    one->targets[i] = (double)draw_below(&state, of) / (double)(of - 1);
}

static void draw_labels(golden_case *one) {
  const char *labels = one->words.labels;
  if (is(labels, "soft"))
    draw_soft_targets(one);
  else if (is(labels, "multi-hot"))
    draw_multi_hot_targets(one, 2);
  else if (is(labels, "parts"))
    draw_multi_hot_targets(one, 5);
  else
    draw_ids(one);
}

/* (K), or where labels are multi-hot (L, 2). */
static void draw_class_weights(golden_case *one) {
  const char *classes = one->words.classes;
  uint64_t state = draw_of(one, CLASSES);
  double pair[2] = {1, 1};
  bool listed = strchr(classes, ',') != NULL, some_zero = is(classes, "some-zero");
  if (listed) assert_int_equal(read_list(classes, pair, 2), 2);
  for (size_t k = 0; k < one->n_classes; k++) {
    double drawn =
        some_zero ? (double)draw_below(&state, 3) / 2 : (double)(1 + draw_below(&state, 12)) / 4;
    if (some_zero || is(classes, "weighted")) {
      one->class_weights[k] = drawn;
      continue;
    }
    one->class_weights[2 * k] = is(classes, "both") ? drawn : pair[0];
    one->class_weights[2 * k + 1] = listed ? pair[1] : drawn;
  }
}

static void draw_inputs(golden_case *one) {
  uint64_t logits = draw_of(one, LOGITS), rows = draw_of(one, ROWS), mask = draw_of(one, MASK);
  double spread = number_or(one->words.spread, 4);
  for (size_t i = 0; i < one->n_logits; i++)
    one->logits[i] = ((double)draw_below(&logits, 1025) - 512) / 512 * spread;
  for (size_t i = 0; i < one->n_positions; i++) {
    one->row_weights[i] = (double)draw_below(&rows, 8) / 4;
    one->mask[i] = draw_below(&mask, 4) > 0;
  }
  draw_labels(one);
  draw_class_weights(one);
}

/* Reads "case NUMBER PEER NAME=VALUE ..". */
static void read_case(golden_case *one, const char *line) {
  unsigned long long number;
  int length = 0;
  *one = (golden_case){0};
  assert_true(strlen(line) < HEAD_SIZE);
  memcpy(one->head, line, strcspn(line, "\n"));
  assert_int_equal(sscanf(line, "case %llu %*s%n", &number, &length), 1);
  one->number = number;
  for (const char *at = line + length; *at == ' ';) {
    char name[FIELD_SIZE], value[FIELD_SIZE];
    assert_int_equal(sscanf(at, " %31[^=]=%31s%n", name, value, &length), 2);
    at += length;
    size_t f = 0;
    while (f < COUNT(fields) && !is(fields[f].name, name)) f++;
    if (f == COUNT(fields)) fail_msg("%s: unknown word %s", one->head, name);
    memcpy((char *)&one->words + fields[f].offset, value, FIELD_SIZE);
  }
  read_shape(one);
  draw_inputs(one);
}

/* --- our answer --- */

static sy_reduction reduction_of(const char *word) {
  static const struct {
    const char *name;
    sy_reduction reduction;
  } reductions[] = {{"", SY_REDUCTION_WEIGHTED_MEAN},
                    {"weighted-mean", SY_REDUCTION_WEIGHTED_MEAN},
                    {"sum", SY_REDUCTION_SUM},
                    {"mean", SY_REDUCTION_MEAN},
                    {"nonzero-mean", SY_REDUCTION_NONZERO_MEAN},
                    {"none", SY_REDUCTION_NONE}};
  for (size_t r = 0; r < COUNT(reductions); r++)
    if (is(word, reductions[r].name)) return reductions[r].reduction;
  fail_msg("unknown reduction %s", word);
  return SY_REDUCTION_NONE;
}

static bool is_multi_hot(const golden_case *one) {
  return is(one->words.labels, "multi-hot") || is(one->words.labels, "parts");
}

static sy_loss *make_loss(const golden_case *one) {
  const words *w = &one->words;
  sy_loss_options options = sy_loss_options_default(one->n_classes);
  sy_loss *loss = NULL;
  sy_error error;
  options.base = is_multi_hot(one) ? SY_LOSS_SIGMOID : SY_LOSS_SOFTMAX;
  options.class_weights = *w->classes ? one->class_weights : NULL;
  options.parts = *w->parts ? w->parts : NULL;
  options.smoothing = number_or(w->smoothing, 0);
  options.reduction = reduction_of(w->reduction);
  if (sy_loss_new(&options, &loss, &error)) fail_msg("%s: %s", one->head, error.text);
  return loss;
}

/* Evaluates on the logits as they are given, and fills an answer with what came. */
static void evaluate(const golden_case *one, sy_array logits, sy_loss_result *result) {
  sy_array mask = sy_array_of(one->mask, SY_U8, one->n_position_axes, one->position_shape);
  sy_array row_weights =
      sy_array_of(one->row_weights, SY_F64, is(one->words.rows, "rows") ? 1 : one->n_position_axes,
                  one->position_shape);
  bool index = is(one->words.labels, "index");
  sy_loss_batch batch = {
      .logits = logits,
      .class_axis = one->class_axis,
      .labels = {.kind = index               ? SY_LABEL_INDEX
                         : is_multi_hot(one) ? SY_LABEL_MULTI_HOT
                                             : SY_LABEL_ONE_HOT,
                 .values = index ? sy_array_of(one->ids, SY_I64, one->n_position_axes,
                                               one->position_shape)
                                 : sy_array_of(one->targets, SY_F64, one->n_axes, one->shape),
                 .mask = *one->words.mask ? &mask : NULL,
                 .row_weights = *one->words.rows ? &row_weights : NULL},
      .has_ignore = *one->words.ignore != 0,
      .ignore = (int64_t)number_or(one->words.ignore, 0)};
  sy_error error;
  sy_loss *loss = make_loss(one);
  if (sy_loss_evaluate(loss, &batch, result, &error)) fail_msg("%s: %s", one->head, error.text);
  sy_loss_free(loss);
}

static void answer_f64(golden_case *one) {
  answer *a = &one->f64;
  sy_loss_result result = {.gradient = a->gradient, .losses = a->losses};
  if (*one->words.hessian) result.hessian = a->hessian;
  evaluate(one, sy_array_of(one->logits, SY_F64, one->n_axes, one->shape), &result);
  a->value = result.value;
}

static void answer_f32(golden_case *one) {
  answer *a = &one->f32;
  float logits[MAX_LOGITS], losses[MAX_LOGITS] = {0}, gradient[MAX_LOGITS] = {0};
  float hessian[MAX_LOGITS] = {0};
  for (size_t i = 0; i < one->n_logits; i++) {
    logits[i] = (float)one->logits[i];
    assert_true((double)logits[i] == one->logits[i]); /* both types ask the same question */
  }
  sy_loss_result result = {.gradient = gradient, .losses = losses};
  if (*one->words.hessian) result.hessian = hessian;
  evaluate(one, sy_array_of(logits, SY_F32, one->n_axes, one->shape), &result);
  a->value = result.value;
  for (size_t i = 0; i < one->n_logits; i++) {
    a->losses[i] = (double)losses[i];
    a->gradient[i] = (double)gradient[i];
    a->hessian[i] = (double)hessian[i];
  }
}

/* --- the comparison --- */

/* The numbers called `name` in an answer, and how many there are. */
static const double *find_numbers(const golden_case *one, const answer *a, const char *name,
                                  size_t *n) {
  *n = is(name, "value") ? 1 : is(name, "losses") ? one->n_positions : one->n_logits;
  if (is(name, "value")) return &a->value;
  if (is(name, "losses")) return a->losses;
  if (is(name, "gradient")) return a->gradient;
  if (!is(name, "hessian")) fail_msg("%s: unknown line %s", one->head, name);
  assert_true(*one->words.hessian != 0);
  return a->hessian;
}

static void compare(const golden_case *one, const answer *a, char *line, double tolerance) {
  size_t n;
  char *word = line + strcspn(line, " ");
  *word++ = 0;
  const double *numbers = find_numbers(one, a, line, &n);
  double factor = is(line, "hessian") ? number_or(one->words.hessian, 1) : 1;
  for (size_t i = 0; i < n; i++) {
    double wanted;
    size_t length = strcspn(word, " \n");
    assert_true(*word && length > 0);
    word[length] = 0;
    assert_true(sy_number_parse(word, &wanted));
    word += length + 1;
    if (!(fabs(numbers[i] * factor - wanted) <= tolerance * fmax(1, fabs(wanted))))
      fail_msg("%s\n%s of %s %zu: %.17g, not %.17g", one->head, line,
               a == &one->f64 ? "float64" : "float32", i, numbers[i] * factor, wanted);
  }
  assert_true(*word == 0); /* no number is left */
}

/* Goes through a file; returns how many cases and lines of numbers it had. */
static void check_file(const char *path, double tolerance, size_t *n_cases, size_t *n_lines) {
  static golden_case one;
  char line[LINE_SIZE], copy[LINE_SIZE];
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  while (fgets(line, sizeof line, file)) {
    assert_non_null(strchr(line, '\n'));
    if (line[0] == '#') continue;
    if (strncmp(line, "case ", 5) == 0) {
      read_case(&one, line);
      ++*n_cases;
      answer_f64(&one);
      answer_f32(&one);
      continue;
    }
    memcpy(copy, line, sizeof line);
    compare(&one, &one.f64, line, tolerance);
    compare(&one, &one.f32, copy, 1e-5);
    ++*n_lines;
  }
  fclose(file);
}

static void losses_are_those_of_pytorch_keras_and_tensorflow(void **state) {
  (void)state;
  size_t n_cases = 0, n_lines = 0;
  check_file(STEELYARD_TESTS "/golden/losses.txt", 1e-9, &n_cases, &n_lines);
  assert_int_equal(n_cases, 140);
  assert_int_equal(n_lines, 324);
}

/* These compute in float32 themselves. */
static void losses_are_those_of_tensorflow_1_and_boosted_trees(void **state) {
  (void)state;
  size_t n_cases = 0, n_lines = 0;
  check_file(STEELYARD_TESTS "/golden/losses_f32.txt", 1e-5, &n_cases, &n_lines);
  assert_int_equal(n_cases, 31);
  assert_int_equal(n_lines, 65);
}

static const char *given_file;

static void losses_are_those_of_a_file(void **state) {
  (void)state;
  size_t n_cases = 0, n_lines = 0;
  check_file(given_file, 1e-9, &n_cases, &n_lines);
  assert_true(n_lines >= 2 * n_cases && n_cases > 0);
  print_message("%zu losses agree\n", n_cases);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(losses_are_those_of_pytorch_keras_and_tensorflow),
      cmocka_unit_test(losses_are_those_of_tensorflow_1_and_boosted_trees)};
  const struct CMUnitTest of_file[] = {cmocka_unit_test(losses_are_those_of_a_file)};
  if (argc > 1) {
    given_file = argv[1];
    return cmocka_run_group_tests(of_file, NULL, NULL);
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
