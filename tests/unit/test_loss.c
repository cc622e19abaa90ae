/* test_loss.c: each loss in each layout against the reference; derivatives against differences;
 * what must be the same bit for bit, and what weights mean. */
#include "loss_cases.h"

#include "arrays.h"
#include "base/memory.h"

static const loss_case cases[] = {
    {"plain, 2 classes", .n_classes = 2},
    {"plain", .n_classes = 5, .taken_out = true, .row_weights = true, .poisoned = true},
    {"class weights", .n_classes = 5, .class_weights = true, .taken_out = true},
    {"class weights, sum", .n_classes = 3, .class_weights = true, .reduction = SY_REDUCTION_SUM},
    {"plain, many classes", .n_classes = 130, .class_weights = true, .row_weights = true},
    {"soft labels", .n_classes = 4, .soft = true, .class_weights = true, .row_weights = true},
    {"minus infinity", .n_classes = 6, .infinite = true, .class_weights = true},
    {"smoothing", .n_classes = 4, .smoothing = 0.1, .class_weights = true, .taken_out = true},
    {"smoothing, soft", .n_classes = 3, .smoothing = 0.3, .soft = true, .class_weights = true},
    {"transform", .n_classes = 4, .slopes = true, .offsets = true, .margins = true, .scale = 1.5},
    {"offsets, soft", .n_classes = 4, .offsets = true, .soft = true},
    {"focal", .n_classes = 4, .focal = 2, .class_weights = true, .row_weights = true},
    {"focal, soft", .n_classes = 3, .focal = 1.5, .soft = true, .class_weights = true},
    {"focal, gamma 0.5", .n_classes = 3, .focal = 0.5, .smoothing = 0.1},
    {"logit adjustment", .n_classes = 5, .adjustment = 1, .class_weights = true},
    {"LDAM", .n_classes = 4, .ldam = true, .class_weights = true},
    {"VS", .n_classes = 4, .vs = true, .taken_out = true},
    {"all parts", .n_classes = 4, .vs = true, .ldam = true, .adjustment = 0.5, .focal = 2,
     .class_weights = true, .slopes = true, .offsets = true, .margins = true, .scale = 0.1,
     .row_weights = true, .taken_out = true, .poisoned = true},
    {"cost-argmax", .n_classes = 4, .cost_use = SY_COST_ARGMAX, .class_weights = true},
    {"cost-argmax, rows", .n_classes = 3, .cost_use = SY_COST_ARGMAX, .row_costs = true},
    {"cost-expected", .n_classes = 4, .cost_use = SY_COST_EXPECTED, .class_weights = true},
    {"cost-expected, rows", .n_classes = 5, .cost_use = SY_COST_EXPECTED, .row_costs = true,
     .row_weights = true, .taken_out = true},
    {"cost-expected, soft", .n_classes = 3, .cost_use = SY_COST_EXPECTED, .soft = true,
     .offsets = true, .slopes = true},
    {"by-prediction", .n_classes = 4, .by_prediction = true, .class_weights = true,
     .row_weights = true},
    {"by-prediction, focal", .n_classes = 4, .by_prediction = true, .class_weights = true,
     .focal = 2, .cost_use = SY_COST_ARGMAX, .reduction = SY_REDUCTION_NONZERO_MEAN},
    {"mean", .n_classes = 3, .class_weights = true, .row_weights = true, .taken_out = true,
     .reduction = SY_REDUCTION_MEAN},
    {"nonzero mean", .n_classes = 3, .class_weights = true, .row_weights = true, .taken_out = true,
     .reduction = SY_REDUCTION_NONZERO_MEAN},
    {"divisor", .n_classes = 3, .class_weights = true, .reduction = SY_REDUCTION_DIVISOR},
    {"none", .n_classes = 3, .row_weights = true, .reduction = SY_REDUCTION_NONE},
    {"sigmoid", .base = SY_LOSS_SIGMOID, .n_classes = 1, .class_weights = true, .row_weights = true,
     .taken_out = true, .poisoned = true},
    {"sigmoid, minus infinity", .base = SY_LOSS_SIGMOID, .n_classes = 1, .infinite = true},
    {"sigmoid, labels", .base = SY_LOSS_SIGMOID, .n_classes = 4, .class_weights = true,
     .row_weights = true, .taken_out = true, .poisoned = true},
    {"sigmoid, soft", .base = SY_LOSS_SIGMOID, .n_classes = 3, .soft = true, .smoothing = 0.2,
     .class_weights = true, .reduction = SY_REDUCTION_MEAN},
    {"sigmoid, focal", .base = SY_LOSS_SIGMOID, .n_classes = 3, .focal = 2, .class_weights = true,
     .taken_out = true, .reduction = SY_REDUCTION_NONZERO_MEAN},
    {"sigmoid, all", .base = SY_LOSS_SIGMOID, .n_classes = 2, .focal = 0.5, .slopes = true,
     .offsets = true, .margins = true, .scale = 2, .smoothing = 0.1, .row_weights = true},
};

