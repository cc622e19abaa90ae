#include "fail_if.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

static int bad_form(const char *text) {
  return say_usage("--fail-if takes NAME, one of > >= < <=, and a number, as in 'prior>0.03' or "
                   "'recall<80%%', not '%s'",
                   text);
}

/* Where the comparison begins: the last one, since names of columns may hold anything. */
static const char *find_operation(const char *text) {
  const char *last = NULL;
  for (const char *c = text; *c; c++)
    if (*c == '<' || *c == '>') last = c;
  return last;
}

static int read_one(const char *text, fail_condition *condition) {
  const char *operation = find_operation(text);
  *condition = (fail_condition){.text = text, .value = NAN};
  if (!operation) return bad_form(text);
  bool or_equal = operation[1] == '=';
  condition->operation[0] = *operation;
  condition->operation[1] = or_equal ? '=' : 0;
  bool good = text_number(operation + 1 + or_equal, &condition->bound);
  if (!good || !isfinite(condition->bound)) return bad_form(text);
  condition->name = text_copy(text);
  condition->name[operation - text] = 0;
  return *text_unquote(condition->name) ? EXIT_DONE : bad_form(text);
}

int fail_if_read(const settings *given, fail_conditions *conditions) {
  int code = EXIT_DONE;
  conditions->items = grab(given->fail_if.n, sizeof *conditions->items);
  for (size_t i = 0; i < given->fail_if.n && code == EXIT_DONE; i++) {
    code = read_one(given->fail_if.items[i], &conditions->items[i]);
    conditions->n = i + 1;
  }
  return code;
}

/* The names without those of single classes and columns. */
static char *common_names(const figures *known) {
  text_list names = {NULL, 0};
  for (size_t i = 0; i < known->n; i++)
    if (!strchr(known->items[i].name, ':')) text_list_add(&names, known->items[i].name);
  char *joined = text_list_join(&names, ", ");
  text_list_free(&names);
  return joined;
}

static int unknown(const fail_condition *condition, const figures *known, const char *where) {
  const char *nearest = figures_nearest(known, condition->name);
  if (nearest)
    return say_usage("--fail-if: there is no '%s' %s; did you mean '%s'?", condition->name, where,
                     nearest);
  char *names = common_names(known);
  int code = say_usage("--fail-if: there is no '%s' %s; there are %s, and those of one class or "
                       "column as NAME:WHICH",
                       condition->name, where, names);
  free(names);
  return code;
}

int fail_if_check(const fail_conditions *conditions, const figures *known, const char *where) {
  for (size_t i = 0; i < conditions->n; i++)
    if (!figures_find(known, conditions->items[i].name))
      return unknown(&conditions->items[i], known, where);
  return EXIT_DONE;
}

static bool compare(double value, const char *operation, double bound) {
  if (operation[0] == '>') return operation[1] ? value >= bound : value > bound;
  return operation[1] ? value <= bound : value < bound;
}

void fail_if_judge(fail_conditions *conditions, const figures *found, sy_messages *messages) {
  for (size_t i = 0; i < conditions->n; i++) {
    fail_condition *condition = &conditions->items[i];
    const figure *named = figures_find(found, condition->name);
    condition->value = named ? named->value : (double)NAN;
    /* Comparisons with NaN are false. */
    condition->holds = compare(condition->value, condition->operation, condition->bound);
    if (isnan(condition->value))
      sy_messages_add(messages, "--fail-if '%s' does not hold: %s is not defined here",
                      condition->text, condition->name);
  }
}

json_t *fail_if_json(const fail_conditions *conditions) {
  json_t *list = json_array();
  for (size_t i = 0; i < conditions->n; i++) {
    json_t *object = json_object();
    json_object_set_new(object, "condition", json_text(conditions->items[i].text));
    json_object_set_new(object, "value", json_number(conditions->items[i].value));
    json_object_set_new(object, "holds", json_boolean(conditions->items[i].holds));
    json_array_append_new(list, object);
  }
  return list;
}

bool fail_if_is_silent(const settings *given) {
  return given->quiet && given->fail_if.n > 0;
}

/* Four digits, or all where four would tell another story; in per cent where the bound is. */
static char *value_text(const fail_condition *condition) {
  bool percent = strchr(strrchr(condition->text, *condition->operation), '%') != NULL;
  double value = condition->value, scale = percent ? 100 : 1;
  char number[SY_NUMBER_SIZE];
  double unit = value != 0 ? pow(10, 4 - ceil(log10(fabs(value * scale)))) : 1;
  double rounded = round(value * scale * unit) / unit;
  if (!isfinite(rounded) || !compare(rounded / scale, condition->operation, condition->bound))
    rounded = value * scale;
  return text_format("%s%s", sy_number_format(rounded, number), percent ? " %" : "");
}

int fail_if_end(const fail_conditions *conditions, const char *what) {
  text_list held = {NULL, 0};
  for (size_t i = 0; i < conditions->n; i++) {
    const fail_condition *condition = &conditions->items[i];
    if (!condition->holds) continue;
    char *value = value_text(condition);
    char *line = text_format("%s holds: it is %s", condition->text, value);
    text_list_add(&held, line);
    free(value);
    free(line);
  }
  int code = EXIT_DONE;
  if (held.n) {
    char *all = text_list_join(&held, "; ");
    say_failed("%s: %s", what, all);
    free(all);
    code = EXIT_CONDITION;
  }
  text_list_free(&held);
  return code;
}

void fail_if_free(fail_conditions *conditions) {
  for (size_t i = 0; i < conditions->n; i++) free(conditions->items[i].name);
  free(conditions->items);
  *conditions = (fail_conditions){NULL, 0};
}
