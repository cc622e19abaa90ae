/* test_loss_errors.c: what is refused, in which words, and what is left behind: value 0 and zeros
 * in every output, nothing written beside them. */
#include "loss_cases.h"

#include "arrays.h"

/* --- losses that cannot be made --- */

static void assert_holds(const sy_error *error, const char *text) {
  if (!strstr(error->text, text)) fail_msg("'%s' does not hold '%s'", error->text, text);
  if (strchr(error->text, '\n')) fail_msg("'%s' is no single line", error->text);
}

static void check_no_loss(sy_loss_options options, sy_status wanted, const char *text) {
  sy_loss *loss = (sy_loss *)&options;
  sy_error error = {SY_OK, ""};
  assert_int_equal(sy_loss_new(&options, &loss, &error), wanted);
  assert_null(loss);
  assert_int_equal(error.status, wanted);
  assert_holds(&error, text);
  assert_int_equal(sy_loss_new(&options, &loss, NULL), wanted);
}

static void numbers_out_of_range(void **state) {
  (void)state;
  static const double not_a_number[] = {NAN, INFINITY, -INFINITY, -1};
  for (size_t i = 0; i < 4; i++) {
    double bad = not_a_number[i], values[] = {1, bad, 1, 1};
    sy_loss_options o = sy_loss_options_default(3);
    o.class_weights = values;
    check_no_loss(o, SY_INVALID_WEIGHT, "class 1");
    o.base = SY_LOSS_SIGMOID;
    o.n_classes = 2;
    check_no_loss(o, SY_INVALID_WEIGHT, "label 0");
    o = sy_loss_options_default(3);
    o.scale = bad;
    check_no_loss(o, SY_INVALID_ARGUMENT, "scale");
    o.scale = 0, o.smoothing = bad;
    check_no_loss(o, SY_INVALID_ARGUMENT, "smoothing");
    o.smoothing = 0, o.divisor = bad, o.reduction = SY_REDUCTION_DIVISOR;
    check_no_loss(o, SY_INVALID_ARGUMENT, "divisor");
    o.reduction = SY_REDUCTION_SUM, o.counts = values, o.parts = "vs";
    check_no_loss(o, SY_INVALID_ARGUMENT, "class 1");
  }
  sy_loss_options o = sy_loss_options_default(3);
  o.smoothing = 1.0000001;
  check_no_loss(o, SY_INVALID_ARGUMENT, "0 to 1");
  o.smoothing = 0, o.reduction = SY_REDUCTION_DIVISOR;
  check_no_loss(o, SY_INVALID_ARGUMENT, "divisor");
}

static void transforms_that_are_not_finite(void **state) {
  (void)state;
  const double values[] = {1, 1, NAN}, huge[] = {1, 1e300, 1};
  sy_loss_options o = sy_loss_options_default(3);
  o.slopes = values;
  check_no_loss(o, SY_INVALID_ARGUMENT, "slope of class 2");
  o.slopes = NULL, o.offsets = values;
  check_no_loss(o, SY_INVALID_ARGUMENT, "offset of class 2");
  o.offsets = NULL, o.margins = values;
  check_no_loss(o, SY_INVALID_ARGUMENT, "margin of class 2");
  o.margins = huge, o.scale = 1e300;
  check_no_loss(o, SY_INVALID_ARGUMENT, "class 1");
}

static void costs_that_are_not_usable(void **state) {
  (void)state;
  double cost[] = {0, 1, 2, 3, 0, INFINITY, 5, 6, 0};
  sy_loss_options o = sy_loss_options_default(3);
  o.cost = cost;
  check_no_loss(o, SY_INVALID_ARGUMENT, "cost");
  o.cost_use = SY_COST_EXPECTED;
  check_no_loss(o, SY_INVALID_COST, "predicting class 2 for class 1");
  cost[5] = NAN;
  o.cost_use = SY_COST_ARGMAX;
  check_no_loss(o, SY_INVALID_COST, "nan");
  cost[5] = 1;
  o.base = SY_LOSS_SIGMOID;
  check_no_loss(o, SY_INVALID_ARGUMENT, "softmax");
}

