/* test_loss_shapes.c: sizes from nothing to 32000 classes, and numbers at the edges of their range,
 * each entry held to its own size: the bounds of float32 are 1e-6 max(1, |z|) of the loss and 1e-5
 * of the gradient. */
#include "loss_cases.h"

#include "arrays.h"

/* Each entry of the gradient has digits of its own, the label's of a row that is nearly certain
 * too. */
static void assert_exact(const loss_output *output, const loss_answer *answer,
                         const loss_problem *p, bool float32) {
  real grown = fmaxl(1, answer->largest), bound = float32 ? 1e-5L : 1e-14L * (16 + answer->largest);
  real scale = answer->divisor == 0 ? 0 : 1 / answer->divisor, tiny = float32 ? FLT_MIN : DBL_MIN;
  assert_answers(output, answer, p, float32);
  for (size_t i = 0; i < p->n; i++) {
    real weight = p->row_weights ? p->row_weights[i] : 1;
    assert_close(output->losses[i], answer->losses[i],
                 float32 ? weight * grown + answer->losses[i] : answer->losses[i],
                 float32 ? 1e-6L : bound, tiny, "loss", i);
  }
  for (size_t j = 0; j < p->n * p->options.n_classes; j++)
    assert_close(output->gradient[j], answer->gradient[j], fabsl(answer->gradient[j]), bound,
                 tiny * fmaxl(1, scale), "gradient", j);
}

static void check_exact(const loss_problem *p, const loss_answer *answer,
                        const loss_layout *layout) {
  loss_call call;
  loss_call_make(p, layout, &call);
  sy_loss *loss = loss_make(p, &call);
  for (int hessian_too = 0; hessian_too < 2; hessian_too++) {
    loss_output output = loss_run(loss, p, &call, hessian_too);
    assert_exact(&output, answer, p, layout->float32);
    loss_output_free(&output);
  }
  sy_loss_free(loss);
  loss_call_clear(&call);
  check_layout(p, answer, layout);
}

/* Both types, class axis last and first; labels as ids. */
static void check_case(const loss_case *c, size_t n) {
  loss_sample sample = loss_sample_make(c, n, 1);
  loss_answer answer = reference_evaluate(&sample.problem);
  for (int form = 0; form < 4; form++) {
    loss_layout layout = {.label_dtype = SY_I32, .float32 = form & 1, .n_axes = 2};
    layout.shape[0] = form & 2 ? 1 : n;
    layout.shape[1] = form & 2 ? n : 1;
    layout.class_first = (form & 2) > 0;
    check_exact(&sample.problem, &answer, &layout);
  }
  loss_answer_free(&answer);
  loss_sample_free(&sample);
}

static void sizes(void **state) {
  (void)state;
  random_begin();
  static const size_t classes[] = {1, 2, 3, 4, 5, 7, 8, 9, 10, 16, 17, 31, 64, 97, 1000, 32000};
  static const size_t rows[] = {0, 1, 2, 3, 7, 31, 127, 257, 521, 1031};
  for (size_t k = 0; k < COUNT(classes); k++)
    for (size_t i = 0; i < COUNT(rows); i++) {
      if (classes[k] * rows[i] > 100000) continue;
      loss_case c = {.n_classes = classes[k], .class_weights = i % 2, .row_weights = i % 3 == 0};
      check_case(&c, rows[i]);
    }
}

/* The same sizes for a loss that is not plain. */
static void sizes_with_parts(void **state) {
  (void)state;
  random_begin();
  static const size_t classes[] = {1, 2, 3, 10, 63, 64, 65, 511, 512, 513, 1000, 32000};
  static const size_t rows[] = {0, 1, 2, 13, 127, 257, 521};
  for (size_t k = 0; k < COUNT(classes); k++)
    for (size_t i = 0; i < COUNT(rows); i++) {
      if (classes[k] * rows[i] > 70000) continue;
      loss_case c = {.n_classes = classes[k], .focal = i % 2 ? 2 : 0, .smoothing = 0.1};
      c.offsets = true, c.slopes = i % 3 == 0;
      loss_sample sample = loss_sample_make(&c, rows[i], 1);
      loss_answer answer = reference_evaluate(&sample.problem);
      for (int form = 0; form < 4; form++) {
        loss_layout layout = {.label_dtype = SY_U16, .float32 = form & 1, .n_axes = 2};
        layout.shape[0] = 1, layout.shape[1] = rows[i];
        layout.class_first = (form & 2) > 0;
        check_layout(&sample.problem, &answer, &layout);
      }
      loss_answer_free(&answer);
      loss_sample_free(&sample);
    }
}

