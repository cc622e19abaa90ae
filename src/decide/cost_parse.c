/* cost_parse.c: costs as users type them, "ACTUAL:PREDICTED=COST,...".
 * Class names are anything, so a piece is not cut at the first ':' and '=' but wherever both names
 * turn out to be classes; quotes settle what stays ambiguous. */
#include "base/error.h"
#include "base/memory.h"

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
  const char *cost;
  bool numeric;
  double value;
} cut;

/* What all cuts of a piece came to. */
typedef struct cuts {
  size_t n_usable; /* both names are classes and the cost is a number */
  bool any;
  cut best;
} cuts;

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

/* Whether the name as typed is `label`: quotes are taken off and doubled ones inside halved. */
static bool same_name(segment name, const char *label) {
  if (!is_quoted(name)) {
    size_t length = (size_t)(name.end - name.start);
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
  if (n_known(candidate) == 2 && candidate->numeric) all->n_usable++;
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
      candidate.cost = equals + 1;
      candidate.numeric = sy_number_parse(candidate.cost, &candidate.value);
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

/* Why no single cut of the piece is usable. */
static sy_status fail_cuts(const char *piece, const cuts *all, const char *const *classes,
                           size_t n_classes, sy_error *error) {
  char shown[SY_SHOWN_SIZE], shown_cost[SY_SHOWN_SIZE];
  sy_shown(piece, shown);
  if (!all->any)
    return sy_fail(error, SY_INVALID_COST, "cost '%s' is not of the form %s", shown, form);
  const cut *best = &all->best;
  if (best->classes[0] < 0) return fail_unknown(piece, best->names[0], classes, n_classes, error);
  if (best->classes[1] < 0) return fail_unknown(piece, best->names[1], classes, n_classes, error);
  if (all->n_usable > 1)
    return sy_fail(error, SY_INVALID_COST,
                   "cost '%s' can be read in more than one way: put class names in \"double "
                   "quotes\"",
                   shown);
  segment cost = trimmed(best->cost, best->cost + strlen(best->cost));
  return sy_fail(error, SY_INVALID_COST,
                 "cost '%s': \"%s\" is no finite number; costs must be numbers (expressions over "
                 "columns are not supported in this version)",
                 shown, sy_shown(cost.start, shown_cost));
}

/* Enters one piece into the matrix, where NaN marks pairs not named yet. */
static sy_status enter_piece(const char *piece, const char *const *classes, size_t n_classes,
                             double *cost, sy_error *error) {
  cuts all;
  cut_piece(piece, classes, n_classes, &all);
  if (all.n_usable != 1 || !isfinite(all.best.value))
    return fail_cuts(piece, &all, classes, n_classes, error);
  double *entry = cost + (size_t)all.best.classes[0] * n_classes + (size_t)all.best.classes[1];
  char shown[SY_SHOWN_SIZE];
  if (!isnan(*entry))
    return sy_fail(error, SY_INVALID_COST, "cost '%s': this pair has a cost already",
                   sy_shown(piece, shown));
  *entry = all.best.value;
  return SY_OK;
}

/* Cuts off the piece at *text (blanks around it left out) and moves behind its comma; *text is
 * NULL after the last. */
static sy_status next_piece(const char **text, char **piece, sy_error *error) {
  const char *end = *text + strlen(*text);
  segment rest = trimmed(*text, end);
  const char *comma = find_outside(rest.start, rest.start, rest.end, ',');
  char shown[SY_SHOWN_SIZE];
  if (!comma)
    return sy_fail(error, SY_INVALID_COST, "costs '%s': a \"quoted name\" is not closed",
                   sy_shown(rest.start, shown));
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

sy_status sy_cost_parse(const char *text, const char *const *classes, size_t n_classes,
                        double *cost, sy_error *error) {
  for (size_t i = 0; i < n_classes * n_classes; i++) cost[i] = NAN;
  while (text) {
    char *piece;
    sy_status status = next_piece(&text, &piece, error);
    if (status != SY_OK) return status;
    status = enter_piece(piece, classes, n_classes, cost, error);
    free(piece);
    if (status != SY_OK) return status;
  }
  fill_unnamed(cost, n_classes);
  return SY_OK;
}