static void parts_that_do_not_go_together(void **state) {
  (void)state;
  const double counts[] = {5, 7}, cost[] = {0, 1, 1, 0};
  sy_loss_options o = sy_loss_options_default(2);
  static const char *const wrong[][2] = {{"focale", "focal"},
                                         {"", "there is no loss part"},
                                         {"focal:gamma=-1", "gamma"},
                                         {"focal:gamma=nan", "gamma"},
                                         {"focal:gama=2", "gama"},
                                         {"focal:gamma=", "gamma"},
                                         {"focal+focal", "twice"},
                                         {"focal+", "no loss part"},
                                         {"focal:gamma=1,gamma=2", "twice"},
                                         {"ldam", "counts"},
                                         {"vs", "counts"},
                                         {"logit-adjustment", "counts"}};
  for (size_t i = 0; i < COUNT(wrong); i++) {
    o.parts = wrong[i][0];
    check_no_loss(o, SY_INVALID_ARGUMENT, wrong[i][1]);
  }
  o.counts = counts, o.parts = "ldam:scale=0";
  check_no_loss(o, SY_INVALID_ARGUMENT, "scale");
  o.parts = "focal", o.cost = cost, o.cost_use = SY_COST_EXPECTED;
  check_no_loss(o, SY_INVALID_ARGUMENT, "cost-expected");
  o = sy_loss_options_default(2);
  o.base = SY_LOSS_SIGMOID, o.weigh_by_prediction = true;
  check_no_loss(o, SY_INVALID_ARGUMENT, "softmax");
}

static void kinds_that_do_not_exist(void **state) {
  (void)state;
  sy_loss_options o = sy_loss_options_default(0);
  check_no_loss(o, SY_INVALID_SHAPE, "0 classes");
  o.n_classes = SIZE_MAX;
  check_no_loss(o, SY_INVALID_SHAPE, "classes");
  o.n_classes = 2, o.base = (sy_loss_base)7;
  check_no_loss(o, SY_INVALID_ARGUMENT, "7");
  o = sy_loss_options_default(2), o.reduction = (sy_reduction)9;
  check_no_loss(o, SY_INVALID_ARGUMENT, "9");
  o.reduction = SY_REDUCTION_SUM, o.cost_use = (sy_cost_use)5;
  check_no_loss(o, SY_INVALID_ARGUMENT, "5");
}

/* --- batches that are refused --- */

static void assert_zeros(const loss_output *output, size_t n, size_t K, bool all) {
  assert_true(output->value == 0);
  for (size_t i = 0; i < n && all; i++) assert_true(output->losses[i] == 0);
  for (size_t j = 0; j < n * K; j++) {
    assert_true(output->gradient[j] == 0);
    if (all) assert_true(output->hessian[j] == 0);
  }
}

/* Runs a call that must fail on one thread and on three, in words of one kind; then in place. */
static void check_failure(const loss_problem *p, loss_call *call, sy_status wanted,
                          const char *text) {
  sy_loss *loss = loss_make(p, call);
  for (int threads = 1; threads <= 3; threads += 2) {
    sy_threads_set(threads);
    loss_output output = loss_run(loss, p, call, true);
    if (output.status == SY_OK) fail_msg("not refused: %s", text);
    assert_holds(&output.error, text);
    assert_int_equal(output.status, wanted);
    assert_int_equal(output.error.status, wanted);
    assert_zeros(&output, p->n, p->options.n_classes, true);
    loss_output_free(&output);
    sy_loss_result alone = {.value = 7};
    assert_int_equal(sy_loss_evaluate(loss, &call->batch, &alone, NULL), wanted);
    assert_true(alone.value == 0 && !alone.gradient);
  }
  loss_output output = loss_run_in_place(loss, p, call);
  assert_int_equal(output.status, wanted);
  assert_holds(&output.error, text);
  assert_zeros(&output, p->n, p->options.n_classes, false);
  loss_output_free(&output);
  sy_threads_set(0);
  sy_loss_free(loss);
}

