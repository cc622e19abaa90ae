/* rules.c: the rule for scores, beside those it has to beat, with intervals. */
#include <steelyard/report.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "report/format.h"

/* Widths of the table; the whole stays within 100 columns. */
enum {
  LABEL_WIDTH = 17,
  LABEL_THRESHOLD_WIDTH = 22,
  LABEL_VALUE_WIDTH = 9,
  NAME_WIDTH = 25,
  LONG_NAME_WIDTH = 31,
  SHARE_WIDTH = 17,
  MEAN_WIDTH = 15,
  COST_WIDTH = 21
};

/* Three digits of a percentage; small ones, whose intervals are wide, have fewer. */
static const char *percent_text(double share, char text[SY_NUMBER_SIZE]) {
  int digits = share >= 0.01 ? 3 : share >= 0.001 ? 2 : 1;
  return sy_number_round(100 * share, digits, text);
}

/* "19.4 (18.6-20.2)" */
static void put_share(sy_text *text, const sy_share *share) {
  char value[SY_NUMBER_SIZE], low[SY_NUMBER_SIZE], high[SY_NUMBER_SIZE], cell[4 * SY_NUMBER_SIZE];
  if (isnan(share->value))
    snprintf(cell, sizeof cell, "-");
  else
    snprintf(cell, sizeof cell, "%s (%s-%s)", percent_text(share->value, value),
             percent_text(share->low, low), percent_text(share->high, high));
  sy_put_right(text, sy_cell_text(cell, SHARE_WIDTH - 1), SHARE_WIDTH);
}

/* "1,824 (1,664-1,984)"; of large numbers without the interval. */
static void put_cost(sy_text *text, const sy_metrics *metrics) {
  char cell[sizeof(sy_cell) * 4];
  sy_cell cost = sy_cell_money(1000 * metrics->average_cost);
  int length = snprintf(cell, sizeof cell, "%s (%s%s%s)", cost.text,
                        sy_cell_money(1000 * metrics->average_cost_low).text,
                        metrics->average_cost_low < 0 ? " to " : "-",
                        sy_cell_money(1000 * metrics->average_cost_high).text);
  sy_put_right(text, length < COST_WIDTH ? sy_cell_text(cell, COST_WIDTH) : cost, COST_WIDTH);
}

static void put_name(sy_text *text, const sy_rule_line *line, size_t width) {
  char name[sizeof line->name + sizeof line->remark + 4];
  snprintf(name, sizeof name, "%s%s%s", line->name, line->remark[0] ? "  " : "", line->remark);
  sy_put_left(text, sy_cell_text(name, width), width);
}

static void put_head(sy_text *text, const char *head, size_t width) {
  sy_put_right(text, sy_cell_text(head, width), width);
}

static void put_two_classes(sy_text *text, const sy_rules *rules) {
  sy_put_left(text, sy_cell_text("shares in % (95 %)", NAME_WIDTH), NAME_WIDTH);
  put_head(text, "flagged", SHARE_WIDTH);
  put_head(text, "caught", SHARE_WIDTH);
  put_head(text, "precision", SHARE_WIDTH);
  put_head(text, rules->priced ? "cost per 1000 (95 %)" : "balanced acc.", COST_WIDTH);
  sy_text_put(text, "\n");
  for (size_t i = 0; i < rules->n_lines; i++) {
    const sy_rule_line *line = &rules->lines[i];
    put_name(text, line, NAME_WIDTH);
    put_share(text, &line->flagged);
    put_share(text, &line->caught);
    put_share(text, &line->precision);
    if (rules->priced)
      put_cost(text, &line->metrics);
    else
      sy_put_right(text, sy_cell_fixed(line->metrics.balanced_accuracy, 3), COST_WIDTH);
    sy_text_put(text, line->chosen ? " <-\n" : "\n");
  }
}

