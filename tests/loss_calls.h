/* loss_calls.h: a loss problem laid out in memory in any type, shape and strides, run through the
 * library, and held to the reference; nothing but the outputs' own elements may be written. */
#ifndef TESTS_LOSS_CALLS_H
#define TESTS_LOSS_CALLS_H

#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "loss_reference.h"
#include "random_arrays.h"

/* How a problem is told. Zero is float64, one axis of positions, class axis last, ids. */
typedef struct loss_layout {
  sy_dtype dtype;
  bool float32;            /* logits and outputs */
  size_t n_axes, shape[4]; /* of the positions; no axes: (n) */
  bool class_first;        /* class axis right after the first axis */
  size_t class_axis;       /* used where `anywhere` */
  bool anywhere;
  bool strided; /* random order, direction and gaps of every array */
  bool hot;     /* one-hot or multi-hot labels, where ids would do */
  sy_dtype label_dtype;
  bool float_labels;
  int64_t ignore;   /* what stands for positions taken out; of a sigmoid, for cells */
  bool ignore_some; /* even positions that are taken out have that id, the others a mask */
  bool weights_by_row, weights_float32;
} loss_layout;

/* A problem in memory. */
typedef struct loss_call {
  sy_loss_batch batch;
  random_array logits, labels, mask, weights, costs;
  sy_array mask_view, weights_view, costs_view;
  bool masks;
  char parts[400];
} loss_call;

/* What came. Elements in the order of the problem. */
typedef struct loss_output {
  sy_status status;
  sy_error error;
  bool has_hessian;
  double value, total_weight;
  double *losses, *gradient, *hessian; /* (n), (n, K), (n, K) */
} loss_output;

static inline random_array array_make(bool strided, sy_dtype dtype, const size_t *shape,
                                      size_t n_axes) {
  if (strided) return random_layout(dtype, shape, n_axes);
  size_t bytes = shape_product(shape, n_axes) * element_size(dtype);
  random_array array = {sy_array_of(NULL, dtype, n_axes, shape), malloc(bytes + 1)};
  array.view.data = array.memory;
  return array;
}

static inline void number_store(const sy_array *array, size_t index, double value) {
  if (array->dtype == SY_F32) {
    float narrow = (float)value;
    memcpy(element_at(array, index), &narrow, sizeof narrow);
  } else if (array->dtype == SY_F64) {
    memcpy(element_at(array, index), &value, sizeof value);
  } else {
    store_element(array, index, (int64_t)value);
  }
}

static inline double number_load(const sy_array *array, size_t index) {
  if (array->dtype == SY_F32) {
    float narrow;
    memcpy(&narrow, element_at(array, index), sizeof narrow);
    return (double)narrow;
  }
  double value;
  memcpy(&value, element_at(array, index), sizeof value);
  return value;
}

/* Shape of the positions with a class axis of length K put in; returns its number of axes. */
static inline size_t shape_with_classes(const loss_problem *p, const loss_layout *layout,
                                        size_t *shape, size_t *class_axis) {
  size_t n_axes = layout->n_axes ? layout->n_axes : 1;
  *class_axis = layout->anywhere ? layout->class_axis : layout->class_first ? 1 : n_axes;
  for (size_t a = 0, from = 0; a <= n_axes; a++)
    shape[a] = a == *class_axis ? p->options.n_classes
               : layout->n_axes ? layout->shape[from++]
                                : p->n;
  return n_axes + 1;
}

/* C order index of class k at position i. */
static inline size_t element_of(const sy_array *array, size_t class_axis, size_t i, size_t k) {
  size_t inner = 1;
  for (size_t a = class_axis + 1; a < array->n_axes; a++) inner *= array->shape[a];
  return (i / inner * array->shape[class_axis] + k) * inner + i % inner;
}