/* The forms that go different ways: plain and not, few classes and many. */
static const loss_case forms[] = {
    {.n_classes = 2},
    {.n_classes = 3, .class_weights = true},
    {.n_classes = 10},
    {.n_classes = 700},
    {.n_classes = 4, .soft = true},
    {.n_classes = 5, .focal = 2},
    {.n_classes = 700, .smoothing = 0.1},
    {.n_classes = 3, .cost_use = SY_COST_EXPECTED},
    {.n_classes = 3, .cost_use = SY_COST_ARGMAX},
    {.n_classes = 3, .by_prediction = true, .class_weights = true},
    {.base = SY_LOSS_SIGMOID, .n_classes = 1},
    {.base = SY_LOSS_SIGMOID, .n_classes = 3},
    {.base = SY_LOSS_SIGMOID, .n_classes = 3, .focal = 2},
};

/* (300, 7) positions, but few of many classes. */
static loss_layout form_layout(const loss_case *c, int variant) {
  loss_layout layout = {.label_dtype = SY_I32, .n_axes = 2, .shape = {300, 7}};
  layout.float32 = variant & 1;
  layout.class_first = (variant & 2) > 0;
  layout.strided = (variant & 4) > 0;
  layout.hot = c->soft || (c->base == SY_LOSS_SIGMOID && c->n_classes > 1);
  if (layout.hot) layout.label_dtype = SY_F32;
  if (c->n_classes > 100) layout.shape[0] = 12;
  return layout;
}

/* Every position weighs: what has no weight is not looked at. */
static loss_sample form_sample(const loss_case *c, const loss_layout *layout) {
  loss_sample sample = loss_sample_make(c, layout->shape[0] * layout->shape[1], 1);
  double *weights = (double *)sample.problem.options.class_weights;
  for (size_t k = 0; weights && k < c->n_classes; k++) weights[k] += 0.5;
  return sample;
}

/* The first in C order is told, wherever others are. */
static void logits_that_are_no_numbers(void **state) {
  (void)state;
  random_begin();
  static const double bad[] = {NAN, INFINITY};
  for (size_t f = 0; f < COUNT(forms); f++)
    for (int variant = 0; variant < 8; variant++) {
      loss_layout layout = form_layout(&forms[f], variant);
      loss_sample sample = form_sample(&forms[f], &layout);
      size_t n = sample.problem.n, K = forms[f].n_classes, first = n / 2 + 3;
      double *logits = (double *)sample.problem.logits, kind = bad[variant & 1];
      for (size_t i = 0; i < n; i++) sample.taken_out[i] = false;
      logits[first * K + K - 1] = kind;
      logits[(n - 1) * K] = bad[1 - (variant & 1)];
      logits[(first + 1) * K] = bad[1 - (variant & 1)];
      char place[80];
      snprintf(place, sizeof place, "row %zu, step %zu", first / 7 + 1, first % 7 + 1);
      loss_call call;
      loss_call_make(&sample.problem, &layout, &call);
      check_failure(&sample.problem, &call, SY_INVALID_DATA, place);
      loss_call_clear(&call);
      loss_call_make(&sample.problem, &layout, &call);
      check_failure(&sample.problem, &call, SY_INVALID_DATA, isnan(kind) ? "nan" : "inf");
      loss_call_clear(&call);
      loss_sample_free(&sample);
    }
}

/* Of a batch that many threads walk: the first is at the end of what one of them has, others are
 * where theirs begin. */
static void the_first_of_all_threads(void **state) {
  (void)state;
  enum { N = 60000, FIRST = 8100, STEP = 8192 };
  random_begin();
  for (int focal = 0; focal < 2; focal++)
    for (int bad_labels = 0; bad_labels < 2; bad_labels++) {
      loss_case c = {.n_classes = 4, .focal = focal ? 2 : 0};
      loss_layout layout = {.label_dtype = SY_I32, .float32 = true};
      loss_sample sample = loss_sample_make(&c, N, 1);
      loss_call call;
      loss_call_make(&sample.problem, &layout, &call);
      float *logits = (float *)(void *)call.logits.memory;
      int32_t *ids = (int32_t *)(void *)call.labels.memory;
      for (size_t i = FIRST; i < N; i += i == FIRST ? STEP - FIRST : STEP) {
        ids[i] = bad_labels ? 4 : 0;
        logits[4 * i + 2] = bad_labels ? 0 : NAN;
      }
      check_failure(&sample.problem, &call, bad_labels ? SY_INVALID_LABEL : SY_INVALID_DATA,
                    "at row 8101");
      loss_call_clear(&call);
      loss_sample_free(&sample);
    }
}

