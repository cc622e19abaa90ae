/* encoder.h: what a fitted encoder is made of. Made by fitting (encoder_fit.c) or from a model file
 * (onnx/); bound to a table (binding.c) and used column by column (encoder_apply.c, tile.c). */
#ifndef SY_FEATURES_ENCODER_H
#define SY_FEATURES_ENCODER_H

#include "base/clones.h"
#include "base/text.h"
#include "base/tile.h"
#include "features/columns.h"
#include <float.h>
#include <math.h>
#include <steelyard/features.h>

/* One raw column that is used. The places are columns of the encoded row, set by sy_encoder_new. */
typedef struct sy_input {
  char *name; /* owned */
  sy_column_type type;
  size_t missing_rows;  /* in training, where that is known */
  bool has_number;      /* no text: it varied where it was known */
  bool is_raw;          /* no text: the number as it is, NaN where missing; mean 0, scale 1 */
  double mean, scale;   /* of the number; scale > 0 */
  bool has_indicator;   /* no text: it was missing in some rows */
  sy_dictionary levels; /* text: values with a column or a code of their own, in order of bytes */
  bool has_other;       /* text: one more column for all other values */
  bool has_codes;       /* text: one column of codes; levels.n is the code of all other values */
  size_t number_place, indicator_place, code_place, first_level_place;
  size_t text_index;  /* of a text with levels: how many inputs before it are such */
  sy_profile profile; /* of the training; n_bins is 0 where none is known */
} sy_input;

struct sy_encoder {
  sy_input *inputs;
  size_t n_inputs;
  sy_dictionary input_names; /* name -> index of the input */
  char **output_names;
  size_t *output_inputs; /* (n_outputs) index of the input of each */
  size_t n_outputs;
  size_t n_dense; /* outputs that are numbers, indicators or codes; they come first */
  size_t n_texts; /* inputs that are texts with levels */
};

/* The encoded number of a raw one, by the mean and scale of its input. */
SY_INLINE double sy_standardise(double value, double mean, double scale) {
  return isfinite(value) ? (value - mean) / scale : 0;
}

/* The encoded number of a raw one that stays as it is: in the range of float32 and rounded to it,
 * NaN where it is missing. */
SY_INLINE double sy_keep_number(double value) {
  double most = (double)FLT_MAX;
  double kept = value > most ? most : value < -most ? -most : value;
  return isfinite(value) ? (double)(float)kept : (double)NAN;
}

/* Codes are exact in float32, which has 24 bits. */
enum { SY_MOST_CODES = 1000000 };

/* The column that a text sets to 1, or the number of columns where it sets none; of an input with
 * codes, its code. */
uint32_t sy_encoder_place(const sy_encoder *encoder, const sy_input *input, const char *text);

/* One-hot columns of an input: its levels and perhaps "other". */
size_t sy_input_n_levels(const sy_input *input);

/* Codes of an input: those of its values and that of all others; 0 where it has none. */
size_t sy_input_n_codes(const sy_input *input);

/* Releases what inputs hold, and the array itself. NULL is legal. */
void sy_inputs_free(sy_input *inputs, size_t n_inputs);

/* An encoder of these inputs: lays out its outputs and names them. Takes `inputs` over, also on
 * failure. Fails with SY_INVALID_DATA (a name twice, nothing encoded), SY_OUT_OF_MEMORY. */
sy_status sy_encoder_new(sy_input *inputs, size_t n_inputs, sy_encoder **encoder, sy_error *error);

/* Index of the input of this name, or -1. */
int sy_encoder_find_input(const sy_encoder *encoder, const char *name);

/* An encoder bound to one frame: where each input lies, and for each text code the column it sets
 * or its code, so that encoding a row looks nothing up. */
typedef struct sy_binding {
  const sy_encoder *encoder;
  const sy_column **columns; /* (n_inputs) */
  uint32_t **places;         /* (n_inputs) of text: (n_values + 1), the last one for missing */
  uint32_t *place_table;     /* what `places` point into */
  bool rows_apart;           /* some column has a stride other than 1 */
} sy_binding;

/* Binds; release with sy_binding_clear (also on failure). Fails as sy_encoder_match, and with
 * SY_INVALID_DATA for a code outside the dictionary of its column. */
sy_status sy_binding_make(const sy_encoder *encoder, const sy_frame *frame, sy_binding *binding,
                          sy_error *error);

/* Releases and zeroes; a zeroed binding is legal. */
void sy_binding_clear(sy_binding *binding);

/* Encodes rows [begin, end) on the calling thread; see sy_encoder_apply. */
void sy_binding_encode(const sy_binding *binding, size_t begin, size_t end, sy_dtype dtype,
                       void *out, size_t stride);

/* What sy_encoder_place says of the text of an input in a row. */
static inline uint32_t sy_binding_place(const sy_binding *binding, size_t input, size_t row) {
  const sy_column *column = binding->columns[input];
  uint32_t code = sy_column_code(column, row);
  return binding->places[input][code < column->n_values ? code : column->n_values];
}

/* Encodes tile->rows rows from `begin` on into a tile of the encoder's sizes, to the same bits. */
void sy_binding_tile(const sy_binding *binding, size_t begin, sy_tile *tile);

/* Sets input `input` of row 0 of a tile, to the same bits; NULL or "" is missing. */
void sy_tile_set_number(sy_tile *tile, const sy_encoder *encoder, size_t input, double value);
void sy_tile_set_text(sy_tile *tile, const sy_encoder *encoder, size_t input, const char *text);

#endif
