/* trees.c: what boosted trees are made of: how many they are, and which columns they look at. */
#include "report/trees.h"

#include "base/memory.h"
#include "report/format.h"

enum { SHOWN = 12, LABEL_WIDTH = 18 };

static void put_label(sy_text *text, const char *label) {
  sy_text_put(text, "  ");
  sy_put_left(text, sy_cell_text(label, LABEL_WIDTH), LABEL_WIDTH);
}

/* Leaves of all trees, and of the one that has most. */
static size_t count_leaves(const sy_forest *forest, size_t *most) {
  size_t all = 0;
  *most = 0;
  for (size_t t = 0; t < forest->n_trees; t++) {
    size_t end = t + 1 < forest->n_trees ? forest->roots[t + 1] : forest->n_nodes, leaves = 0;
    for (size_t n = forest->roots[t]; n < end; n++)
      leaves += forest->nodes[n].feature == SY_TREE_LEAF;
    all += leaves;
    *most = leaves > *most ? leaves : *most;
  }
  return all;
}

typedef struct column_splits {
  size_t input, splits;
} column_splits;

/* More splits first, then in the order of the columns. */
static int by_splits(const void *a, const void *b) {
  const column_splits *x = a, *y = b;
  if (x->splits != y->splits) return x->splits > y->splits ? -1 : 1;
  return (x->input > y->input) - (x->input < y->input);
}

/* Splits on each raw column: on its number, or on any of its texts. */
static void count_splits(const sy_encoder *encoder, const sy_forest *forest,
                         column_splits *columns) {
  size_t n = sy_encoder_n_inputs(encoder);
  for (size_t i = 0; i < n; i++) columns[i] = (column_splits){i, 0};
  for (size_t at = 0; at < forest->n_nodes; at++) {
    uint32_t feature = forest->nodes[at].feature;
    if (feature != SY_TREE_LEAF) columns[sy_encoder_output_input(encoder, feature)].splits++;
  }
  qsort(columns, n, sizeof *columns, by_splits);
}

static void put_splits(sy_text *text, const sy_encoder *encoder, const sy_forest *forest,
                       size_t n_splits) {
  size_t n = sy_encoder_n_inputs(encoder), used = 0;
  column_splits *columns = sy_alloc(n, sizeof *columns);
  if (!columns) {
    text->failed = true;
    return;
  }
  count_splits(encoder, forest, columns);
  while (used < n && columns[used].splits > 0) used++;
  sy_text_add(text, "\nsplits on each column (%zu of %zu are looked at)\n", used, n);
  for (size_t i = 0; i < used && i < SHOWN; i++) {
    double splits = (double)columns[i].splits;
    sy_text_put(text, "  ");
    sy_put_left(text, sy_cell_text(sy_encoder_input_name(encoder, columns[i].input), 44), 46);
    sy_put_right(text, sy_cell_count(splits), 9);
    sy_put_right(text, sy_cell_percent(splits / (double)n_splits), 11);
    sy_text_put(text, "\n");
  }
  if (used > SHOWN) sy_text_add(text, "  ... and %zu more\n", used - SHOWN);
  free(columns);
}

void sy_put_trees(sy_text *text, const sy_model *model) {
  const sy_forest *forest = sy_predictor_forest(sy_model_predictor(model));
  size_t most, leaves = count_leaves(forest, &most), splits = forest->n_nodes - leaves;
  sy_text_put(text, "\nboosted trees\n");
  put_label(text, "trees");
  if (forest->n_trees == 0) {
    sy_text_put(text, "none: all rows get the same probabilities\n");
    return;
  }
  sy_text_add(text, "%s of at most %s", sy_cell_count((double)forest->n_trees).text,
              sy_cell_count((double)most).text);
  sy_text_add(text, " %s\n", most == 1 ? "leaf" : "leaves");
  put_label(text, "leaves");
  sy_text_add(text, "%s\n", sy_cell_count((double)leaves).text);
  put_label(text, "splits");
  sy_text_add(text, "%s\n", sy_cell_count((double)splits).text);
  if (splits > 0) put_splits(text, sy_model_encoder(model), forest, splits);
}