/* A softmax of nothing but -inf has no probabilities. */
static void rows_without_a_finite_logit(void **state) {
  (void)state;
  random_begin();
  for (size_t f = 0; f < COUNT(forms); f++)
    for (int variant = 0; variant < 8; variant++) {
      if (forms[f].base == SY_LOSS_SIGMOID) continue;
      loss_layout layout = form_layout(&forms[f], variant);
      loss_sample sample = form_sample(&forms[f], &layout);
      size_t K = forms[f].n_classes;
      for (size_t k = 0; k < K; k++) ((double *)sample.problem.logits)[9 * K + k] = -INFINITY;
      loss_call call;
      loss_call_make(&sample.problem, &layout, &call);
      check_failure(&sample.problem, &call, SY_INVALID_DATA, "row 2, step 3");
      loss_call_clear(&call);
      loss_sample_free(&sample);
    }
}

/* A (600) batch of 4 classes whose labels are ids of 32 bits. */
typedef struct id_batch {
  loss_case c;
  loss_layout layout;
  loss_sample sample;
  loss_call call;
  int32_t *ids;
} id_batch;

static void id_batch_make(id_batch *made) {
  made->c = (loss_case){.n_classes = 4, .row_weights = true};
  made->layout = (loss_layout){.label_dtype = SY_I32};
  made->sample = loss_sample_make(&made->c, 600, 1);
  for (size_t i = 0; i < 600; i++) ((double *)made->sample.problem.row_weights)[i] = 1;
  loss_call_make(&made->sample.problem, &made->layout, &made->call);
  made->ids = (int32_t *)(void *)made->call.labels.memory;
}

static void id_batch_check(id_batch *made, sy_status wanted, const char *text) {
  check_failure(&made->sample.problem, &made->call, wanted, text);
  loss_call_clear(&made->call);
  loss_sample_free(&made->sample);
  id_batch_make(made);
}

static void id_batch_clear(id_batch *made) {
  loss_call_clear(&made->call);
  loss_sample_free(&made->sample);
}

static void labels_out_of_range(void **state) {
  (void)state;
  random_begin();
  id_batch b;
  id_batch_make(&b);
  b.ids[599] = 4;
  id_batch_check(&b, SY_INVALID_LABEL, "label 4 at row 600 is outside the 4 classes 0..3");
  b.ids[599] = 4, b.ids[311] = -2, b.ids[400] = 77;
  id_batch_check(&b, SY_INVALID_LABEL, "label -2 at row 312");
  b.ids[0] = INT32_MIN;
  id_batch_check(&b, SY_INVALID_LABEL, "label -2147483648 at row 1");
  b.ids[10] = -1, b.call.batch.has_ignore = true, b.call.batch.ignore = -100;
  id_batch_check(&b, SY_INVALID_LABEL, "label -1 at row 11");
  b.call.batch.labels.values.dtype = SY_F32;
  id_batch_check(&b, SY_INVALID_ARGUMENT, "float32");
  b.call.batch.labels.kind = SY_LABEL_MULTI_HOT;
  id_batch_check(&b, SY_INVALID_ARGUMENT, "multi-hot");
  b.call.batch.labels.kind = SY_LABEL_ONE_HOT;
  id_batch_check(&b, SY_INVALID_SHAPE, "(600)");
  id_batch_clear(&b);
}