static void sizes_of_sigmoids(void **state) {
  (void)state;
  random_begin();
  static const size_t labels[] = {1, 2, 3, 17, 1000}, rows[] = {0, 1, 2, 257, 1031};
  for (size_t k = 0; k < COUNT(labels); k++)
    for (size_t i = 0; i < COUNT(rows); i++) {
      if (labels[k] * rows[i] > 100000) continue;
      loss_case c = {.base = SY_LOSS_SIGMOID, .n_classes = labels[k], .class_weights = true};
      c.spread = 100;
      loss_sample sample = loss_sample_make(&c, rows[i], 1);
      loss_answer answer = reference_evaluate(&sample.problem);
      for (int form = 0; form < 4; form++) {
        loss_layout layout = {.label_dtype = SY_U8, .float32 = form & 1, .hot = true};
        layout.n_axes = 2, layout.shape[0] = 1, layout.shape[1] = rows[i];
        layout.class_first = (form & 2) > 0;
        check_exact(&sample.problem, &answer, &layout);
      }
      loss_answer_free(&answer);
      loss_sample_free(&sample);
    }
}

static void logits_far_apart(void **state) {
  (void)state;
  random_begin();
  static const double spreads[] = {1e-3, 20, 60, 200, 1e4};
  static const size_t classes[] = {2, 3, 10, 33, 1000};
  for (size_t s = 0; s < COUNT(spreads); s++)
    for (size_t k = 0; k < COUNT(classes); k++) {
      loss_case c = {.n_classes = classes[k], .spread = spreads[s], .class_weights = true};
      check_case(&c, 90);
    }
}

/* Some classes were not learnt: in most rows their logit is -inf. */
static void logits_of_minus_infinity(void **state) {
  (void)state;
  random_begin();
  static const size_t classes[] = {2, 3, 10, 33, 1000};
  for (size_t k = 0; k < COUNT(classes); k++) {
    loss_case c = {.n_classes = classes[k], .infinite = true, .class_weights = true};
    check_case(&c, 90);
  }
}

/* Of a label that has no probability the loss is infinite, its gradient is not. */
static void labels_without_probability(void **state) {
  (void)state;
  static const size_t classes[] = {2, 10, 600};
  for (size_t s = 0; s < COUNT(classes); s++) {
    size_t K = classes[s];
    loss_case c = {.n_classes = K};
    random_begin();
    loss_sample sample = loss_sample_make(&c, 3, 1);
    size_t label = hard_label(&sample.problem, 1);
    ((double *)sample.problem.logits)[K + label] = -INFINITY;
    loss_answer answer = reference_evaluate(&sample.problem);
    assert_true(isinf(answer.value));
    assert_true(answer.gradient[K + label] == -1 / 3.0L);
    for (int form = 0; form < 2; form++) {
      loss_layout layout = {.label_dtype = SY_I32, .float32 = form};
      check_layout(&sample.problem, &answer, &layout);
    }
    loss_answer_free(&answer);
    loss_sample_free(&sample);
  }
}

