/* features.h: raw columns become numbers. A fitted encoder holds the schema, the dictionaries and
 * the scales, and turns columns or single rows into encoded ones. */
#ifndef STEELYARD_FEATURES_H
#define STEELYARD_FEATURES_H

#include <stddef.h>
#include <steelyard/labels.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a raw column holds. */
typedef enum sy_column_type {
  SY_COLUMN_NUMBER,  /**< numbers; NaN (or anything not finite) is missing */
  SY_COLUMN_BOOLEAN, /**< 0 or 1; NaN is missing */
  SY_COLUMN_DATE,    /**< days since 1970-01-01, fractions for times of day; NaN is missing */
  SY_COLUMN_TEXT     /**< codes into a dictionary; SY_MISSING and "" are missing */
} sy_column_type;

/** Name of a column type: "number", "boolean", "date", "text". */
SY_API const char *sy_column_type_name(sy_column_type type);

/** A raw column of a table; a view that owns nothing. Numbers, booleans and dates have exactly one
 * of f32 and f64; text has codes and values. Rows lie `stride` elements apart, so that the D
 * columns of a matrix whose rows follow each other are columns without a copy: column j begins at
 * element j and has stride D. */
typedef struct sy_column {
  const char *name;
  sy_column_type type;
  const float *f32;          /**< (rows) or NULL; row 0, as of f64 and codes */
  const double *f64;         /**< (rows) or NULL */
  const uint32_t *codes;     /**< (rows) or NULL */
  const char *const *values; /**< (n_values) distinct texts */
  size_t n_values;
  ptrdiff_t stride; /**< elements of f32, f64 or codes from one row to the next, negative where they
                         lie backwards; 0 stands for 1: rows that follow each other */
} sy_column;

/** Columns of equal length; a view. */
typedef struct sy_frame {
  const sy_column *columns;
  size_t n_columns;
  size_t rows;
} sy_frame;

/** A fitted encoder. Its inputs are the raw columns it uses, by name; its outputs the encoded
 * numbers, in this order: one standardised number for each input that is no text and varied where
 * it was known, then one missing indicator for each of those, or of those that did not vary, that
 * had missing values, then the code of each text input that has codes, then the one-hot levels of
 * each other text input. Standardised: (x - mean) / scale
 * with the population standard deviation, weighted by row weights; missing -> the mean, plus the
 * indicator. Text: one column for each of the `max_categories` most frequent values seen at least
 * `min_count` times (ties by bytes; levels sorted by bytes; missing is the value ""), and one more,
 * "other", where training rows fell outside them. A value unseen in training is "other", or all
 * zero where there is no such column. Indicators, codes and one-hot columns are not scaled. One
 * that is raw has numbers as they are in the place of standardised ones, and no indicators, see
 * sy_encoder_options.raw. */
typedef struct sy_encoder sy_encoder;

/** How an encoder is fitted. */
typedef struct sy_encoder_options {
  size_t min_count;      /**< rows a text value needs for a level of its own; default 1 */
  size_t max_categories; /**< levels of a text column; default 64, at most 10,000 */
  /** A text of more values (seen `min_count` times) than `max_categories` becomes one column of
   * codes instead, for families that embed them (networks): default false. Codes 0, 1, ... are its
   * values in order of bytes, of those seen in at least two rows and `min_count` times the
   * `max_codes` most frequent; the last code stands for all others, those unseen in training too.
   * Missing is the value "". A row of any weight over 0 is one row here: what is learnt from one
   * row would say nothing of others, and the scale of the row weights changes nothing. Codes are
   * whole numbers that float32 holds exactly. */
  bool codes;
  size_t max_codes; /**< default 10,000, at most 1,000,000; not looked at without codes */
  /** For families that know missing values (trees): each input that is no text is one number as it
   * is, rounded to float32 (beyond its range: the nearest in it), NaN where missing; there are no
   * indicators, and a number that is constant where known but sometimes missing is used too. One
   * that is constant once it is rounded counts as constant. Default false. */
  bool raw;
} sy_encoder_options;

/** The defaults above. */
SY_API sy_encoder_options sy_encoder_options_default(void);

/** Fits an encoder. Labels play no part. Columns whose stride is not 1 are copied for the time of
 * the fit, some at a time (8, or as many as there are threads). Columns constant over the rows of
 * positive weight are dropped (numbers that vary by less than 1e-12 of their mean count as
 * constant; a number column that is constant where known but has missing values keeps only its
 * indicator, or under `raw` stays), and so are texts of which no value is seen often enough. Rows
 * of weight 0 are absent. Text values are counted by row weights; a `min_count` of 1 asks only to
 * be seen, so that the scale of the row weights changes nothing.
 * @param frame        raw columns, names distinct
 * @param row_weights  (rows) >= 0 or NULL for ones
 * @param options      NULL for the defaults
 * @param messages     nullable: dropped columns, filled missing values, cut dictionaries, text
 *                     columns that are nearly all numbers
 * @param encoder      out; free with sy_encoder_free
 * Fails with SY_NO_ROWS, SY_INVALID_DATA (all columns constant, a name twice, a code outside its
 * values), SY_INVALID_WEIGHT, SY_INVALID_ARGUMENT (options), SY_INVALID_SHAPE, SY_OUT_OF_MEMORY. */
SY_API sy_status sy_encoder_fit(const sy_frame *frame, const double *row_weights,
                                const sy_encoder_options *options, sy_messages *messages,
                                sy_encoder **encoder, sy_error *error);

/** An encoder of numbers as they are (raw), for a model that was trained elsewhere.
 * @param names    (n) of the columns, distinct, in the order the model takes them
 * @param encoder  out; free with sy_encoder_free
 * Fails with SY_INVALID_DATA (a name twice), SY_INVALID_SHAPE (n = 0), SY_OUT_OF_MEMORY. */