/* Positions (4, 3, 5); weights by row have 15 to share. */
enum { POSITIONS = 60, A_ROW = 15 };

#define SHAPE .n_axes = 3, .shape = {4, 3, 5}

static const loss_layout layouts[] = {
    {.label_dtype = SY_I32},
    {.label_dtype = SY_I8, .float32 = true, .ignore = -1, .ignore_some = true},
    {.label_dtype = SY_U8, SHAPE, .ignore = 255, .ignore_some = true, .weights_float32 = true},
    {.label_dtype = SY_I64, SHAPE, .class_first = true, .ignore = -100, .ignore_some = true},
    {.label_dtype = SY_U16, SHAPE, .class_first = true, .float32 = true, .weights_by_row = true},
    {.label_dtype = SY_I16, SHAPE, .anywhere = true, .class_axis = 0, .float32 = true},
    {.label_dtype = SY_U64, SHAPE, .anywhere = true, .class_axis = 2},
    {.label_dtype = SY_U32, SHAPE, .anywhere = true, .class_axis = 1, .strided = true},
    {.label_dtype = SY_I32, SHAPE, .strided = true, .float32 = true, .weights_by_row = true},
    {.label_dtype = SY_F32, .hot = true, .float32 = true, .ignore = -1},
    {.label_dtype = SY_I8, .hot = true, .ignore = -1},
    {.label_dtype = SY_F64, SHAPE, .hot = true, .class_first = true, .ignore = 7},
    {.label_dtype = SY_F32, SHAPE, .hot = true, .anywhere = true, .strided = true, .ignore = -1},
};

/* The layout with labels as this loss can have them. */
static loss_layout fitting(const loss_layout *layout, const loss_case *c) {
  loss_layout fit = *layout;
  bool cells = c->base == SY_LOSS_SIGMOID && c->n_classes > 1;
  if (cells || c->soft) fit.hot = true;
  if (c->soft && fit.label_dtype != SY_F64) fit.label_dtype = SY_F32;
  if (cells && c->taken_out && fit.label_dtype >= SY_U8) fit.label_dtype = SY_I16;
  if (fit.hot && fit.ignore == 255) fit.ignore = -1;
  if (fit.hot && fit.ignore == 0) fit.ignore = 2;
  return fit;
}

static void each_loss_in_each_layout(void **state) {
  (void)state;
  random_begin();
  for (size_t c = 0; c < COUNT(cases); c++) {
    loss_sample sample = loss_sample_make(&cases[c], POSITIONS, A_ROW);
    loss_answer answer = reference_evaluate(&sample.problem);
    assert_true(answer.total_weight > 0 && answer.value != 0);
    for (size_t l = 0; l < COUNT(layouts); l++) {
      loss_layout layout = fitting(&layouts[l], &cases[c]);
      check_layout(&sample.problem, &answer, &layout);
    }
    loss_answer_free(&answer);
    loss_sample_free(&sample);
  }
}

/* --- derivatives --- */

static real reference_value(const loss_problem *problem) {
  loss_answer answer = reference_evaluate(problem);
  real value = answer.value;
  loss_answer_free(&answer);
  return value;
}

/* Numbers that tie are set apart, so that a step changes no prediction. */
static void part_ties(const loss_problem *p, double *logits) {
  size_t K = p->options.n_classes;
  for (size_t j = 0; j < p->n * K; j++) logits[j] += (double)(j % K) * 0x1p-8;
}

/* Both derivatives of the reference in one logit, by differences of its values of fourth order. */
static void check_differences(loss_problem *p, const loss_answer *answer, size_t j) {
  const real step = 0x1p-13L;
  double *logits = (double *)p->logits, kept = logits[j];
  real value[5];
  for (int s = 0; s < 5; s++) {
    logits[j] = kept + (s - 2) * (double)step;
    value[s] = reference_value(p);
  }
  logits[j] = kept;
  real first = (8 * (value[3] - value[1]) - (value[4] - value[0])) / (12 * step);
  real second =
      (16 * (value[3] + value[1]) - value[4] - value[0] - 30 * value[2]) / (12 * step * step);
  real bound = 1e-6L * (1 + fabsl(answer->value));
  assert_close((double)first, answer->gradient[j], answer->gradient_size[j], 1e-8L, bound / 100,
               "difference", j);
  assert_close((double)second, answer->hessian[j], answer->hessian_size[j], 1e-6L, bound,
               "second difference", j);
}