/* Logits, weights and what comes of them below the normal numbers. */
static void denormal_numbers(void **state) {
  (void)state;
  random_begin();
  static const size_t classes[] = {2, 10, 600};
  for (size_t s = 0; s < COUNT(classes); s++) {
    loss_case c = {.n_classes = classes[s], .row_weights = true};
    loss_sample sample = loss_sample_make(&c, 50, 1);
    double *logits = (double *)sample.problem.logits;
    for (size_t j = 0; j < 50 * classes[s]; j++) logits[j] *= 0x1p-140;
    loss_answer answer = reference_evaluate(&sample.problem);
    for (int form = 0; form < 2; form++) {
      loss_layout layout = {.label_dtype = SY_I32, .float32 = form};
      check_layout(&sample.problem, &answer, &layout);
    }
    loss_answer_free(&answer);
    for (size_t i = 0; i < 50; i++) ((double *)sample.problem.row_weights)[i] *= 0x1p-1060;
    answer = reference_evaluate(&sample.problem); /* of little weight the mean is no other */
    loss_layout layout = {.label_dtype = SY_I32};
    loss_call call;
    loss_call_make(&sample.problem, &layout, &call);
    sy_loss *loss = loss_make(&sample.problem, &call);
    loss_output output = loss_run(loss, &sample.problem, &call, true);
    assert_close(output.value, answer.value, answer.value, 1e-3L, 0, "value", 0);
    for (size_t j = 0; j < 50 * classes[s]; j++)
      assert_close(output.gradient[j], answer.gradient[j], answer.gradient_size[j], 1e-9L, 1e-9L,
                   "gradient", j);
    loss_output_free(&output);
    sy_loss_free(loss);
    loss_call_clear(&call);
    loss_answer_free(&answer);
    loss_sample_free(&sample);
  }
}

/* --- nothing to learn from --- */

static void assert_nothing(const loss_case *c, const loss_sample *sample, bool hot) {
  for (int form = 0; form < 2; form++) {
    loss_layout layout = {.label_dtype = SY_I16, .float32 = form, .hot = hot, .ignore = -1};
    layout.ignore_some = true;
    if (c->soft) layout.label_dtype = SY_F64;
    loss_call call;
    loss_call_make(&sample->problem, &layout, &call);
    sy_loss *loss = loss_make(&sample->problem, &call);
    loss_output output = loss_run(loss, &sample->problem, &call, true);
    if (output.status != SY_OK) fail_msg("%s", output.error.text);
    assert_true(output.value == 0 && output.total_weight == 0);
    for (size_t i = 0; i < sample->problem.n; i++) assert_true(output.losses[i] == 0);
    for (size_t j = 0; j < sample->problem.n * c->n_classes; j++)
      assert_true(output.gradient[j] == 0 && output.hessian[j] == 0);
    loss_output_free(&output);
    sy_loss_free(loss);
    loss_call_clear(&call);
  }
}

/* All ignored, all row weights 0, all class weights 0: by every reduction loss 0, gradient 0. */
static void no_weight_is_no_loss(void **state) {
  (void)state;
  random_begin();
  static const double zeros[16];
  static const loss_case some[] = {
      {.n_classes = 3},
      {.n_classes = 8, .smoothing = 0.1},
      {.n_classes = 3, .focal = 2},
      {.n_classes = 3, .cost_use = SY_COST_EXPECTED},
      {.n_classes = 3, .by_prediction = true},
      {.n_classes = 3, .soft = true},
      {.base = SY_LOSS_SIGMOID, .n_classes = 1},
      {.base = SY_LOSS_SIGMOID, .n_classes = 4, .smoothing = 0.2},
  };
  for (size_t i = 0; i < COUNT(some); i++)
    for (int reduction = 0; reduction <= SY_REDUCTION_NONE; reduction++) {
      loss_case c = some[i];
      c.reduction = (sy_reduction)reduction;
      c.row_weights = true;
      bool hot = c.soft || (c.base == SY_LOSS_SIGMOID && c.n_classes > 1);
      loss_sample sample = loss_sample_make(&c, 300, 1);
      sample.problem.options.class_weights = zeros;
      assert_nothing(&c, &sample, hot);
      sample.problem.options.class_weights = NULL;
      for (size_t j = 0; j < 300; j++) ((double *)sample.problem.row_weights)[j] = 0;
      assert_nothing(&c, &sample, hot);
      sample.problem.row_weights = NULL;
      for (size_t j = 0; j < 300; j++) sample.taken_out[j] = true;
      for (size_t j = 0; j < 300 * c.n_classes; j++)
        ((double *)sample.problem.logits)[j] = (double)NAN;
      assert_nothing(&c, &sample, hot);
      loss_sample_free(&sample);
    }
}

