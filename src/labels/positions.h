/* positions.h: the positions of a label array: its leading axes, in C order, with their mask and
 * row weights, and how a position is told to people. */
#ifndef SY_LABELS_POSITIONS_H
#define SY_LABELS_POSITIONS_H

#include <steelyard/labels.h>

/* Bytes that hold any place as text. */
#define SY_PLACE_SIZE 160

/* The leading axes of a label array whose shapes were found to fit. */
typedef struct sy_positions {
  const sy_label_array *labels;
  size_t n_axes;        /* leading axes, >= 1 */
  const size_t *shape;  /* (n_axes) */
  size_t n;             /* positions: product of the shape */
  size_t per_row;       /* positions of one row: product of all axes but the first */
  size_t width;         /* length of the class axis; 1 where there is none */
  sy_array mask;        /* in the shape of the leading axes; no data = all count */
  sy_array row_weights; /* in the shape of the leading axes; no data = ones */
} sy_positions;

/* Checks that shapes of values, mask and row weights fit together and the types fit the kind.
 * SY_INVALID_ARGUMENT, SY_INVALID_SHAPE: as sy_counter_add says. No position at all is legal. */
sy_status sy_positions_of(const sy_label_array *labels, sy_positions *positions, sy_error *error);

/* Where a position is: "row 3", "row 3, step 7", "row 3, position (5, 9)", 1-based.
 * @param rows_before  rows of earlier blocks
 * Returns text. */
char *sy_positions_place(const sy_positions *positions, size_t position, uint64_t rows_before,
                         char text[SY_PLACE_SIZE]);

/* Whether all positions count and weigh one: no mask, no row weights. */
bool sy_positions_plain(const sy_positions *positions);

/* Which of the positions first .. first + n - 1 count.
 * @param counts  (n) out: 0 = masked, else 1 */
void sy_positions_mask(const sy_positions *positions, size_t first, size_t n, uint8_t *counts);

/* Row weights of positions first .. first + n - 1; a weight of 0 still counts as a row.
 * @param counts   (n) 0 = masked or ignored: its weight is not looked at, and comes out as 0
 * @param weights  (n) out
 * SY_INVALID_WEIGHT names the place. */
sy_status sy_positions_weights(const sy_positions *positions, size_t first, size_t n,
                               uint64_t rows_before, const uint8_t *counts, double *weights,
                               sy_error *error);

#endif