static inline random_array classes_make(const loss_problem *p, const loss_layout *layout,
                                        sy_dtype dtype, const double *values, size_t *axis) {
  size_t shape[8], n_axes = shape_with_classes(p, layout, shape, axis);
  random_array array = array_make(layout->strided, dtype, shape, n_axes);
  for (size_t i = 0; i < p->n; i++)
    for (size_t k = 0; k < p->options.n_classes; k++)
      number_store(&array.view, element_of(&array.view, *axis, i, k),
                   values[i * p->options.n_classes + k]);
  return array;
}

static inline random_array positions_make(const loss_problem *p, const loss_layout *layout,
                                          sy_dtype dtype) {
  const size_t *shape = layout->n_axes ? layout->shape : &p->n;
  return array_make(layout->strided, dtype, shape, layout->n_axes ? layout->n_axes : 1);
}

/* The class that has all of the label; K where there is none. */
static inline size_t hard_label(const loss_problem *p, size_t i) {
  size_t K = p->options.n_classes, k = 0;
  if (p->options.base == SY_LOSS_SIGMOID) return p->labels[i] == 1;
  while (k < K && p->labels[i * K + k] != 1) k++;
  return k;
}

static inline bool ignored_by_id(const loss_problem *p, const loss_layout *layout, size_t i) {
  return p->taken_out && p->taken_out[i] && layout->ignore_some && i % 2 == 0;
}

static inline void ids_make(const loss_problem *p, const loss_layout *layout, loss_call *call) {
  call->labels = positions_make(p, layout, layout->label_dtype);
  call->batch.labels.kind = SY_LABEL_INDEX;
  call->batch.has_ignore = layout->ignore_some;
  for (size_t i = 0; i < p->n; i++)
    store_element(&call->labels.view, i,
                  ignored_by_id(p, layout, i) ? layout->ignore : (int64_t)hard_label(p, i));
}

static inline void hot_make(const loss_problem *p, const loss_layout *layout, loss_call *call) {
  size_t axis;
  bool sigmoid = p->options.base == SY_LOSS_SIGMOID;
  call->labels = classes_make(p, layout, layout->label_dtype, p->labels, &axis);
  call->batch.labels.kind = sigmoid ? SY_LABEL_MULTI_HOT : SY_LABEL_ONE_HOT;
  for (size_t j = 0; sigmoid && j < p->n * p->options.n_classes; j++) {
    if (!isnan(p->labels[j])) continue;
    call->batch.has_ignore = true;
    number_store(
        &call->labels.view,
        element_of(&call->labels.view, axis, j / p->options.n_classes, j % p->options.n_classes),
        (double)layout->ignore);
  }
}

static inline void mask_make(const loss_problem *p, const loss_layout *layout, loss_call *call) {
  call->mask = positions_make(p, layout, layout->strided ? SY_I16 : SY_U8);
  for (size_t i = 0; i < p->n; i++) {
    bool out = p->taken_out && p->taken_out[i];
    bool by_id = !layout->hot && ignored_by_id(p, layout, i);
    call->masks |= out && !by_id;
    store_element(&call->mask.view, i, !out || by_id);
  }
  call->mask_view = call->mask.view;
  if (call->masks) call->batch.labels.mask = &call->mask_view;
}

static inline void weights_make(const loss_problem *p, const loss_layout *layout, loss_call *call) {
  sy_dtype dtype = layout->weights_float32 ? SY_F32 : SY_F64;
  size_t rows = layout->n_axes ? layout->shape[0] : p->n;
  call->weights = layout->weights_by_row ? array_make(layout->strided, dtype, &rows, 1)
                                         : positions_make(p, layout, dtype);
  size_t elements = layout->weights_by_row ? rows : p->n;
  for (size_t i = 0; i < elements && p->n > 0; i++)
    number_store(&call->weights.view, i, p->row_weights[i * (p->n / elements)]);
  call->weights_view = call->weights.view;
  call->batch.labels.row_weights = &call->weights_view;
}

