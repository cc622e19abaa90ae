/* cost_parse.c: costs as users type them, "ACTUAL:PREDICTED=COST,...", a cost being a number or an
 * expression. Class names are anything, so a piece is not cut at the first ':' and '=' but wherever
 * both names turn out to be classes; quotes settle what stays ambiguous. */
#include "base/error.h"
#include "base/memory.h"
#include "decide/cost_rule.h"

#include <math.h>
#include <stdio.h>
#include <steelyard/decide.h>
#include <string.h>

enum { CLASSES_LISTED = 4, LIST_SIZE = CLASSES_LISTED * (SY_SHOWN_SIZE + 16) };

static const char form[] = "ACTUAL:PREDICTED=COST, a name that holds , : or = in \"double quotes\"";

/* Part of a piece, blanks around it left out. */
typedef struct segment {
  const char *start, *end;
} segment;

/* One way of cutting a piece: where ':' and '=' are, the classes they give (-1 = none) and the
 * cost. */
typedef struct cut {
  segment names[2];
  long classes[2];
  segment cost;
  bool numeric;
  double value;
} cut;

/* What all cuts of a piece came to. */
typedef struct cuts {
  size_t n_usable;  /* both names are classes */
  size_t n_numeric; /* and the cost is a number */
  bool any;
  cut best;
} cuts;

/* Costs being read. */
typedef struct parsing {
  const char *const *classes; /* NULL = not known yet: only expressions are looked for */
  bool numbers_only;
  sy_cost_rule *rule;
} parsing;

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static segment trimmed(const char *start, const char *end) {
  while (start < end && is_blank(*start)) start++;
  while (end > start && is_blank(end[-1])) end--;
  return (segment){start, end};
}

/* End of the quotes that open at `text`, behind the closing one; NULL where they stay open. */
static const char *quotes_end(const char *text, const char *end) {
  for (text++; text < end; text++) {
    if (*text != '"') continue;
    if (text + 1 == end || text[1] != '"') return text + 1;
    text++;
  }
  return NULL;
}

/* The next place from `text` on, outside quotes, that holds `wanted`; `end` where there is none,
 * NULL where quotes stay open. Quotes open only where a name begins: at the front or after ':'. */
static const char *find_outside(const char *front, const char *text, const char *end, char wanted) {
  bool begins = text == front || text[-1] == ':';
  for (; text < end; text++) {
    if (*text == '"' && begins) {
      begins = false;
      text = quotes_end(text, end);
      if (!text || text == end) return text;
    }
    if (*text == wanted) return text;
    if (!is_blank(*text)) begins = *text == ':';
  }
  return end;
}

static bool is_quoted(segment name) {
  return name.start < name.end && *name.start == '"' &&
         quotes_end(name.start, name.end) == name.end;
}

/* Whether the name as typed is `label`: quotes are taken off and doubled ones inside halved. What
 * begins with a quote is quoted as a whole or no name. */
static bool same_name(segment name, const char *label) {
  if (!is_quoted(name)) {
    size_t length = (size_t)(name.end - name.start);
    if (length > 0 && *name.start == '"') return false;
    return strlen(label) == length && memcmp(name.start, label, length) == 0;
  }
  for (const char *c = name.start + 1; c < name.end - 1; c++, label++) {
    if (*c != *label) return false;
    if (*c == '"') c++;
  }
  return !*label;
}

static long find_class(segment name, const char *const *classes, size_t n_classes) {
  for (size_t k = 0; k < n_classes; k++)
    if (same_name(name, classes[k])) return (long)k;
  return -1;
}

static int n_known(const cut *candidate) {
  return (candidate->classes[0] >= 0) + (candidate->classes[1] >= 0);
}

/* Counts a cut and keeps the one that says most: for a good piece the only usable one, for a bad
 * piece the one whose error helps. */
