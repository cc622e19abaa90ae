/* tile.c: rows encoded on their side, for scoring: one-hot columns are never written out. */
#include "base/clones.h"
#include "features/encoder.h"

/* Asks for what the next tile reads: a tile takes a little of each of many columns, too little for
 * the processor to see by itself where reading goes on. */
SY_INLINE void fetch_next(const void *values, size_t size) {
  enum { CACHE_LINE = 64 };
  uintptr_t next = (uintptr_t)values + size; /* may be past the end: nothing is read */
  for (size_t byte = 0; byte < size; byte += CACHE_LINE)
    __builtin_prefetch((const void *)(next + byte));
}

/* A column of numbers, zeros after its last row; and its indicator, where there is one. */
#define DEFINE_ENCODE(name, element)                                                               \
  SY_CLONES static void name(const sy_input *input, const element *restrict values, size_t rows,   \
                             sy_tile *tile) {                                                      \
    double mean = input->mean, scale = input->scale;                                               \
    double *restrict numbers = tile->dense + input->number_place * tile->stride;                   \
    double *restrict indicators = tile->dense + input->indicator_place * tile->stride;             \
    fetch_next(values, rows * sizeof *values);                                                     \
    if (input->has_number)                                                                         \
      for (size_t row = 0; row < rows; row++)                                                      \
        numbers[row] = sy_standardise((double)values[row], mean, scale);                           \
    if (input->has_indicator)                                                                      \
      for (size_t row = 0; row < rows; row++) indicators[row] = isfinite(values[row]) ? 0 : 1;     \
    for (size_t row = rows; row < tile->stride; row++) {                                           \
      if (input->has_number) numbers[row] = 0;                                                     \
      if (input->has_indicator) indicators[row] = 0;                                               \
    }                                                                                              \
  }

DEFINE_ENCODE(encode_f32, float)
DEFINE_ENCODE(encode_f64, double)

static void encode_text(const sy_binding *binding, size_t input, size_t begin, sy_tile *tile) {
  const sy_encoder *encoder = binding->encoder;
  uint32_t *places = tile->places + encoder->inputs[input].text_index * tile->stride;
  for (size_t row = 0; row < tile->rows; row++)
    places[row] = sy_binding_place(binding, input, begin + row);
  for (size_t row = tile->rows; row < tile->stride; row++)
    places[row] = (uint32_t)encoder->n_outputs;
}

void sy_binding_tile(const sy_binding *binding, size_t begin, sy_tile *tile) {
  const sy_encoder *encoder = binding->encoder;
  for (size_t i = 0; i < encoder->n_inputs; i++) {
    const sy_input *input = &encoder->inputs[i];
    const sy_column *column = binding->columns[i];
    if (input->type == SY_COLUMN_TEXT)
      encode_text(binding, i, begin, tile);
    else if (column->f32)
      encode_f32(input, column->f32 + begin, tile->rows, tile);
    else
      encode_f64(input, column->f64 + begin, tile->rows, tile);
  }
}

void sy_tile_set_number(sy_tile *tile, const sy_encoder *encoder, size_t input, double value) {
  const sy_input *to = &encoder->inputs[input];
  if (to->has_number)
    tile->dense[to->number_place * tile->stride] = sy_standardise(value, to->mean, to->scale);
  if (to->has_indicator) tile->dense[to->indicator_place * tile->stride] = isfinite(value) ? 0 : 1;
}

void sy_tile_set_text(sy_tile *tile, const sy_encoder *encoder, size_t input, const char *text) {
  const sy_input *to = &encoder->inputs[input];
  tile->places[to->text_index * tile->stride] = sy_encoder_place(encoder, to, text ? text : "");
}