/* The reference's derivatives are those of its loss; that the kernels have the same is in
 * each_loss_in_each_layout. */
static void derivatives_of_the_reference(void **state) {
  (void)state;
  random_begin();
  for (size_t c = 0; c < COUNT(cases); c++) {
    loss_case one = cases[c];
    one.poisoned = one.infinite = false;
    one.reduction = one.by_prediction ? SY_REDUCTION_SUM : one.reduction;
    loss_sample sample = loss_sample_make(&one, 12, 1);
    part_ties(&sample.problem, (double *)sample.problem.logits);
    loss_answer answer = reference_evaluate(&sample.problem);
    size_t step = one.n_classes > 20 ? 37 : 1;
    for (size_t j = 0; j < 12 * one.n_classes; j += step)
      check_differences(&sample.problem, &answer, j);
    loss_answer_free(&answer);
    loss_sample_free(&sample);
  }
}

/* The library's own derivatives are those of its own values. */
static void gradients_by_differences(void **state) {
  (void)state;
  random_begin();
  const double step = 0x1p-7;
  for (size_t c = 0; c < COUNT(cases); c++) {
    loss_case one = cases[c];
    one.poisoned = one.infinite = false;
    loss_sample sample = loss_sample_make(&one, 9, 1);
    loss_layout layout = fitting(&layouts[0], &one);
    part_ties(&sample.problem, (double *)sample.problem.logits);
    loss_call call;
    loss_call_make(&sample.problem, &layout, &call);
    sy_loss *loss = loss_make(&sample.problem, &call);
    loss_output output = loss_run(loss, &sample.problem, &call, true);
    assert_int_equal(output.status, SY_OK);
    double steep = one.ldam ? 1e3 : 1, *logits = (double *)(void *)call.logits.memory;
    for (size_t j = 0; j < 9 * one.n_classes; j++) {
      double kept = logits[j], value[5], small = one.ldam ? step / 64 : step / 4;
      for (int s = 0; s < 5; s++) {
        sy_loss_result result = {0};
        logits[j] = kept + (s - 2) * small;
        assert_int_equal(sy_loss_evaluate(loss, &call.batch, &result, NULL), SY_OK);
        value[s] = result.value;
      }
      logits[j] = kept;
      double first = (8 * (value[3] - value[1]) - (value[4] - value[0])) / (12 * small);
      assert_close(first, output.gradient[j], fabsl(output.gradient[j]), 1e-6L, 1e-8L * steep,
                   one.name, j);
    }
    loss_output_free(&output);
    sy_loss_free(loss);
    loss_call_clear(&call);
    loss_sample_free(&sample);
  }
}

/* --- the same bits --- */

static loss_output run_layout(const loss_problem *problem, const loss_layout *layout,
                              bool hessian_too) {
  loss_call call;
  loss_call_make(problem, layout, &call);
  sy_loss *loss = loss_make(problem, &call);
  loss_output output = loss_run(loss, problem, &call, hessian_too);
  if (output.status != SY_OK) fail_msg("%s", output.error.text);
  sy_loss_free(loss);
  loss_call_clear(&call);
  return output;
}

static void one_hot_is_index(void **state) {
  (void)state;
  random_begin();
  for (size_t c = 0; c < COUNT(cases); c++) {
    const loss_case *one = &cases[c];
    if (one->soft || one->base == SY_LOSS_SIGMOID) continue;
    loss_sample sample = loss_sample_make(one, 700, 7);
    for (int form = 0; form < 4; form++) {
      bool narrow = form & 1, hessian_too = form & 2;
      loss_layout index = {.label_dtype = SY_I32, .float32 = narrow};
      loss_layout hot = {.label_dtype = SY_U8, .float32 = narrow, .hot = true};
      loss_output by_index = run_layout(&sample.problem, &index, hessian_too);
      loss_output by_row = run_layout(&sample.problem, &hot, hessian_too);
      assert_same_gradient(&by_index, &by_row, &sample.problem, one->name);
      assert_memory_equal(by_index.losses, by_row.losses, 700 * sizeof(double));
      if (hessian_too)
        assert_memory_equal(by_index.hessian, by_row.hessian,
                            700 * one->n_classes * sizeof(double));
      loss_output_free(&by_index);
      loss_output_free(&by_row);
    }
    loss_sample_free(&sample);
  }
}