static inline void parts_write(const loss_problem *p, char parts[400]) {
  char focal[96] = "", adjustment[96] = "", ldam[96] = "", vs[96] = "";
  if (p->focal != 0) snprintf(focal, sizeof focal, "+focal:gamma=%.17g", p->focal);
  if (p->adjustment != 0)
    snprintf(adjustment, sizeof adjustment, "+logit-adjustment:tau=%.17g", p->adjustment);
  if (p->ldam_scale > 0)
    snprintf(ldam, sizeof ldam, "+ldam:margin=%.17g,scale=%.17g", p->ldam_margin, p->ldam_scale);
  if (p->vs) snprintf(vs, sizeof vs, "+vs:gamma=%.17g,tau=%.17g", p->vs_gamma, p->vs_tau);
  snprintf(parts, 400, "%s%s%s%s", vs, ldam, focal, adjustment);
}

/* `call` stays where it is: the batch points into it. */
static inline void loss_call_make(const loss_problem *p, const loss_layout *layout,
                                  loss_call *call) {
  *call = (loss_call){.parts = ""};
  parts_write(p, call->parts);
  call->logits = classes_make(p, layout, layout->float32 ? SY_F32 : SY_F64, p->logits,
                              &call->batch.class_axis);
  call->batch.ignore = layout->ignore;
  if (layout->hot)
    hot_make(p, layout, call);
  else
    ids_make(p, layout, call);
  call->batch.logits = call->logits.view;
  call->batch.labels.values = call->labels.view;
  mask_make(p, layout, call);
  if (p->row_weights) weights_make(p, layout, call);
  if (!p->row_costs) return;
  size_t axis;
  call->costs = classes_make(p, layout, layout->float32 ? SY_F32 : SY_F64, p->row_costs, &axis);
  call->costs_view = call->costs.view;
  call->batch.row_costs = &call->costs_view;
}

static inline void loss_call_clear(loss_call *call) {
  free(call->logits.memory);
  free(call->labels.memory);
  free(call->mask.memory);
  free(call->weights.memory);
  free(call->costs.memory);
}

static inline sy_loss *loss_make(const loss_problem *p, const loss_call *call) {
  sy_loss_options options = p->options;
  sy_loss *loss = NULL;
  sy_error error = {SY_OK, ""};
  if (*call->parts) options.parts = call->parts + 1;
  options.counts = p->counts;
  if (sy_loss_new(&options, &loss, &error) != SY_OK) fail_msg("%s", error.text);
  return loss;
}

/* --- running --- */

enum { SOIL = 0xA5 };

/* Memory laid out as `like`, all soiled, and guarded on both sides. */
typedef struct guarded {
  sy_array view;
  char *memory;
  size_t bytes;
} guarded;

static inline guarded guarded_make(const sy_array *like) {
  ptrdiff_t low = 0, high = 0;
  guarded made = {*like, NULL, 0};
  size_t size = element_size(like->dtype), guard = 16 * size;
  for (size_t a = 0; a < like->n_axes; a++) {
    ptrdiff_t reach = like->shape[a] == 0 ? 0 : (ptrdiff_t)(like->shape[a] - 1) * like->strides[a];
    *(reach < 0 ? &low : &high) += reach;
  }
  made.bytes = (size_t)(high - low + 1) * size + 2 * guard;
  made.memory = malloc(made.bytes);
  memset(made.memory, SOIL, made.bytes);
  made.view.data = made.memory + guard + (size_t)-low * size;
  return made;
}

/* Takes the numbers out, in C order of `values`, and sees that no other byte was written. */
static inline void guarded_read(guarded *made, size_t class_axis, size_t n, size_t K,
                                double *values) {
  size_t size = element_size(made->view.dtype);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < K; k++) {
      size_t index = element_of(&made->view, class_axis, i, k);
      values[i * K + k] = number_load(&made->view, index);
      memset(element_at(&made->view, index), SOIL, size);
    }
  for (size_t b = 0; b < made->bytes; b++)
    if ((unsigned char)made->memory[b] != SOIL) fail_msg("a byte beside the output was written");
}

static inline loss_output output_make(size_t n, size_t K) {
  loss_output output = {.status = SY_OK};
  output.losses = malloc((n + 2 * n * K) * sizeof(double) + 1);
  output.gradient = output.losses + n;
  output.hessian = output.gradient + n * K;
  return output;
}