SY_API sy_status sy_encoder_raw(const char *const *names, size_t n, sy_encoder **encoder,
                                sy_error *error);

/** Whether numbers go through the encoder as they are, see sy_encoder_options.raw; false where it
 * has none. A classifier takes such an encoder for trees alone. */
SY_API bool sy_encoder_is_raw(const sy_encoder *encoder);

/** Frees an encoder; NULL is legal. */
SY_API void sy_encoder_free(sy_encoder *encoder);

/** Number of raw columns used. */
SY_API size_t sy_encoder_n_inputs(const sy_encoder *encoder);

/** Name of raw column `input`. */
SY_API const char *sy_encoder_input_name(const sy_encoder *encoder, size_t input);

/** Type of raw column `input`. */
SY_API sy_column_type sy_encoder_input_type(const sy_encoder *encoder, size_t input);

/** Number of rows (of positive weight) in which raw column `input` was missing in training; known
 * only for an encoder that was just fitted, 0 for one read from a file. */
SY_API size_t sy_encoder_input_missing(const sy_encoder *encoder, size_t input);

/** What the rows of a training held in one raw column: what later rows are held against. The known
 * values lie in bins. Numbers, booleans and dates: deciles by row weight (decile k is the least
 * value up to which k tenths of the weight lie), equal ones once, and a value of a fifth of the
 * weight or more in a bin to itself. Texts: the levels of the encoder in their order, "" (missing)
 * among them where it is one, and "other" where there is such a column. Texts with codes: the 64
 * most frequent values in the order of their codes, or all where they are no more; then all other
 * values with a code of their own; then those of the last code. */
typedef struct sy_profile {
  double weight;         /**< sum of the row weights, > 0 */
  double effective_rows; /**< (sum of row weights)^2 / sum of their squares: rows of equal weight
                              that say as much; >= 1 */
  double missing;        /**< share of the weight that was missing, 0..1 */
  size_t n_bins;         /**< >= 1 */
  double *edges; /**< (n_bins - 1), rising; bin b holds edges[b - 1] < x <= edges[b]; NULL for texts
                      and for one bin */
  double *shares;  /**< (n_bins) shares of the weight; those of numbers sum to 1 - missing, those of
                        texts to 1 */
  uint32_t *codes; /**< (n_bins - 2) texts with codes: those of the values with a bin of their own,
                        rising; NULL for others */
} sy_profile;

/** Profile of raw column `input`, or NULL where none is known (models written before there were
 * any). It never changes a prediction. Lives as long as the encoder. */
SY_API const sy_profile *sy_encoder_profile(const sy_encoder *encoder, size_t input);

/** Number of encoded columns D. */
SY_API size_t sy_encoder_n_outputs(const sy_encoder *encoder);

/** Readable name of encoded column `output` ("age", "age missing", "job=clerk", "job=(other)",
 * "job=(missing)", "job (code)"). Lives as long as the encoder. */
SY_API const char *sy_encoder_output_name(const sy_encoder *encoder, size_t output);

/** Number of codes of encoded column `output`, where it holds the codes of a text (see
 * sy_encoder_options.codes): 0 .. this - 1; 0 of all other columns. */
SY_API size_t sy_encoder_output_codes(const sy_encoder *encoder, size_t output);

/** Raw column (the index of an input) that encoded column `output` comes from. */
SY_API size_t sy_encoder_output_input(const sy_encoder *encoder, size_t output);

/** What encoded column `output` has taken off the raw number: encoded = (raw - shift) / scale. The
 * mean of a standardised number, 0 of raw ones, indicators, codes and one-hot columns. A
 * coefficient c of the encoded column is c / scale in the unit of the raw one, which leaves
 * -c shift / scale to the intercept; a missing number counts as one that equals shift. */
SY_API double sy_encoder_output_shift(const sy_encoder *encoder, size_t output);

/** What it is divided by, > 0: the standard deviation of a standardised number, 1 of raw ones,
 * indicators, codes and one-hot columns. See sy_encoder_output_shift. */
SY_API double sy_encoder_output_scale(const sy_encoder *encoder, size_t output);

/** Checks that a frame has every input with a usable type and returns where each one is.
 * Numbers, booleans and dates are interchangeable; text is not (SY_INVALID_DATA).
 * @param positions  (n_inputs) out: index of each input in frame->columns
 * Fails with SY_MISSING_COLUMN naming the first column that lacks, with the nearest name there. */
SY_API sy_status sy_encoder_match(const sy_encoder *encoder, const sy_frame *frame,
                                  size_t *positions, sy_error *error);

/** Encodes rows [begin, end) of a frame.
 * @param out     (end - begin, D) float32 or float64 by `dtype`
 * @param stride  elements from one row of `out` to the next, >= D
 * Threads over blocks of rows. Fails as sy_encoder_match, SY_OUT_OF_MEMORY. */
SY_API sy_status sy_encoder_apply(const sy_encoder *encoder, const sy_frame *frame, size_t begin,
                                  size_t end, sy_dtype dtype, void *out, size_t stride,
                                  sy_error *error);

/** Encodes one row, to the same bits as sy_encoder_apply in float64; no allocation.
 * @param numbers  (n_inputs) value of each input that is no text, NaN = missing; others unread
 * @param texts    (n_inputs) value of each text input, NULL or "" = missing; others unread
 * @param out      (D) */
SY_API void sy_encoder_apply_row(const sy_encoder *encoder, const double *numbers,
                                 const char *const *texts, double *out);

#ifdef __cplusplus
}
#endif
#endif