/* Batches of many blocks. */
static void threads_change_nothing(void **state) {
  (void)state;
  random_begin();
  static const size_t classes[] = {2, 3, 10, 64, 1000};
  for (size_t s = 0; s < COUNT(classes); s++)
    for (int form = 0; form < 8; form++) {
      loss_case c = {.n_classes = classes[s], .class_weights = true, .row_weights = true};
      c.focal = form & 1 ? 2 : 0;
      loss_sample sample = loss_sample_make(&c, classes[s] > 100 ? 900 : 5003, 1);
      loss_answer answer = reference_evaluate(&sample.problem);
      loss_layout layout = {.label_dtype = SY_I32, .float32 = (form & 2) > 0};
      if (form & 4) { /* (1, K, n) */
        layout.n_axes = 2, layout.class_first = true;
        layout.shape[0] = 1, layout.shape[1] = sample.problem.n;
      }
      check_layout(&sample.problem, &answer, &layout);
      loss_answer_free(&answer);
      loss_sample_free(&sample);
    }
}

/* What else is asked for changes nothing of what is asked for: with a Hessian, and without. */
static void outputs_go_alone(void **state) {
  (void)state;
  random_begin();
  for (size_t c = 0; c < COUNT(cases); c++)
    for (int narrow = 0; narrow < 2; narrow++) {
      enum { N = 301 };
      size_t K = cases[c].n_classes, size = narrow ? 4 : 8, bytes = N * K * size;
      loss_sample sample = loss_sample_make(&cases[c], N, 1);
      loss_layout layout = {.label_dtype = SY_I32, .float32 = narrow};
      layout = fitting(&layout, &cases[c]);
      loss_call call;
      loss_call_make(&sample.problem, &layout, &call);
      sy_loss *loss = loss_make(&sample.problem, &call);
      char *all = malloc(6 * bytes), *part = all + 3 * bytes;
      for (int hessian = 0; hessian < 2; hessian++) {
        sy_loss_result full = {0, 0, all, hessian ? all + bytes : NULL, all + 2 * bytes};
        assert_int_equal(sy_loss_evaluate(loss, &call.batch, &full, NULL), SY_OK);
        for (int wanted = 0; wanted < 3; wanted++) {
          sy_loss_result some = {NAN, NAN, wanted & 1 ? part : NULL, hessian ? part + bytes : NULL,
                                 wanted & 2 ? part + 2 * bytes : NULL};
          assert_int_equal(sy_loss_evaluate(loss, &call.batch, &some, NULL), SY_OK);
          assert_memory_equal(&some.value, &full.value, sizeof full.value);
          assert_true(some.total_weight == full.total_weight);
          if (some.gradient) assert_memory_equal(some.gradient, full.gradient, bytes);
          if (some.hessian) assert_memory_equal(some.hessian, full.hessian, bytes);
          if (some.losses) assert_memory_equal(some.losses, full.losses, N * size);
        }
      }
      free(all);
      sy_loss_free(loss);
      loss_call_clear(&call);
      loss_sample_free(&sample);
    }
}

/* --- weights --- */

static real value_of(const loss_problem *problem, const loss_layout *layout) {
  loss_output output = run_layout(problem, layout, false);
  real value = output.value;
  loss_output_free(&output);
  return value;
}

/* Rows of weights 0, 1, 2, .. are as many copies, for every reduction that does not count. */
static void a_weight_is_copies(void **state) {
  (void)state;
  random_begin();
  for (size_t c = 0; c < COUNT(cases); c++) {
    loss_case one = cases[c];
    enum { N = 40 };
    if (one.reduction == SY_REDUCTION_MEAN || one.reduction == SY_REDUCTION_NONZERO_MEAN) continue;
    one.row_weights = true;
    loss_sample sample = loss_sample_make(&one, N, 1), copies = loss_sample_make(&one, 200, 1);
    loss_problem *p = &sample.problem, q = *p;
    size_t K = one.n_classes, n = 0;
    for (size_t i = 0; i < N; i++) {
      size_t k = random_below(5);
      ((double *)p->row_weights)[i] = (double)k;
      for (; k > 0; k--, n++) {
        memcpy((double *)copies.problem.logits + n * K, p->logits + i * K, K * sizeof(double));
        memcpy((double *)copies.problem.labels + n * K, p->labels + i * K, K * sizeof(double));
        if (p->row_costs)
          memcpy((double *)copies.problem.row_costs + n * K, p->row_costs + i * K,
                 K * sizeof(double));
        copies.taken_out[n] = p->taken_out[i];
      }
    }
    q.n = n;
    q.logits = copies.problem.logits, q.labels = copies.problem.labels;
    q.row_costs = copies.problem.row_costs;
    q.taken_out = copies.taken_out, q.row_weights = NULL;
    for (size_t j = 0; j < N * K; j++) /* drawn for other weights */
      if (!isfinite(p->logits[j])) one.poisoned = one.poisoned && !p->taken_out[j / K];
    loss_layout layout = fitting(&layouts[0], &one);
    if (!cases[c].poisoned)
      assert_close((double)value_of(&q, &layout), value_of(p, &layout), fabsl(value_of(p, &layout)),
                   1e-12L, 0, one.name, 0);
    loss_sample_free(&sample);
    loss_sample_free(&copies);
  }
}