static void weigh_cut(cuts *all, const cut *candidate) {
  if (n_known(candidate) == 2) all->n_usable++;
  if (n_known(candidate) == 2 && candidate->numeric) all->n_numeric++;
  int merit = 2 * n_known(candidate) + candidate->numeric;
  int best = all->any ? 2 * n_known(&all->best) + all->best.numeric : -1;
  if (merit > best) all->best = *candidate;
  all->any = true;
}

/* Tries every ':' and '=' outside quotes. The piece ends in a zero byte. */
static void cut_piece(const char *piece, const char *const *classes, size_t n_classes, cuts *all) {
  const char *end = piece + strlen(piece);
  *all = (cuts){0};
  for (const char *colon = find_outside(piece, piece, end, ':'); colon && colon < end;
       colon = find_outside(piece, colon + 1, end, ':')) {
    cut candidate = {.names = {trimmed(piece, colon)}};
    candidate.classes[0] = find_class(candidate.names[0], classes, n_classes);
    const char *front = trimmed(colon + 1, end).start;
    for (const char *equals = find_outside(front, front, end, '='); equals && equals < end;
         equals = find_outside(front, equals + 1, end, '=')) {
      candidate.names[1] = trimmed(front, equals);
      candidate.classes[1] = find_class(candidate.names[1], classes, n_classes);
      candidate.cost = trimmed(equals + 1, end);
      candidate.numeric = sy_number_parse(equals + 1, &candidate.value);
      weigh_cut(all, &candidate);
    }
  }
}

/* The classes, where they are few enough to be read. */
static void list_classes(const char *const *classes, size_t n_classes, char text[LIST_SIZE]) {
  size_t used = 0;
  for (size_t k = 0; k < n_classes && n_classes <= CLASSES_LISTED; k++) {
    char shown[SY_SHOWN_SIZE];
    used += (size_t)snprintf(text + used, LIST_SIZE - used, "%s \"%s\"",
                             k == 0 ? "; there are" : ",", sy_shown(classes[k], shown));
  }
  text[used] = 0;
}

static sy_status fail_unknown(const char *piece, segment name, const char *const *classes,
                              size_t n_classes, sy_error *error) {
  if (is_quoted(name)) name = (segment){name.start + 1, name.end - 1};
  char *typed = sy_copy_bytes(name.start, (size_t)(name.end - name.start));
  if (!typed) return sy_fail_memory(error);
  char shown[SY_SHOWN_SIZE], shown_piece[SY_SHOWN_SIZE], near[SY_SHOWN_SIZE] = "";
  const char *nearest = sy_nearest_name(typed, classes, n_classes);
  if (nearest) sy_shown(nearest, near);
  char list[LIST_SIZE];
  list_classes(classes, n_classes, list);
  if (nearest)
    sy_fail(error, SY_INVALID_COST, "cost '%s': there is no class \"%s\"; did you mean \"%s\"?",
            sy_shown(piece, shown_piece), sy_shown(typed, shown), near);
  else
    sy_fail(error, SY_INVALID_COST, "cost '%s': there is no class \"%s\"%s; costs are written %s",
            sy_shown(piece, shown_piece), sy_shown(typed, shown), list, form);
  free(typed);
  return SY_INVALID_COST;
}

/* Whether the cut that says most is the only one that can be meant. Where any gives a number,
 * names that hold '=' are behind the others: a number is meant. */
static bool is_clear(const cuts *all) {
  return all->n_numeric ? all->n_numeric == 1 : all->n_usable == 1;
}

/* Why no single cut of the piece is usable, or its cost is none. */
static sy_status fail_cuts(const parsing *now, const char *piece, const cuts *all,
                           sy_error *error) {
  char shown[SY_SHOWN_SIZE], shown_cost[SY_SHOWN_SIZE];
  sy_shown(piece, shown);
  if (!all->any)
    return sy_fail(error, SY_INVALID_COST, "cost '%s' is not of the form %s", shown, form);
  const cut *best = &all->best;
  for (int i = 0; i < 2; i++)
    if (best->classes[i] < 0)
      return fail_unknown(piece, best->names[i], now->classes, now->rule->n_classes, error);
  if (!is_clear(all))
    return sy_fail(error, SY_INVALID_COST,
                   "cost '%s' can be read in more than one way: put class names in \"double "
                   "quotes\"",
                   shown);
  if (best->cost.start == best->cost.end)
    return sy_fail(error, SY_INVALID_COST, "cost '%s': behind '=' there is no cost", shown);
  return sy_fail(error, SY_INVALID_COST, "cost '%s': \"%s\" is no finite number%s", shown,
                 sy_shown(best->cost.start, shown_cost),
                 best->numeric ? "" : ", and costs that differ by row have no place here");
}

