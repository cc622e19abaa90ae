#include <steelyard/report.h>

#include <string.h>

#include "report/format.h"

enum { NAME_WIDTH = 24 };

static void put_heads(sy_text *text) {
  sy_put_left(text, sy_cell_text("class", NAME_WIDTH), NAME_WIDTH);
  sy_text_put(text, "         count       share       weight   share of the weight\n");
}

static void put_line(sy_text *text, const char *name, const sy_audit_class *one) {
  char weight[SY_NUMBER_SIZE];
  sy_put_left(text, sy_cell_text(name, NAME_WIDTH), NAME_WIDTH);
  sy_put_right(text, sy_cell_count(one->count), 14);
  sy_put_right(text, sy_cell_percent(one->share), 12);
  sy_cell cell = one->weight < 1e5 ? sy_cell_fixed(one->weight, 5)
                                   : sy_cell_text(sy_number_format(one->weight, weight), 12);
  sy_put_right(text, cell, 13);
  sy_put_right(text, sy_cell_percent(one->weight_share), 22);
  sy_text_put(text, "\n");
}

sy_status sy_report_audit(const sy_audit *audit, const char *policy, const char *const *classes,
                          char **out, sy_error *error) {
  sy_text text = {0};
  sy_text_add(&text, "%s row%s, %s class%s, class weights: %s\n\n",
              sy_cell_count((double)audit->rows).text, sy_plural((double)audit->rows),
              sy_cell_count((double)audit->n_classes).text, audit->n_classes == 1 ? "" : "es",
              policy);
  put_heads(&text);
  for (size_t k = 0; k < audit->n_classes; k++) put_line(&text, classes[k], &audit->classes[k]);
  sy_text_add(&text, "\nimbalance %s to 1", sy_cell_amount(audit->imbalance_ratio).text);
  if (strcmp(policy, "none") != 0) {
    sy_text_add(&text, "; weighted, these rows tell as much as %s unweighted ones",
                sy_cell_count((double)(uint64_t)(audit->effective_rows + 0.5)).text);
  }
  sy_text_put(&text, "\n");
  return sy_text_finish(&text, out, error);
}