/* A constant by which all weights are multiplied leaves the weighted mean as it is; a power of two,
 * bit for bit. */
static void scale_of_weights_is_nothing(void **state) {
  (void)state;
  random_begin();
  for (size_t c = 0; c < COUNT(cases); c++) {
    loss_case one = cases[c];
    if (one.reduction != SY_REDUCTION_WEIGHTED_MEAN) continue;
    one.row_weights = true;
    loss_sample sample = loss_sample_make(&one, 100, 1);
    loss_layout layout = fitting(&layouts[0], &one);
    loss_output before = run_layout(&sample.problem, &layout, true);
    for (size_t i = 0; i < 100; i++) ((double *)sample.problem.row_weights)[i] *= 8;
    loss_output after = run_layout(&sample.problem, &layout, true);
    assert_same_gradient(&before, &after, &sample.problem, one.name);
    assert_true(after.total_weight == 8 * before.total_weight);
    loss_output_free(&before);
    loss_output_free(&after);
    loss_sample_free(&sample);
  }
}

/* --- memory --- */

static void evaluating_takes_no_memory(void **state) {
  (void)state;
  random_begin();
  for (size_t c = 0; c < COUNT(cases); c++)
    for (size_t l = 0; l < COUNT(layouts); l++) {
      loss_sample sample = loss_sample_make(&cases[c], POSITIONS, A_ROW);
      loss_layout layout = fitting(&layouts[l], &cases[c]);
      loss_call call;
      loss_call_make(&sample.problem, &layout, &call);
      sy_loss *loss = loss_make(&sample.problem, &call);
      sy_threads_set(l % 2 ? 3 : 1);
      sy_memory_fail_nth(1);
      loss_output output = loss_run(loss, &sample.problem, &call, true);
      assert_int_equal(output.status, SY_OK);
      assert_int_equal(sy_memory_fail_nth(0), 1); /* still to come: none was asked for */
      sy_threads_set(0);
      loss_output_free(&output);
      sy_loss_free(loss);
      loss_call_clear(&call);
      loss_sample_free(&sample);
    }
}

static void making_survives_no_memory(void **state) {
  (void)state;
  random_begin();
  loss_case all = {.n_classes = 3,
                   .vs = true,
                   .ldam = true,
                   .focal = 2,
                   .slopes = true,
                   .cost_use = SY_COST_ARGMAX,
                   .class_weights = true};
  loss_sample sample = loss_sample_make(&all, 1, 1);
  sy_loss_options options = sample.problem.options;
  options.counts = sample.problem.counts;
  options.parts = "vs+ldam+focal";
  sy_loss *loss = NULL;
  for (size_t nth = 1; !loss; nth++) {
    assert_true(nth < 30);
    sy_memory_fail_nth(nth);
    sy_status status = sy_loss_new(&options, &loss, NULL);
    assert_int_equal(status, loss ? SY_OK : SY_OUT_OF_MEMORY);
  }
  assert_true(sy_memory_fail_nth(0) > 0);
  sy_loss_free(loss);
  sy_loss_free(NULL);
  loss_sample_free(&sample);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_loss_in_each_layout),   cmocka_unit_test(derivatives_of_the_reference),
      cmocka_unit_test(gradients_by_differences),   cmocka_unit_test(one_hot_is_index),
      cmocka_unit_test(threads_change_nothing),     cmocka_unit_test(outputs_go_alone),
      cmocka_unit_test(a_weight_is_copies),         cmocka_unit_test(scale_of_weights_is_nothing),
      cmocka_unit_test(evaluating_takes_no_memory), cmocka_unit_test(making_survives_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