/* Adds the expression of a piece whose classes are not known. A number behind a later '=' is the
 * cost: the first one then belongs to a name. */
static sy_status scan_piece(const parsing *now, const char *piece, sy_error *error) {
  const char *end = piece + strlen(piece), *colon = find_outside(piece, piece, end, ':');
  const char *front = colon && colon < end ? trimmed(colon + 1, end).start : end;
  const char *cost = NULL;
  double value;
  for (const char *equals = find_outside(front, front, end, '='); equals && equals < end;
       equals = find_outside(front, equals + 1, end, '=')) {
    if (sy_number_parse(equals + 1, &value)) return SY_OK;
    if (!cost) cost = trimmed(equals + 1, end).start;
  }
  return cost && *cost ? sy_cost_rule_add(now->rule, cost, error) : SY_OK;
}

/* Enters one piece into the rule, where NaN marks pairs not named yet. */
static sy_status enter_piece(const parsing *now, const char *piece, sy_error *error) {
  cuts all;
  sy_cost_rule *rule = now->rule;
  cut_piece(piece, now->classes, rule->n_classes, &all);
  const cut *best = &all.best;
  bool good = all.any && n_known(best) == 2 && is_clear(&all) && best->cost.start < best->cost.end;
  if (!good || (best->numeric ? !isfinite(best->value) : now->numbers_only))
    return fail_cuts(now, piece, &all, error);
  size_t actual = (size_t)best->classes[0], predicted = (size_t)best->classes[1];
  double *entry = rule->fixed + actual * rule->n_classes + predicted;
  char shown[SY_SHOWN_SIZE];
  if (!isnan(*entry))
    return sy_fail(error, SY_INVALID_COST, "cost '%s': this pair has a cost already",
                   sy_shown(piece, shown));
  *entry = best->value;
  if (best->numeric) return SY_OK;
  char *expression = sy_copy_bytes(best->cost.start, (size_t)(best->cost.end - best->cost.start));
  if (!expression) return sy_fail_memory(error);
  sy_status status = sy_cost_rule_set(rule, actual, predicted, expression, error);
  free(expression);
  return status;
}

/* Whether the text up to an '=' names two classes: then what follows it is a cost. */
static bool is_head(const parsing *now, const char *start, const char *equals) {
  size_t n = now->rule->n_classes;
  const char *first = find_outside(start, start, equals, ':');
  if (!now->classes) return first && first < equals;
  for (const char *colon = first; colon && colon < equals;
       colon = find_outside(start, colon + 1, equals, ':'))
    if (find_class(trimmed(start, colon), now->classes, n) >= 0 &&
        find_class(trimmed(colon + 1, equals), now->classes, n) >= 0)
      return true;
  return false;
}

/* The comma that ends an expression, or `end`; NULL where a quote or a parenthesis stays open or
 * one closes that was not opened. Doubled quotes close and open again. */
static const char *expression_end(const char *text, const char *end) {
  long depth = 0;
  for (; text < end && (depth || *text != ','); text++) {
    if (*text == '\'' || *text == '"') {
      text = memchr(text + 1, *text, (size_t)(end - text - 1));
      if (!text) return NULL;
    }
    if (strchr("([{", *text)) depth++;
    if (strchr(")]}", *text) && --depth < 0) return NULL;
  }
  return depth ? NULL : text;
}

static sy_status fail_open(const char *what, const char *start, const char *why, sy_error *error) {
  char shown[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_COST, "%s '%s': %s", what, sy_shown(start, shown), why);
}