/* Everything there is to be had at once; or all but the Hessian, which not every kernel has. */
static inline loss_output loss_run(const sy_loss *loss, const loss_problem *p,
                                   const loss_call *call, bool hessian_too) {
  size_t n = p->n, K = p->options.n_classes, axis = call->batch.class_axis;
  loss_output output = output_make(n, K);
  sy_array flat = sy_array_of(NULL, call->batch.logits.dtype, 2, (size_t[]){n, 1});
  guarded losses = guarded_make(&flat), gradient = guarded_make(&call->batch.logits);
  guarded hessian = guarded_make(&call->batch.logits);
  sy_loss_result result = {NAN, NAN, (void *)gradient.view.data, (void *)hessian.view.data,
                           (void *)losses.view.data};
  output.has_hessian = hessian_too;
  if (!hessian_too) result.hessian = NULL;
  output.status = sy_loss_evaluate(loss, &call->batch, &result, &output.error);
  output.value = result.value;
  output.total_weight = result.total_weight;
  guarded_read(&losses, 1, n, 1, output.losses);
  guarded_read(&gradient, axis, n, K, output.gradient);
  if (hessian_too) guarded_read(&hessian, axis, n, K, output.hessian);
  free(losses.memory);
  free(gradient.memory);
  free(hessian.memory);
  return output;
}

/* Value and gradient only, the gradient where the logits were: `call` is used up. */
static inline loss_output loss_run_in_place(const sy_loss *loss, const loss_problem *p,
                                            loss_call *call) {
  size_t n = p->n, K = p->options.n_classes;
  loss_output output = output_make(n, K);
  sy_loss_result result = {.value = NAN, .gradient = (void *)call->batch.logits.data};
  output.status = sy_loss_evaluate(loss, &call->batch, &result, &output.error);
  output.value = result.value;
  output.total_weight = result.total_weight;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < K; k++)
      output.gradient[i * K + k] = number_load(
          &call->batch.logits, element_of(&call->batch.logits, call->batch.class_axis, i, k));
  return output;
}

static inline void loss_output_free(loss_output *output) {
  free(output->losses);
}

/* --- comparing --- */

/* What is being compared, for messages. */
static char loss_form[800];

static inline void loss_form_write(const loss_problem *p, const loss_layout *layout,
                                   const loss_call *call) {
  const sy_loss_options *o = &p->options;
  snprintf(loss_form, sizeof loss_form,
           "%zu positions of %zu %s, class axis %zu of %zu%s, float%d, %s, reduction %d, smoothing "
           "%g, costs %d%s%s%s%s%s%s%s",
           p->n, o->n_classes, o->base == SY_LOSS_SIGMOID ? "labels" : "classes",
           call->batch.class_axis, call->batch.logits.n_axes, layout->strided ? ", strided" : "",
           layout->float32 ? 32 : 64, layout->hot ? "hot" : "ids", (int)o->reduction, o->smoothing,
           (int)o->cost_use, o->weigh_by_prediction ? ", by prediction" : "",
           o->class_weights ? ", class weights" : "", p->row_weights ? ", row weights" : "",
           o->slopes ? ", slopes" : "", o->offsets ? ", offsets" : "",
           o->margins ? ", margins" : "", call->parts);
}

/* The bound of float64: every step rounds by 2^-53, and a logit's own rounding goes on into
 * exponentials. Of float32: 1e-6 of the loss and 1e-5 of derivatives. */
static inline void assert_close(double found, real wanted, real size, real relative, real tiny,
                                const char *what, size_t at) {
  if (isinf(wanted) && (real)found == wanted) return;
  if (!(fabsl(found - wanted) <= relative * size + tiny))
    fail_msg("%s %zu is %.17g, not %.20Lg (of size %.3Lg, bound %.3Lg) of %s", what, at, found,
             wanted, size, relative * size + tiny, loss_form);
}