/* An id that is one of the classes may be the one to ignore. */
static void a_class_can_be_ignored(void **state) {
  (void)state;
  random_begin();
  loss_case c = {.n_classes = 4, .class_weights = true};
  loss_sample sample = loss_sample_make(&c, 400, 1);
  for (size_t i = 0; i < 400; i++) sample.taken_out[i] = hard_label(&sample.problem, i) == 2;
  loss_answer answer = reference_evaluate(&sample.problem);
  for (size_t i = 0; i < 400; i++) sample.taken_out[i] = false;
  loss_layout layout = {.label_dtype = SY_U8, .ignore = 2};
  loss_call call;
  loss_call_make(&sample.problem, &layout, &call);
  call.batch.has_ignore = true;
  sy_loss *loss = loss_make(&sample.problem, &call);
  loss_output output = loss_run(loss, &sample.problem, &call, true);
  assert_answers(&output, &answer, &sample.problem, false);
  loss_output_free(&output);
  sy_loss_free(loss);
  loss_call_clear(&call);
  loss_answer_free(&answer);
  loss_sample_free(&sample);
}

/* --- smoothing --- */

/* Smoothing of 0 is none, bit for bit; of 1 all labels say the same but for their weight. */
static void smoothing_from_none_to_all(void **state) {
  (void)state;
  random_begin();
  static const size_t classes[] = {1, 2, 5, 200};
  for (size_t k = 0; k < COUNT(classes); k++)
    for (int soft = 0; soft < 2; soft++) {
      loss_case c = {.n_classes = classes[k], .smoothing = 1, .soft = soft};
      loss_sample sample = loss_sample_make(&c, 77, 1);
      loss_answer answer = reference_evaluate(&sample.problem);
      loss_layout layout = {.label_dtype = SY_F32, .hot = true};
      check_layout(&sample.problem, &answer, &layout);
      real even = 0;
      for (size_t i = 0; i < 77; i++) {
        const double *z = sample.problem.logits + i * c.n_classes;
        real sum = 0, mean = 0;
        for (size_t j = 0; j < c.n_classes; j++) sum += expl(z[j]), mean += z[j];
        even += (logl(sum) - mean / c.n_classes) / 77;
      }
      assert_close((double)answer.value, even, fmaxl(even, 1), 1e-14L, 0, "even", k);
      loss_answer_free(&answer);
      loss_sample_free(&sample);
    }
}

/* K = 1: one class is certain. */
static void one_class_is_certain(void **state) {
  (void)state;
  random_begin();
  static const loss_case ones[] = {{.n_classes = 1},
                                   {.n_classes = 1, .focal = 2, .smoothing = 0.5},
                                   {.n_classes = 1, .focal = 0.5, .margins = true},
                                   {.n_classes = 1, .offsets = true, .by_prediction = true}};
  for (size_t i = 0; i < COUNT(ones); i++) {
    loss_sample sample = loss_sample_make(&ones[i], 300, 1);
    for (int form = 0; form < 2; form++) {
      loss_layout layout = {.label_dtype = SY_I32, .float32 = form};
      loss_call call;
      loss_call_make(&sample.problem, &layout, &call);
      sy_loss *loss = loss_make(&sample.problem, &call);
      loss_output output = loss_run(loss, &sample.problem, &call, true);
      assert_true(output.status == SY_OK && output.value == 0 && output.total_weight == 300);
      for (size_t j = 0; j < 300; j++)
        assert_true(output.gradient[j] == 0 && output.hessian[j] == 0 && output.losses[j] == 0);
      loss_output_free(&output);
      sy_loss_free(loss);
      loss_call_clear(&call);
    }
    loss_sample_free(&sample);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sizes),
      cmocka_unit_test(sizes_with_parts),
      cmocka_unit_test(sizes_of_sigmoids),
      cmocka_unit_test(logits_far_apart),
      cmocka_unit_test(logits_of_minus_infinity),
      cmocka_unit_test(labels_without_probability),
      cmocka_unit_test(denormal_numbers),
      cmocka_unit_test(no_weight_is_no_loss),
      cmocka_unit_test(a_class_can_be_ignored),
      cmocka_unit_test(smoothing_from_none_to_all),
      cmocka_unit_test(one_class_is_certain),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