/* Where the piece that begins here ends: at its comma, or at `end`. */
static sy_status find_end(const parsing *now, segment rest, const char **comma, sy_error *error) {
  *comma = find_outside(rest.start, rest.start, rest.end, ',');
  if (!*comma) return fail_open("costs", rest.start, "a \"quoted name\" is not closed", error);
  for (const char *equals = find_outside(rest.start, rest.start, *comma, '=');
       equals && equals < *comma; equals = find_outside(rest.start, equals + 1, *comma, '=')) {
    if (!is_head(now, rest.start, equals)) continue;
    *comma = expression_end(equals + 1, rest.end);
    if (*comma) return SY_OK;
    return fail_open("cost", rest.start,
                     "quotes, parentheses or brackets of its expression do not close as they open",
                     error);
  }
  return SY_OK;
}

/* Cuts off the piece at *text (blanks around it left out) and moves behind its comma; *text is
 * NULL after the last. */
static sy_status next_piece(const parsing *now, const char **text, char **piece, sy_error *error) {
  segment rest = trimmed(*text, *text + strlen(*text));
  const char *comma;
  sy_status status = find_end(now, rest, &comma, error);
  if (status != SY_OK) return status;
  segment found = trimmed(rest.start, comma);
  *piece = sy_copy_bytes(found.start, (size_t)(found.end - found.start));
  if (!*piece) return sy_fail_memory(error);
  *text = comma < rest.end ? comma + 1 : NULL;
  return SY_OK;
}

static void fill_unnamed(double *cost, size_t n_classes) {
  for (size_t k = 0; k < n_classes; k++)
    for (size_t j = 0; j < n_classes; j++)
      if (isnan(cost[k * n_classes + j])) cost[k * n_classes + j] = j == k ? 0 : 1;
}

static sy_status parse_pieces(const parsing *now, const char *text, sy_error *error) {
  while (text) {
    char *piece;
    sy_status status = next_piece(now, &text, &piece, error);
    if (status != SY_OK) return status;
    status = now->classes ? enter_piece(now, piece, error) : scan_piece(now, piece, error);
    free(piece);
    if (status != SY_OK) return status;
  }
  fill_unnamed(now->rule->fixed, now->rule->n_classes);
  return SY_OK;
}

static sy_status parse_rule(const char *text, const char *const *classes, size_t n_classes,
                            bool numbers_only, sy_cost_rule *rule, sy_error *error) {
  *rule = (sy_cost_rule){.fixed = sy_alloc(n_classes, n_classes * sizeof *rule->fixed)};
  if (!rule->fixed) return sy_fail_memory(error);
  rule->n_classes = n_classes;
  for (size_t i = 0; i < n_classes * n_classes; i++) rule->fixed[i] = NAN;
  parsing now = {classes, numbers_only, rule};
  sy_status status = parse_pieces(&now, text, error);
  if (status != SY_OK) sy_cost_rule_clear(rule);
  return status;
}

sy_status sy_cost_rule_parse(const char *text, const char *const *classes, size_t n_classes,
                             sy_cost_rule *rule, sy_error *error) {
  return parse_rule(text, classes, n_classes, false, rule, error);
}

sy_status sy_cost_rule_scan(const char *text, sy_cost_rule *rule, sy_error *error) {
  *rule = (sy_cost_rule){0};
  parsing now = {.rule = rule};
  sy_status status = parse_pieces(&now, text, error);
  if (status != SY_OK) sy_cost_rule_clear(rule);
  return status;
}

sy_status sy_cost_parse(const char *text, const char *const *classes, size_t n_classes,
                        double *cost, sy_error *error) {
  sy_cost_rule rule;
  sy_status status = parse_rule(text, classes, n_classes, true, &rule, error);
  if (status != SY_OK) return status;
  memcpy(cost, rule.fixed, n_classes * n_classes * sizeof *cost);
  sy_cost_rule_clear(&rule);
  return SY_OK;
}
