#include "report/rows.h"

#include <inttypes.h>
#include <math.h>

#include "report/format.h"

static double count(const sy_counts *counts) {
  return (double)(sy_counts_positions(counts) - sy_counts_ignored(counts));
}

/* Cells may be ignored, so that labels need not have equally many rows. */
double sy_rows_counted(const sy_counts *counts) {
  size_t n_labels = sy_counts_n_labels(counts);
  if (n_labels == 0) return count(counts);
  double most = 0;
  for (size_t l = 0; l < n_labels; l++) most = fmax(most, count(sy_counts_label(counts, l)));
  return most;
}

static bool has_more_axes(const sy_counts *counts) {
  return sy_counts_positions(counts) != sy_counts_first_axis(counts);
}

const char *sy_rows_word(const sy_counts *counts) {
  return has_more_axes(counts) ? "position" : "row";
}

/* " of 350 (50 rows x 7)": all there are, where some are taken out, and what they are made of. */
static void put_axes(sy_text *text, const sy_counts *counts, double counted) {
  uint64_t positions = sy_counts_positions(counts), rows = sy_counts_first_axis(counts);
  if (counted != (double)positions)
    sy_text_add(text, " of %s", sy_cell_count((double)positions).text);
  if (rows == 0 || positions % rows != 0) return;
  sy_text_add(text, " (%s row%s x %s)", sy_cell_count((double)rows).text, sy_plural((double)rows),
              sy_cell_count((double)(positions / rows)).text);
}

void sy_put_rows(sy_text *text, const sy_counts *counts) {
  double counted = sy_rows_counted(counts), weight = 0;
  sy_text_add(text, "%s %s%s", sy_cell_count(counted).text, sy_rows_word(counts),
              sy_plural(counted));
  if (has_more_axes(counts)) put_axes(text, counts, counted);
  if (sy_counts_n_labels(counts) > 0) return;
  for (size_t k = 0; k < sy_counts_n_classes(counts); k++) weight += sy_counts_weight(counts, k);
  if (weight != counted) sy_text_add(text, " that weigh %s", sy_cell_count(weight).text);
}
