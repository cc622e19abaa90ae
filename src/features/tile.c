/* tile.c: rows encoded on their side, for scoring: one-hot columns are never written out. */
#include "base/clones.h"
#include "features/encoder.h"

/* Asks for what the next tile reads: a tile takes a little of each of many columns, too little for
 * the processor to see by itself where reading goes on. */
static void fetch_next(const void *values, size_t size) {
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
    if (input->is_raw)                                                                             \
      for (size_t row = 0; row < rows; row++) numbers[row] = sy_keep_number((double)values[row]);  \
    else if (input->has_number)                                                                    \
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

/* Rows that lie apart are brought together first. Where the next tile lies the processor sees: the
 * columns of a matrix follow each other in memory. */
#define DEFINE_ENCODE_APART(name, encode, element)                                                 \
  static void name(const sy_input *input, const element *values, ptrdiff_t stride,                 \
                   sy_tile *tile) {                                                                \
    element together[SY_TILE_ROWS];                                                                \
    for (size_t row = 0; row < tile->rows; row++) together[row] = values[(ptrdiff_t)row * stride]; \
    encode(input, together, tile->rows, tile);                                                     \
  }

DEFINE_ENCODE_APART(encode_f32_apart, encode_f32, float)
DEFINE_ENCODE_APART(encode_f64_apart, encode_f64, double)

static void encode_numbers(const sy_input *input, const sy_column *column, size_t begin,
                           sy_tile *tile) {
  ptrdiff_t stride = sy_column_stride(column), place = (ptrdiff_t)begin * stride;
  if (column->f32 && stride != 1) {
    encode_f32_apart(input, column->f32 + place, stride, tile);
  } else if (column->f32) {
    fetch_next(column->f32 + begin, tile->rows * sizeof *column->f32);
    encode_f32(input, column->f32 + begin, tile->rows, tile);
  } else if (stride != 1) {
    encode_f64_apart(input, column->f64 + place, stride, tile);
  } else {
    fetch_next(column->f64 + begin, tile->rows * sizeof *column->f64);
    encode_f64(input, column->f64 + begin, tile->rows, tile);
  }
}

/* Code 0 after the last row: a code there must be one too. */
static void encode_codes(const sy_binding *binding, size_t input, size_t begin, sy_tile *tile) {
  double *codes = tile->dense + binding->encoder->inputs[input].code_place * tile->stride;
  for (size_t row = 0; row < tile->rows; row++)
    codes[row] = sy_binding_place(binding, input, begin + row);
  for (size_t row = tile->rows; row < tile->stride; row++) codes[row] = 0;
}

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
    if (input->has_codes)
      encode_codes(binding, i, begin, tile);
    else if (input->type == SY_COLUMN_TEXT)
      encode_text(binding, i, begin, tile);
    else
      encode_numbers(input, column, begin, tile);
  }
}

void sy_tile_set_number(sy_tile *tile, const sy_encoder *encoder, size_t input, double value) {
  const sy_input *to = &encoder->inputs[input];
  if (to->has_number)
    tile->dense[to->number_place * tile->stride] =
        to->is_raw ? sy_keep_number(value) : sy_standardise(value, to->mean, to->scale);
  if (to->has_indicator) tile->dense[to->indicator_place * tile->stride] = isfinite(value) ? 0 : 1;
}

void sy_tile_set_text(sy_tile *tile, const sy_encoder *encoder, size_t input, const char *text) {
  const sy_input *to = &encoder->inputs[input];
  uint32_t place = sy_encoder_place(encoder, to, text ? text : "");
  if (to->has_codes)
    tile->dense[to->code_place * tile->stride] = place;
  else
    tile->places[to->text_index * tile->stride] = place;
}
