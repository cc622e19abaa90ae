/* page_study.c: a study as a page. */
#include <steelyard/report.h>

#include "report/heading.h"

sy_status sy_report_choice_page(const sy_study *study, const sy_families *families,
                                const char *title, const sy_costs *costs, char **html,
                                sy_error *error) {
  const sy_review *shown = study->test.n_ways ? &study->test : &study->train;
  const sy_cost_rule *rule = sy_model_cost_rule(study->model);
  char heading[SY_HEADING_SIZE];
  sy_study_heading(study, heading);
  sy_costs priced = costs ? *costs : (sy_costs){0};
  priced.values = shown->rows.cost_values;
  sy_evaluation rows = sy_review_evaluation(shown, costs ? &priced : NULL);
  sy_page page = {.title = title,
                  .subtitle = heading,
                  .classes = sy_model_classes(study->model),
                  .n_classes = sy_model_n_classes(study->model),
                  .audit = &study->audit,
                  .policy = study->policy,
                  .review = shown,
                  .rows = rows.n > 0 ? &rows : NULL,
                  .rule = rule->n_expressions > 0 ? NULL : rule->fixed,
                  .notes = study->messages,
                  .training = study->training.n_curve > 0 ? &study->training : NULL,
                  .families = families && families->n > 0 ? families : NULL};
  return sy_report_page(&page, html, error);
}

sy_status sy_report_study_page(const sy_study *study, const char *title, const sy_costs *costs,
                               char **html, sy_error *error) {
  return sy_report_choice_page(study, NULL, title, costs, html, error);
}