static void row_weights_out_of_range(void **state) {
  (void)state;
  random_begin();
  id_batch b;
  id_batch_make(&b);
  static const double bad[] = {-1, NAN, INFINITY, -INFINITY};
  static const char *const texts[] = {"-1", "nan", "inf", "-inf"};
  for (size_t i = 0; i < 4; i++) {
    double *weights = (double *)(void *)b.call.weights.memory;
    weights[500] = bad[i], weights[599] = bad[3 - i];
    id_batch_check(&b, SY_INVALID_WEIGHT, "row 501");
    weights = (double *)(void *)b.call.weights.memory;
    weights[500] = bad[i];
    id_batch_check(&b, SY_INVALID_WEIGHT, texts[i]);
  }
  double *weights = (double *)(void *)b.call.weights.memory;
  weights[500] = weights[400] = DBL_MAX;
  id_batch_check(&b, SY_INVALID_WEIGHT, "infinity");
  id_batch_clear(&b);
}

static void shapes_that_do_not_agree(void **state) {
  (void)state;
  random_begin();
  id_batch b;
  id_batch_make(&b);
  b.call.batch.labels.values.shape[0] = 599;
  id_batch_check(&b, SY_INVALID_SHAPE, "(599)");
  b.call.mask_view.shape[0] = 300;
  b.call.batch.labels.mask = &b.call.mask_view;
  id_batch_check(&b, SY_INVALID_SHAPE, "mask");
  b.call.weights_view.shape[0] = 30;
  id_batch_check(&b, SY_INVALID_SHAPE, "weights");
  b.call.weights_view.dtype = SY_I64;
  id_batch_check(&b, SY_INVALID_ARGUMENT, "int64");
  b.call.batch.labels.values.data = NULL;
  id_batch_check(&b, SY_INVALID_ARGUMENT, "data");
  const double costs[600 * 4] = {0};
  sy_array row_costs = sy_array_of(costs, SY_F64, 2, (size_t[]){600, 4});
  b.call.batch.row_costs = &row_costs;
  id_batch_check(&b, SY_INVALID_ARGUMENT, "cost");
  id_batch_clear(&b);
}

/* Types and shapes under which the logits' own memory would be misread: outputs are not looked at.
 */
static void logits_of_another_kind(void **state) {
  (void)state;
  const double z[8] = {0};
  sy_loss_options o = sy_loss_options_default(4);
  sy_loss *loss;
  assert_int_equal(sy_loss_new(&o, &loss, NULL), SY_OK);
  sy_loss_batch batch = {.logits = sy_array_of(z, SY_I32, 2, (size_t[]){2, 4}), .class_axis = 1};
  batch.labels.values = sy_array_of(IDS(0, 1), SY_I32, 1, (size_t[]){2});
  sy_error error;
  sy_loss_result result = {.value = 5};
  assert_int_equal(sy_loss_evaluate(loss, &batch, &result, &error), SY_INVALID_ARGUMENT);
  assert_holds(&error, "float32 or float64");
  batch.logits.dtype = SY_F64;
  batch.logits.shape[1] = 3;
  assert_int_equal(sy_loss_evaluate(loss, &batch, &result, &error), SY_INVALID_SHAPE);
  assert_holds(&error, "3");
  batch.class_axis = 0;
  assert_int_equal(sy_loss_evaluate(loss, &batch, &result, &error), SY_INVALID_SHAPE);
  assert_holds(&error, "(2, 3)");
  batch.class_axis = 2;
  assert_int_equal(sy_loss_evaluate(loss, &batch, &result, &error), SY_INVALID_SHAPE);
  assert_holds(&error, "class axis");
  batch.logits.n_axes = 0;
  assert_int_equal(sy_loss_evaluate(loss, &batch, &result, &error), SY_INVALID_SHAPE);
  batch.logits.n_axes = SY_MAX_AXES + 1;
  assert_int_equal(sy_loss_evaluate(loss, &batch, &result, &error), SY_INVALID_SHAPE);
  assert_true(result.value == 0);
  sy_loss_free(loss);
}

/* --- rows of labels and costs --- */

static void check_cell(loss_case c, double bad, sy_status wanted, const char *text) {
  for (int variant = 0; variant < 8; variant++) {
    loss_layout layout = form_layout(&c, variant);
    layout.hot = true;
    layout.label_dtype = SY_F32;
    loss_sample sample = form_sample(&c, &layout);
    loss_call call;
    loss_call_make(&sample.problem, &layout, &call);
    for (size_t i = sample.problem.n - 9; i < sample.problem.n; i += 3)
      number_store(&call.labels.view, element_of(&call.labels.view, call.batch.class_axis, i, 1),
                   bad);
    check_failure(&sample.problem, &call, wanted, text);
    loss_call_clear(&call);
    loss_sample_free(&sample);
  }
}

