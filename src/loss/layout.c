/* layout.c: runs of positions. */
#include "loss/layout.h"

#include "base/array.h"

#include <string.h>

/* Puts an axis behind those that are there, or into the last of them where the two are even. */
static void add_axis(sy_loss_layout *layout, size_t length, ptrdiff_t stride) {
  size_t last = layout->n_axes - 1;
  if (length == 1) return;
  if (layout->shape[last] == 1) {
    layout->shape[last] = length;
    layout->strides[last] = stride;
  } else if (layout->strides[last] == stride * (ptrdiff_t)length) {
    layout->shape[last] *= length;
    layout->strides[last] = stride;
  } else {
    layout->shape[last + 1] = length;
    layout->strides[last + 1] = stride;
    layout->n_axes++;
  }
}

sy_loss_layout sy_loss_layout_of(const sy_array *logits) {
  size_t last = logits->n_axes - 1;
  sy_loss_layout layout = {.n_axes = 1,
                           .shape = {1},
                           .n_classes = logits->shape[last],
                           .class_step = logits->strides[last],
                           .element = sy_dtype_size(logits->dtype)};
  if (!sy_shape_count(logits->shape, last, &layout.n)) layout.n = 0;
  if (layout.n_classes == 0) layout.n = 0;
  for (size_t a = 0; a < last && layout.n > 0; a++)
    add_axis(&layout, logits->shape[a], logits->strides[a]);
  return layout;
}

size_t sy_loss_layout_run(const sy_loss_layout *layout, size_t first, size_t n, ptrdiff_t *offset,
                          ptrdiff_t *step) {
  size_t last = layout->n_axes - 1;
  size_t left = layout->shape[last] - first % layout->shape[last];
  *step = layout->strides[last];
  *offset = 0;
  for (size_t a = layout->n_axes; a-- > 0;) {
    *offset += (ptrdiff_t)(first % layout->shape[a]) * layout->strides[a];
    first /= layout->shape[a];
  }
  return left < n ? left : n;
}

bool sy_loss_layout_writable(const sy_loss_layout *layout) {
  if (layout->n == 0) return true;
  for (size_t a = 0; a < layout->n_axes; a++)
    if (layout->shape[a] > 1 && layout->strides[a] == 0) return false;
  return layout->class_step != 0 || layout->n_classes < 2;
}

static void clear_run(const sy_loss_layout *layout, char *data, size_t n, ptrdiff_t step) {
  ptrdiff_t size = (ptrdiff_t)layout->element;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < layout->n_classes; k++)
      memset(data + ((ptrdiff_t)i * step + (ptrdiff_t)k * layout->class_step) * size, 0,
             layout->element);
}

void sy_loss_layout_clear(const sy_loss_layout *layout, void *data) {
  ptrdiff_t offset, step;
  for (size_t first = 0, n; first < layout->n; first += n) {
    n = sy_loss_layout_run(layout, first, layout->n - first, &offset, &step);
    clear_run(layout, (char *)data + offset * (ptrdiff_t)layout->element, n, step);
  }
}

static void divide_run(const sy_loss_layout *layout, char *data, size_t n, ptrdiff_t step,
                       double divisor) {
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < layout->n_classes; k++) {
      ptrdiff_t at = (ptrdiff_t)i * step + (ptrdiff_t)k * layout->class_step;
      if (layout->element == sizeof(double))
        ((double *)(void *)data)[at] /= divisor;
      else
        ((float *)(void *)data)[at] = (float)((double)((float *)(void *)data)[at] / divisor);
    }
}

void sy_loss_layout_divide(const sy_loss_layout *layout, void *data, size_t first, size_t n,
                           double divisor) {
  ptrdiff_t offset, step;
  for (size_t end = first + n, run; first < end; first += run) {
    run = sy_loss_layout_run(layout, first, end - first, &offset, &step);
    divide_run(layout, (char *)data + offset * (ptrdiff_t)layout->element, run, step, divisor);
  }
}