static void put_many_classes(sy_text *text, const sy_rules *rules) {
  sy_put_left(text, sy_cell_text("decision", LONG_NAME_WIDTH), LONG_NAME_WIDTH);
  put_head(text, "accuracy", MEAN_WIDTH);
  put_head(text, "balanced acc.", MEAN_WIDTH);
  put_head(text, "macro F1", MEAN_WIDTH);
  if (rules->priced) put_head(text, "cost per 1000 (95 %)", COST_WIDTH);
  sy_text_put(text, "\n");
  for (size_t i = 0; i < rules->n_lines; i++) {
    const sy_rule_line *line = &rules->lines[i];
    put_name(text, line, LONG_NAME_WIDTH);
    sy_put_right(text, sy_cell_percent(line->metrics.accuracy), MEAN_WIDTH);
    sy_put_right(text, sy_cell_fixed(line->metrics.balanced_accuracy, 3), MEAN_WIDTH);
    sy_put_right(text, sy_cell_fixed(line->metrics.macro_f1, 3), MEAN_WIDTH);
    if (rules->priced) put_cost(text, &line->metrics);
    sy_text_put(text, line->chosen ? " <-\n" : "\n");
  }
}

/* From 100 % on to whole ones: digits alone would make it a power of ten. */
static sy_cell saving_cell(double percent, int digits) {
  sy_cell cell;
  char number[SY_NUMBER_SIZE];
  if (fabs(percent) >= 99.5) return sy_cell_fixed(percent, 0);
  snprintf(cell.text, sizeof cell.text, "%s", sy_number_round(percent, digits, number));
  return cell;
}

/* "Saves 18.3 % (14 to 22) against never flagging."; a saving below 0 is told as what it is. */
static void put_saving(sy_text *text, const sy_cost_comparison *saving, const char *against) {
  bool saves = saving->saving >= 0;
  double sign = saves ? 100 : -100;
  if (isnan(saving->saving)) return;
  double low = sign * (saves ? saving->saving_low : saving->saving_high);
  double high = sign * (saves ? saving->saving_high : saving->saving_low);
  sy_text_add(text, "%s %s %% (%s to %s) %s %s.\n", saves ? "Saves" : "Costs",
              saving_cell(sign * saving->saving, 3).text, saving_cell(low, 2).text,
              saving_cell(high, 2).text, saves ? "against" : "more than", against);
}

static const char *constant_name(const sy_rules *rules, const char *const *classes, char text[96]) {
  if (rules->positive >= 0)
    return rules->best_constant == rules->positive ? "always flagging" : "never flagging";
  const char *name = classes[rules->best_constant];
  snprintf(text, 96, "always %.*s", sy_text_fit(name, 80), name);
  return text;
}

static void put_savings(sy_text *text, const sy_rules *rules, const char *const *classes) {
  char constant[96];
  if (!rules->priced) return;
  if (rules->kind != SY_RULE_DEFAULT)
    put_saving(text, &rules->against_default, "the usual default");
  put_saving(text, &rules->against_constant, constant_name(rules, classes, constant));
}

static const char *threshold_text(double threshold, char text[SY_NUMBER_SIZE]) {
  if (threshold > 1) return "never";
  return threshold <= 0 ? "always" : sy_number_format(threshold, text);
}

static void put_tuning(sy_text *text, const sy_rules *rules) {
  char low[SY_NUMBER_SIZE], high[SY_NUMBER_SIZE];
  const sy_tuned *tuning = &rules->tuning;
  if (!rules->tuned) return;
  if (tuning->threshold_low > 1 || tuning->threshold_high <= 0)
    sy_text_add(text, "95 %% of bootstrap samples %s flag.\n",
                threshold_text(tuning->threshold_low, low));
  else if (!isnan(tuning->threshold_low))
    sy_text_add(text, "95 %% of bootstrap samples put the threshold from %s to %s.\n",
                threshold_text(tuning->threshold_low, low),
                threshold_text(tuning->threshold_high, high));
  sy_text_put(text, rules->crossed
                        ? "The tuned line is judged by halves: each by a rule tuned on the other.\n"
                        : "The tuned line is judged on the rows it was tuned on, and so too "
                          "hopeful: they are too few to halve.\n");
}