static void labels_that_are_no_parts(void **state) {
  (void)state;
  random_begin();
  loss_case soft = {.n_classes = 4, .soft = true};
  loss_case cells = {.base = SY_LOSS_SIGMOID, .n_classes = 3};
  static const double bad[] = {NAN, INFINITY, -0.25, 3};
  for (size_t i = 0; i < 4; i++) {
    check_cell(soft, bad[i], SY_INVALID_LABEL, "row 299, step 6");
    check_cell(cells, bad[i], SY_INVALID_LABEL, "row 299, step 6");
  }
}

/* A margin belongs to one class; so does a prediction that is compared with it. */
static void soft_rows_where_one_class_is_needed(void **state) {
  (void)state;
  random_begin();
  loss_case refusing[] = {{.n_classes = 4, .margins = true},
                          {.n_classes = 4, .ldam = true},
                          {.n_classes = 4, .by_prediction = true}};
  for (size_t c = 0; c < COUNT(refusing); c++) {
    loss_layout layout = {.label_dtype = SY_F64, .hot = true};
    loss_sample sample = loss_sample_make(&refusing[c], 20, 1);
    double *label = (double *)sample.problem.labels + 6 * 4;
    for (int k = 0; k < 4; k++) label[k] = 0.25;
    loss_call call;
    loss_call_make(&sample.problem, &layout, &call);
    check_failure(&sample.problem, &call, SY_INVALID_LABEL, "row 7 is soft");
    loss_call_clear(&call);
    loss_sample_free(&sample);
  }
}

static void costs_of_rows(void **state) {
  (void)state;
  random_begin();
  for (int variant = 0; variant < 16; variant++) {
    loss_case c = {.n_classes = 3, .row_costs = true};
    c.cost_use = variant & 8 ? SY_COST_ARGMAX : SY_COST_EXPECTED;
    loss_layout layout = form_layout(&c, variant);
    loss_sample sample = form_sample(&c, &layout);
    double *costs = (double *)sample.problem.row_costs;
    for (size_t k = 0; k < 3; k++) costs[16 * 3 + k] = costs[900 * 3 + k] = NAN;
    loss_call call;
    loss_call_make(&sample.problem, &layout, &call);
    check_failure(&sample.problem, &call, SY_INVALID_COST, "row 3, step 3");
    loss_call_clear(&call);
    loss_call_make(&sample.problem, &layout, &call);
    call.costs_view.shape[0]--;
    check_failure(&sample.problem, &call, SY_INVALID_SHAPE, "cost");
    loss_call_clear(&call);
    loss_call_make(&sample.problem, &layout, &call);
    call.costs_view.dtype = SY_I32;
    check_failure(&sample.problem, &call, SY_INVALID_ARGUMENT, "int32");
    loss_call_clear(&call);
    loss_call_make(&sample.problem, &layout, &call);
    call.batch.row_costs = NULL;
    check_failure(&sample.problem, &call, SY_INVALID_ARGUMENT, "cost");
    loss_call_clear(&call);
    loss_sample_free(&sample);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_out_of_range),
      cmocka_unit_test(transforms_that_are_not_finite),
      cmocka_unit_test(costs_that_are_not_usable),
      cmocka_unit_test(parts_that_do_not_go_together),
      cmocka_unit_test(kinds_that_do_not_exist),
      cmocka_unit_test(logits_that_are_no_numbers),
      cmocka_unit_test(the_first_of_all_threads),
      cmocka_unit_test(rows_without_a_finite_logit),
      cmocka_unit_test(labels_out_of_range),
      cmocka_unit_test(row_weights_out_of_range),
      cmocka_unit_test(shapes_that_do_not_agree),
      cmocka_unit_test(logits_of_another_kind),
      cmocka_unit_test(labels_that_are_no_parts),
      cmocka_unit_test(soft_rows_where_one_class_is_needed),
      cmocka_unit_test(costs_of_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
