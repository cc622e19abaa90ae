/* test_loss_properties.c: thousands of random losses, all parts combined, on random batches of
 * every type, shape and stride, against the reference; on one thread and on three, and in place. */
#include "arrays.h"
#include "loss_cases.h"

enum { CASES = 4000, SMALL = 40, LARGE = 4000 };

static bool one_in(size_t n) {
  return random_below(n) == 0;
}

static double pick(const double *values, size_t n) {
  return values[random_below(n)];
}

static size_t draw_classes(bool sigmoid) {
  if (one_in(40)) return 100 + random_below(1000);
  if (one_in(6)) return 9 + random_below(60);
  return sigmoid && one_in(2) ? 1 : 1 + random_below(8);
}

/* What goes by one class a position. */
static void draw_hard_parts(loss_case *c) {
  c->margins = one_in(4);
  c->ldam = one_in(8);
  c->by_prediction = one_in(6);
}

static void draw_softmax_parts(loss_case *c) {
  static const double taus[] = {0.5, 1, 2};
  if (!c->soft) draw_hard_parts(c);
  if (one_in(6)) c->adjustment = pick(taus, 3);
  c->vs = one_in(8);
  if (one_in(3)) c->cost_use = one_in(2) ? SY_COST_ARGMAX : SY_COST_EXPECTED;
  c->row_costs = c->cost_use != SY_COST_UNUSED && (one_in(2) || c->n_classes > 100);
}

/* About a third of the losses is plain: those have kernels of their own. */
static loss_case draw_case(void) {
  static const double smoothings[] = {0.1, 0.5, 1}, gammas[] = {0.5, 1, 2, 3.5};
  static const double scales[] = {0.25, 1, 2.5}, spreads[] = {0.5, 4, 30, 1000, 10000};
  loss_case c = {.name = "random", .base = one_in(4) ? SY_LOSS_SIGMOID : SY_LOSS_SOFTMAX};
  c.n_classes = draw_classes(c.base == SY_LOSS_SIGMOID);
  c.soft = one_in(3);
  c.class_weights = one_in(2);
  c.row_weights = one_in(2);
  c.taken_out = one_in(2);
  c.poisoned = one_in(2);
  c.reduction = (sy_reduction)random_below(SY_REDUCTION_NONE + 1);
  c.spread = pick(spreads, 5);
  c.infinite = one_in(4);
  if (one_in(3)) return c;
  c.slopes = one_in(4);
  c.offsets = one_in(4);
  if (one_in(4)) c.scale = pick(scales, 3);
  if (one_in(3)) c.smoothing = pick(smoothings, 3);
  if (c.base == SY_LOSS_SOFTMAX)
    draw_softmax_parts(&c);
  else
    c.margins = one_in(4) && !c.soft;
  if (one_in(3) && c.cost_use != SY_COST_EXPECTED) c.focal = pick(gammas, 4);
  c.infinite &= c.smoothing == 0 && c.cost_use != SY_COST_ARGMAX;
  return c;
}

/* Types that hold the labels, those taken out included. */
static void draw_label_type(const loss_case *c, loss_layout *layout) {
  static const sy_dtype any[] = {SY_I8,  SY_I16, SY_I32, SY_I64, SY_F32,
                                 SY_F64, SY_U8,  SY_U16, SY_U32, SY_U64};
  bool cells = c->base == SY_LOSS_SIGMOID && c->n_classes > 1;
  layout->hot = cells || c->soft || one_in(3);
  if (c->soft) {
    layout->label_dtype = one_in(2) ? SY_F32 : SY_F64;
    layout->ignore = one_in(2) ? -1 : 7;
  } else if (layout->hot) {
    bool negative = one_in(2);
    layout->label_dtype = any[random_below(negative ? 6 : 10)];
    layout->ignore = negative ? -1 : 100;
  } else {
    bool wide = c->n_classes > 100;
    layout->label_dtype = INTEGERS[random_below(COUNT(INTEGERS))];
    while (wide && element_size(layout->label_dtype) == 1)
      layout->label_dtype = INTEGERS[random_below(COUNT(INTEGERS))];
    layout->ignore = layout->label_dtype >= SY_U8 ? (wide ? 60000 : 200) : -100;
  }
}

static loss_layout draw_layout(const loss_case *c, size_t *n) {
  loss_layout layout = {.n_axes = 1 + random_below(3), .float32 = one_in(2)};
  size_t most = c->n_classes > 100 ? 12 : one_in(30) ? LARGE : SMALL;
  *n = 1;
  for (size_t a = 0; a < layout.n_axes; a++) {
    size_t left = most / *n, last = a + 1 == layout.n_axes;
    layout.shape[a] = 1 + random_below(last ? left : 1 + left / 4);
    *n *= layout.shape[a];
  }
  if (one_in(60)) layout.shape[random_below(layout.n_axes)] = 0;
  *n = shape_product(layout.shape, layout.n_axes);
  layout.anywhere = one_in(2);
  layout.class_axis = random_below(layout.n_axes + 1);
  layout.strided = one_in(3);
  layout.weights_by_row = one_in(2);
  layout.weights_float32 = one_in(2);
  layout.ignore_some = one_in(2);
  draw_label_type(c, &layout);
  return layout;
}

static void random_losses(void **state) {
  (void)state;
  random_begin();
  size_t told = 0;
  for (size_t i = 0; i < CASES; i++) {
    size_t n;
    loss_case c = draw_case();
    loss_layout layout = draw_layout(&c, &n);
    size_t rows = layout.shape[0];
    loss_sample sample = loss_sample_make(&c, n, n > 0 ? n / rows : 1);
    loss_answer answer = reference_evaluate(&sample.problem);
    check_layout(&sample.problem, &answer, &layout);
    told += answer.value != 0;
    loss_answer_free(&answer);
    loss_sample_free(&sample);
  }
  assert_true(told > CASES / 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_losses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