static void put_factors(sy_text *text, const sy_rules *rules, const char *const *classes) {
  char number[SY_NUMBER_SIZE];
  if (!rules->factors) return;
  sy_text all = {0};
  for (size_t k = 0; k < rules->n_classes; k++)
    sy_text_add(&all, "%s%.*s %s", k ? ", " : "", sy_text_fit(classes[k], 60), classes[k],
                sy_number_format(rules->factors[k], number));
  sy_text_put(text, "Factors: ");
  if (all.data) sy_put_paragraph(text, all.data, 9);
  text->failed = text->failed || all.failed;
  free(all.data);
}

sy_status sy_report_rules(const sy_rules *rules, const char *heading, const char *const *classes,
                          char **text, sy_error *error) {
  sy_text out = {0};
  if (heading) sy_text_add(&out, "%s\n", heading);
  if (rules->positive >= 0)
    put_two_classes(&out, rules);
  else
    put_many_classes(&out, rules);
  if (rules->factors || rules->tuned || rules->priced) sy_text_put(&out, "\n");
  put_factors(&out, rules, classes);
  put_savings(&out, rules, classes);
  put_tuning(&out, rules);
  return sy_text_finish(&out, text, error);
}

/* "0.23 (0.19-0.31)" */
static void put_label_threshold(sy_text *text, const sy_rules *rules) {
  char at[SY_NUMBER_SIZE], low[SY_NUMBER_SIZE], high[SY_NUMBER_SIZE], cell[4 * SY_NUMBER_SIZE];
  const sy_tuned *tuning = &rules->tuning;
  bool sure = rules->tuned && !isnan(tuning->threshold_low);
  snprintf(cell, sizeof cell, "%s%s%s%s%s%s", threshold_text(rules->threshold, at),
           sure ? " (" : "", sure ? threshold_text(tuning->threshold_low, low) : "",
           sure ? "-" : "", sure ? threshold_text(tuning->threshold_high, high) : "",
           sure ? ")" : "");
  sy_put_right(text, sy_cell_text(cell, LABEL_THRESHOLD_WIDTH - 1), LABEL_THRESHOLD_WIDTH);
}

/* Large costs have no room for their digits: "8.45e+09". */
static sy_cell label_cost(double cost) {
  char number[SY_NUMBER_SIZE];
  sy_cell cell = sy_cell_money(cost);
  if (sy_text_width(cell.text) < LABEL_VALUE_WIDTH) return cell;
  return sy_cell_text(sy_number_round(cost, 3, number), LABEL_VALUE_WIDTH - 1);
}

sy_status sy_report_label_rules(const sy_rules *rules, const char *const *labels, size_t n,
                                char **text, sy_error *error) {
  sy_text out = {0};
  bool priced = n > 0 && rules[0].priced, honest = true;
  sy_put_left(&out, sy_cell_text("label", LABEL_WIDTH), LABEL_WIDTH);
  put_head(&out, "p >= (95 %)", LABEL_THRESHOLD_WIDTH);
  put_head(&out, "% flagged", SHARE_WIDTH);
  put_head(&out, "% caught", SHARE_WIDTH);
  put_head(&out, "% precision", SHARE_WIDTH);
  put_head(&out, priced ? "cost" : "F1", LABEL_VALUE_WIDTH);
  sy_text_put(&out, "\n");
  for (size_t l = 0; l < n; l++) {
    const sy_rule_line *line = &rules[l].lines[rules[l].chosen];
    honest = honest && (rules[l].crossed || !rules[l].tuned);
    sy_put_left(&out, sy_cell_text(labels[l], LABEL_WIDTH), LABEL_WIDTH);
    put_label_threshold(&out, &rules[l]);
    put_share(&out, &line->flagged);
    put_share(&out, &line->caught);
    put_share(&out, &line->precision);
    sy_put_right(&out,
                 priced ? label_cost(1000 * line->metrics.average_cost)
                        : sy_cell_fixed(line->metrics.per_class[1].f1, 3),
                 LABEL_VALUE_WIDTH);
    sy_text_put(&out, "\n");
  }
  sy_text_put(&out, priced ? "\nCosts are per 1000 rows.\n" : "\n");
  if (n > 0 && rules[0].tuned)
    sy_text_put(&out, honest ? "Judged by halves: each by thresholds tuned on the other.\n"
                             : "Labels whose rows are too few to halve are judged on the rows they "
                               "were tuned on.\n");
  return sy_text_finish(&out, text, error);
}
