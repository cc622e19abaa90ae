/* cost_rule.c: costs as typed, owned: numbers and expressions over the row. */
#include "decide/cost_rule.h"
#include "base/error.h"
#include "base/memory.h"

#include <steelyard/decide.h>
#include <string.h>

void sy_cost_rule_clear(sy_cost_rule *rule) {
  for (size_t i = 0; i < rule->n_expressions; i++) free(rule->expressions[i]);
  free(rule->expressions);
  free(rule->which);
  free(rule->fixed);
  *rule = (sy_cost_rule){0};
}

sy_status sy_cost_rule_matrix(const double *cost, size_t n_classes, sy_cost_rule *rule,
                              sy_error *error) {
  *rule = (sy_cost_rule){.fixed = sy_alloc(n_classes, n_classes * sizeof *rule->fixed)};
  if (!rule->fixed) return sy_fail_memory(error);
  rule->n_classes = n_classes;
  memcpy(rule->fixed, cost, n_classes * n_classes * sizeof *cost);
  return SY_OK;
}

/* Cells that are all numbers; false when out of memory. */
static bool have_which(sy_cost_rule *rule) {
  if (rule->which) return true;
  size_t n_cells = rule->n_classes * rule->n_classes;
  rule->which = sy_alloc(n_cells, sizeof *rule->which);
  for (size_t i = 0; rule->which && i < n_cells; i++) rule->which[i] = -1;
  return rule->which;
}

/* Place of an expression, added where it is new; -1 when out of memory. */
static int32_t find_or_add(sy_cost_rule *rule, const char *expression) {
  size_t n = rule->n_expressions;
  for (size_t i = 0; i < n; i++)
    if (strcmp(rule->expressions[i], expression) == 0) return (int32_t)i;
  char **expressions = sy_realloc(rule->expressions, n + 1, sizeof *expressions);
  if (!expressions) return -1;
  rule->expressions = expressions;
  char *copy = sy_copy_text(expression);
  if (!copy) return -1;
  expressions[n] = copy;
  rule->n_expressions++;
  return (int32_t)n;
}

sy_status sy_cost_rule_add(sy_cost_rule *rule, const char *expression, sy_error *error) {
  return find_or_add(rule, expression) < 0 ? sy_fail_memory(error) : SY_OK;
}

sy_status sy_cost_rule_set(sy_cost_rule *rule, size_t actual, size_t predicted,
                           const char *expression, sy_error *error) {
  int32_t which = have_which(rule) ? find_or_add(rule, expression) : -1;
  if (which < 0) return sy_fail_memory(error);
  size_t cell = actual * rule->n_classes + predicted;
  rule->which[cell] = which;
  rule->fixed[cell] = 0;
  return SY_OK;
}

sy_status sy_cost_rule_copy(const sy_cost_rule *from, sy_cost_rule *rule, sy_error *error) {
  sy_status status = sy_cost_rule_matrix(from->fixed, from->n_classes, rule, error);
  if (status != SY_OK || from->n_expressions == 0) return status;
  size_t n = from->n_expressions, n_cells = from->n_classes * from->n_classes;
  rule->expressions = sy_alloc_zero(n, sizeof *rule->expressions);
  rule->which = sy_alloc(n_cells, sizeof *rule->which);
  bool copied = rule->expressions && rule->which;
  for (size_t i = 0; copied && i < n; i++) {
    rule->expressions[i] = sy_copy_text(from->expressions[i]);
    copied = rule->expressions[i];
    if (copied) rule->n_expressions++;
  }
  if (!copied) {
    sy_cost_rule_clear(rule);
    return sy_fail_memory(error);
  }
  memcpy(rule->which, from->which, n_cells * sizeof *rule->which);
  return SY_OK;
}
