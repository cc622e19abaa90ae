/* product.h: products of blocks of rows, for the type of the file that includes it; see
 * f32.c.
 *
 * The sums of six rows of two vectors are held in registers: a library of matrices would pack such
 * small factors for longer than it multiplies them. A product and its sum are not fused (other
 * machines could not give the same bits), which costs nothing where both have units of their own.
 */

enum { TILE_ROWS = 6, LANES = 32 / sizeof(real), DEPTH_AT_ONCE = 256 };

/* may_alias: these are numbers, looked at some at a time. */
typedef real lanes __attribute__((vector_size(32), aligned(sizeof(real)), may_alias));
typedef integer masks __attribute__((vector_size(32), aligned(sizeof(real)), may_alias));

/* What becomes of a sum s. */
typedef enum ending {
  END_PLAIN,
  END_RELU, /* max(s, 0); NaN stays NaN */
  END_STEP, /* s scale where `bend` is above 0, else 0: back through max(., 0) and dropout */
  END_TIMES /* s bend */
} ending;

/* C (m, width) = A (m, depth) B (depth, width), then its ending. Sums begin with `start` (width),
 * with what C holds where `add`, else with 0, and go along the depth in its order. width is whole
 * rows of SY_NET_LANES. */
typedef struct product {
  const real *a;
  size_t a_step; /* from a row of A to the next; with `sideways` from a column to the next */
  bool sideways; /* A lies on its side: the numbers of a column are neighbours */
  size_t m, depth, width;
  const real *b;
  size_t b_row;
  const real *start;
  bool add;
  real *c;
  size_t c_row;
  ending ending;
  const real *bend; /* of C's layout */
  real scale;
} product;

/* No function takes or returns vectors: how that is done differs from machine to machine. */
#define LOAD(from) (*(const lanes *)(from))

SY_INLINE void end_sum(const product *p, size_t at, const lanes *from) {
  const lanes zero = {0};
  lanes sum = *from;
  if (p->ending == END_RELU) sum = (lanes)((masks)sum & ~(masks)(sum < zero));
  if (p->ending == END_STEP)
    sum = (lanes)((masks)(sum * p->scale) & (masks)(LOAD(p->bend + at) > zero));
  if (p->ending == END_TIMES) sum *= LOAD(p->bend + at);
  *(lanes *)(p->c + at) = sum;
}

/* Some rows and vectors of C from (i, j) on; their numbers are known when this is compiled. `b` is
 * where B's column j begins. */
SY_INLINE void tile(const product *p, const real *b, size_t i, size_t j, size_t rows,
                    size_t vectors, bool sideways) {
  lanes sums[TILE_ROWS][2];
  for (size_t r = 0; r < rows; r++)
    for (size_t v = 0; v < vectors; v++) {
      size_t column = j + v * LANES;
      sums[r][v] = p->start ? LOAD(p->start + column)
                   : p->add ? LOAD(p->c + (i + r) * p->c_row + column)
                            : (lanes){0};
    }
  const real *a = sideways ? p->a + i : p->a + i * p->a_step;
  size_t step = p->a_step, b_row = p->b_row;
  for (size_t k = p->depth; k > 0; k--) {
    lanes x[2];
    for (size_t v = 0; v < vectors; v++) x[v] = LOAD(b + v * LANES);
    for (size_t r = 0; r < rows; r++) {
      real factor = sideways ? a[r] : a[r * step];
      for (size_t v = 0; v < vectors; v++) sums[r][v] += x[v] * factor;
    }
    b += b_row;
    a += sideways ? step : 1;
  }
  for (size_t r = 0; r < rows; r++)
    for (size_t v = 0; v < vectors; v++)
      end_sum(p, (i + r) * p->c_row + j + v * LANES, &sums[r][v]);
}

/* All rows of some vectors of C. */
SY_INLINE void rows_of_panel(const product *p, const real *b, size_t j, size_t vectors,
                             bool sideways) {
  size_t i = 0;
  for (; i + TILE_ROWS <= p->m; i += TILE_ROWS) tile(p, b, i, j, TILE_ROWS, vectors, sideways);
  if (p->m - i >= 4) {
    tile(p, b, i, j, 4, vectors, sideways);
    i += 4;
  }
  if (p->m - i >= 2) {
    tile(p, b, i, j, 2, vectors, sideways);
    i += 2;
  }
  if (i < p->m) tile(p, b, i, j, 1, vectors, sideways);
}

/* The rows of a wide B lie so far apart that they drive each other out of the cache: what a panel
 * takes of them is laid together first, unless that would be most of the work. */
SY_INLINE void panel(const product *p, size_t j, size_t vectors, bool sideways) {
  enum { NEAR = 32768 / sizeof(real), FEW_ROWS = 4 * TILE_ROWS };
  if (p->depth * p->b_row <= NEAR || p->m < FEW_ROWS) {
    rows_of_panel(p, p->b + j, j, vectors, sideways);
    return;
  }
  real packed[DEPTH_AT_ONCE * 2 * LANES];
  size_t width = vectors * LANES;
  for (size_t k = 0; k < p->depth; k++)
    for (size_t v = 0; v < width; v += LANES)
      *(lanes *)(packed + k * width + v) = LOAD(p->b + k * p->b_row + j + v);
  product near = *p;
  near.b_row = width;
  rows_of_panel(&near, packed, j, vectors, sideways);
}

SY_INLINE void multiply_part(const product *p, bool sideways) {
  size_t j = 0;
  for (; j + 2 * LANES <= p->width; j += 2 * LANES) panel(p, j, 2, sideways);
  if (j < p->width) panel(p, j, 1, sideways);
}

/* Of a deep product some of the depth at a time: sums wait in C, which changes none of their bits.
 */
SY_INLINE void multiply_deep(const product *p, bool sideways) {
  for (size_t k = 0; k == 0 || k < p->depth; k += DEPTH_AT_ONCE) {
    bool last = p->depth - k <= DEPTH_AT_ONCE;
    product part = *p;
    part.depth = last ? p->depth - k : DEPTH_AT_ONCE;
    part.a += sideways ? k * p->a_step : k;
    part.b += k * p->b_row;
    if (k > 0) part.start = NULL;
    part.add = k > 0 || p->add;
    part.ending = last ? p->ending : END_PLAIN;
    multiply_part(&part, sideways);
  }
}

SY_CLONES static void multiply_rows(const product *p) {
  multiply_deep(p, false);
}

SY_CLONES static void multiply_sideways(const product *p) {
  multiply_deep(p, true);
}

static void multiply(const product *p) {
  if (p->sideways)
    multiply_sideways(p);
  else
    multiply_rows(p);
}

/* The transpose of `rows` rows of a matrix: to (columns, to_row). */
SY_CLONES static void transpose(const real *from, size_t rows, size_t columns, size_t from_row,
                                real *to, size_t to_row) {
  for (size_t j = 0; j < columns; j++)
    for (size_t i = 0; i < rows; i++) to[j * to_row + i] = from[i * from_row + j];
}

/* sums (width) = or += the sum of n rows. */
SY_CLONES static void add_rows(const real *rows, size_t n, size_t width, bool add, real *sums) {
  for (size_t j = 0; j < width; j += SY_NET_LANES) {
    real sum[SY_NET_LANES];
    for (size_t l = 0; l < SY_NET_LANES; l++) sum[l] = add ? sums[j + l] : 0;
    for (size_t i = 0; i < n; i++)
      for (size_t l = 0; l < SY_NET_LANES; l++) sum[l] += rows[i * width + j + l];
    for (size_t l = 0; l < SY_NET_LANES; l++) sums[j + l] = sum[l];
  }
}