static inline void assert_answers(const loss_output *output, const loss_answer *answer,
                                  const loss_problem *p, bool float32) {
  size_t n = p->n, K = p->options.n_classes;
  real exact = 1e-14L * (16 + answer->largest), grown = fmaxl(1, answer->largest);
  real loss = float32 ? 1e-6L : exact, slope = float32 ? 1e-5L : 8 * exact;
  real tiny = float32 ? FLT_MIN : DBL_MIN * 4;
  real per_unit = answer->divisor == 0 ? 0 : answer->total_weight / answer->divisor;
  if (output->status != SY_OK) fail_msg("%s (%s)", output->error.text, loss_form);
  assert_close(output->total_weight, answer->total_weight, answer->total_weight, 1e-14L, 0,
               "weight", 0);
  assert_close(output->value, answer->value,
               float32 ? per_unit * grown + answer->value_size : answer->value_size, loss, tiny,
               "value", 0);
  for (size_t i = 0; i < n; i++)
    assert_close(output->losses[i], answer->losses[i],
                 answer->losses_size[i] * (float32 ? grown : 1), loss, tiny, "loss", i);
  real scaled = answer->divisor == 0 ? tiny : tiny * (1 + 1 / answer->divisor);
  for (size_t j = 0; j < n * K; j++) {
    assert_close(output->gradient[j], answer->gradient[j], answer->gradient_size[j], slope, scaled,
                 "gradient", j);
    if (!output->has_hessian) continue;
    assert_close(output->hessian[j], answer->hessian[j], answer->hessian_size[j], 4 * slope, scaled,
                 "hessian", j);
  }
}

/* The same bits in value and gradient. */
static inline void assert_same_gradient(const loss_output *one, const loss_output *other,
                                        const loss_problem *p, const char *what) {
  size_t bytes = p->n * p->options.n_classes * sizeof(double);
  if (memcmp(&one->value, &other->value, sizeof one->value) != 0)
    fail_msg("%s: value %.17g and %.17g of %s", what, one->value, other->value, loss_form);
  if (memcmp(one->gradient, other->gradient, bytes) != 0)
    fail_msg("%s: another gradient of %s", what, loss_form);
}

static inline void check_form(const loss_problem *p, const loss_answer *answer,
                              const loss_layout *layout, const sy_loss *loss, loss_call *call,
                              bool hessian_too) {
  size_t n = p->n, K = p->options.n_classes;
  sy_threads_set(1);
  loss_output one = loss_run(loss, p, call, hessian_too);
  assert_answers(&one, answer, p, layout->float32);
  sy_threads_set(3);
  loss_output three = loss_run(loss, p, call, hessian_too);
  assert_same_gradient(&one, &three, p, "3 threads");
  assert_memory_equal(one.losses, three.losses, n * sizeof(double));
  if (hessian_too) assert_memory_equal(one.hessian, three.hessian, n * K * sizeof(double));
  if (!hessian_too) {
    sy_loss_result alone = {.value = NAN};
    assert_int_equal(sy_loss_evaluate(loss, &call->batch, &alone, NULL), SY_OK);
    assert_memory_equal(&alone.value, &one.value, sizeof one.value);
    loss_output in_place = loss_run_in_place(loss, p, call);
    assert_same_gradient(&one, &in_place, p, "gradient in place");
    loss_output_free(&in_place);
  }
  loss_output_free(&one);
  loss_output_free(&three);
}

/* The problem in one layout: against the reference, with the Hessian and without, on one thread and
 * on three, the value alone, the gradient in the logits' own memory. */
static inline void check_layout(const loss_problem *p, const loss_answer *answer,
                                const loss_layout *layout) {
  loss_call call;
  loss_call_make(p, layout, &call);
  loss_form_write(p, layout, &call);
  sy_loss *loss = loss_make(p, &call);
  check_form(p, answer, layout, loss, &call, true);
  check_form(p, answer, layout, loss, &call, false);
  sy_threads_set(0);
  sy_loss_free(loss);
  loss_call_clear(&call);
}

#endif
