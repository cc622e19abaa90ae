/* audit.c: what a set of weights does, as a table: of classes, or of several labels a row. */
#include <steelyard/report.h>

#include <string.h>

#include "report/format.h"
#include "report/rows.h"

enum { NAME_WIDTH = 24 };

enum { COUNT_WIDTH = 14, GAP = 2 };

/* Counts are told exactly, so that huge ones widen their column. */
static size_t count_width(const sy_audit *audit) {
  size_t width = COUNT_WIDTH;
  for (size_t k = 0; k < audit->n_classes; k++) {
    size_t wanted = sy_text_width(sy_cell_count(audit->classes[k].count).text) + GAP;
    if (wanted > width) width = wanted;
  }
  return width;
}

static void put_heads(sy_text *text, size_t width) {
  sy_put_left(text, sy_cell_text("class", NAME_WIDTH), NAME_WIDTH);
  sy_put_right(text, sy_cell_text("count", width), width);
  sy_text_put(text, "       share       weight   share of the weight\n");
}

static sy_cell weight_cell(double weight) {
  char text[SY_NUMBER_SIZE];
  return weight < 1e5 ? sy_cell_fixed(weight, 5) : sy_cell_text(sy_number_format(weight, text), 12);
}

static sy_cell rows_cell(double effective_rows) {
  return sy_cell_count((double)(uint64_t)(effective_rows + 0.5));
}

static void put_line(sy_text *text, const char *name, const sy_audit_class *one, size_t width) {
  sy_put_left(text, sy_cell_text(name, NAME_WIDTH), NAME_WIDTH);
  sy_put_right(text, sy_cell_count(one->count), width);
  sy_put_right(text, sy_cell_percent(one->share), 12);
  sy_put_right(text, weight_cell(one->weight), 13);
  sy_put_right(text, sy_cell_percent(one->weight_share), 22);
  sy_text_put(text, "\n");
}

sy_status sy_report_audit(const sy_counts *counts, const sy_audit *audit, const char *policy,
                          const char *const *classes, char **out, sy_error *error) {
  sy_text text = {0};
  sy_put_rows(&text, counts);
  sy_text_add(&text, ", %s class%s, class weights: %s\n\n",
              sy_cell_count((double)audit->n_classes).text, audit->n_classes == 1 ? "" : "es",
              policy);
  size_t width = count_width(audit);
  put_heads(&text, width);
  for (size_t k = 0; k < audit->n_classes; k++)
    put_line(&text, classes[k], &audit->classes[k], width);
  sy_text_add(&text, "\nimbalance %s to 1", sy_cell_amount(audit->imbalance_ratio).text);
  if (strcmp(policy, "none") != 0) {
    sy_cell like = rows_cell(audit->effective_rows);
    sy_text_add(&text, "; weighted, these %ss tell as much as %s unweighted one%s",
                sy_rows_word(counts), like.text, strcmp(like.text, "1") == 0 ? "" : "s");
  }
  sy_text_put(&text, "\n");
  return sy_text_finish(&text, out, error);
}

/* --- several labels a row --- */

static void put_label_heads(sy_text *text, const sy_counts *counts) {
  bool rows = strcmp(sy_rows_word(counts), "row") == 0;
  sy_put_left(text, sy_cell_text("label", NAME_WIDTH), NAME_WIDTH);
  sy_put_right(text, sy_cell_text(rows ? "rows with it" : "with it", 14), 14);
  sy_text_put(text, "       share  weight where absent     present   like rows\n");
}

static void put_label(sy_text *text, const char *name, const sy_audit *audit) {
  sy_put_left(text, sy_cell_text(name, NAME_WIDTH), NAME_WIDTH);
  sy_put_right(text, sy_cell_count(audit->classes[1].count), 14);
  sy_put_right(text, sy_cell_percent(audit->classes[1].share), 12);
  sy_put_right(text, weight_cell(audit->classes[0].weight), 21);
  sy_put_right(text, weight_cell(audit->classes[1].weight), 12);
  sy_put_right(text, rows_cell(audit->effective_rows), 12);
  sy_text_put(text, "\n");
}

sy_status sy_report_label_audits(const sy_counts *counts, const sy_label_audits *audits,
                                 const char *policy, char **out, sy_error *error) {
  sy_text text = {0};
  double n_labels = (double)audits->n_labels;
  const char *word = sy_rows_word(counts);
  sy_put_rows(&text, counts);
  sy_text_add(&text, ", %s label%s, of which a %s may have any number; weights: %s\n\n",
              sy_cell_count(n_labels).text, sy_plural(n_labels), word, policy);
  put_label_heads(&text, counts);
  for (size_t l = 0; l < audits->n_labels; l++)
    put_label(&text, sy_counts_labels(counts)[l], &audits->labels[l]);
  return sy_text_finish(&text, out, error);
}
