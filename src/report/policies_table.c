/* policies_table.c: policies by classes or by labels: a column for each, or for the commonest and
 * rarest of many; a line for each policy, policies with the same weights sharing one. A label's
 * column has what its presence weighs for each unit that its absence weighs, which is all that
 * matters to its model. */
#include "report/policies.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "report/rows.h"

enum {
  MOST_COLUMNS = 6, /* of more, the commonest and rarest half each */
  LINE_WIDTH = 100,
  NAME_WIDTH = 22, /* at least */
  COLUMNS_WIDTH = 54,
  WIDEST_COLUMN = 13,
  GAP_WIDTH = 2, /* where some are left out */
  SHARE_WIDTH = 11,
  LIKE_WIDTH = 11
};

/* The classes or labels that have a column. */
typedef struct columns {
  size_t of[MOST_COLUMNS];
  size_t n, width;
  size_t gap; /* the column that others are left out before; 0 = none are */
  size_t name_width;
} columns;

/* Whether a policy has its name in the line of policy p. Of labels all multiples have, since only
 * the ratio of a pair is shown. */
static bool shares_line(const sy_policy_view *view, size_t other, size_t p) {
  const sy_compared_policy *policy = &view->comparison->policies[other];
  return (view->of_labels ? policy->multiple_of : policy->same_as) == p;
}

/* Columns of "balanced = median". */
static size_t names_width(const sy_policy_view *view, size_t p) {
  size_t width = 0;
  for (size_t other = p; other < view->comparison->n_policies; other++)
    if (shares_line(view, other, p))
      width += strlen(view->comparison->policies[other].text) + (other == p ? 0 : 3);
  return width;
}

static size_t cells_width(const columns *shown) {
  return shown->n * shown->width + (shown->gap > 0 ? GAP_WIDTH : 0);
}

/* Names may have what the cells leave of a line. */
static size_t choose_name_width(const sy_policy_view *view, size_t used) {
  size_t most = LINE_WIDTH - SHARE_WIDTH - LIKE_WIDTH - used, wanted = NAME_WIDTH;
  for (size_t g = 0; g < view->n_groups; g++) {
    size_t width = names_width(view, view->groups[g].first) + 1;
    if (width > wanted) wanted = width;
  }
  return wanted < most ? wanted : most;
}

static columns choose_columns(const sy_policy_view *view) {
  columns shown = {.n = view->n_order};
  if (shown.n > MOST_COLUMNS) {
    shown.n = MOST_COLUMNS;
    shown.gap = MOST_COLUMNS / 2;
  }
  for (size_t i = 0; i < shown.n; i++) {
    bool from_end = shown.gap > 0 && i >= shown.gap;
    shown.of[i] = view->order[from_end ? view->n_order - (shown.n - i) : i];
  }
  shown.width = shown.n > 0 ? COLUMNS_WIDTH / shown.n : 0;
  if (shown.width > WIDEST_COLUMN) shown.width = WIDEST_COLUMN;
  shown.name_width = choose_name_width(view, cells_width(&shown));
  return shown;
}

/* --- cells --- */

/* A weight in about three digits: "1", "0.0123", "4.71", "12,300". */
static sy_cell cell_weight(double weight) {
  char text[SY_NUMBER_SIZE];
  if (weight >= 999.5 && weight < 99999.5) return sy_cell_fixed(weight, 0);
  if (weight < 0.0009995 || weight >= 99999.5 || weight == 1)
    return sy_cell_text(sy_number_round(weight, 3, text), sizeof text);
  int decimals = 0;
  for (double digits = weight; digits < 99.95; digits *= 10) decimals++;
  return sy_cell_fixed(weight, decimals);
}

/* A count that fits `width` columns, in three digits where it is too long. */
static sy_cell cell_count(double count, size_t width) {
  sy_cell cell = sy_cell_count(count);
  char text[SY_NUMBER_SIZE];
  if (sy_text_width(cell.text) <= width) return cell;
  return sy_cell_text(sy_number_round(count, 3, text), width);
}

/* A share that fits `width` columns: "0.0004 %", "6e-05 %", ">99.99 %". */
static sy_cell cell_share(double share, size_t width) {
  sy_cell cell = sy_cell_percent(share);
  char number[SY_NUMBER_SIZE];
  if (sy_text_width(cell.text) <= width) return cell;
  if (share > 0.5) return sy_cell_text(">99.99 %", width);
  cell = sy_cell_text(sy_number_round(100 * share, 1, number), width);
  strncat(cell.text, " %", sizeof cell.text - strlen(cell.text) - 1);
  return cell;
}

static double count_of(const sy_policy_view *view, size_t index) {
  if (!view->of_labels) return sy_counts_weight(view->counts, index);
  return sy_counts_weight(sy_counts_label(view->counts, index), 1);
}

static double weight_of(const sy_policy_view *view, size_t p, size_t index) {
  const double *weights = view->comparison->policies[p].weights;
  return view->of_labels ? weights[2 * index + 1] / weights[2 * index] : weights[index];
}

static double like_rows(const sy_policy_view *view, size_t p) {
  const double *rows = view->comparison->policies[p].effective_rows;
  double lowest = rows[view->of_labels ? view->order[0] : 0];
  for (size_t i = 0; i < view->n_order && view->of_labels; i++)
    if (rows[view->order[i]] < lowest) lowest = rows[view->order[i]];
  return (double)(uint64_t)(lowest + 0.5);
}

/* --- lines --- */

/* What a line shows; `p` is its policy. */
typedef enum line_kind { NAMES, COUNTS, SHARES, WEIGHTS } line_kind;

static sy_cell cell_of(const sy_policy_view *view, line_kind kind, size_t p, size_t index,
                       size_t width) {
  switch (kind) {
  case NAMES:
    return sy_policy_view_name(view, index, width);
  case COUNTS:
    return cell_count(count_of(view, index), width);
  case SHARES:
    return cell_share(sy_policy_view_share(view, index), width);
  case WEIGHTS:
    break;
  }
  return cell_weight(weight_of(view, p, index));
}

static void put_cells(sy_text *text, const sy_policy_view *view, const columns *shown,
                      line_kind kind, size_t p) {
  for (size_t i = 0; i < shown->n; i++) {
    if (i > 0 && i == shown->gap) sy_put_right(text, sy_cell_text("…", 1), GAP_WIDTH);
    sy_put_right(text, cell_of(view, kind, p, shown->of[i], shown->width - 1), shown->width);
  }
}

static void put_head(sy_text *text, const sy_policy_view *view, const columns *shown,
                     const char *what, line_kind kind) {
  sy_put_left(text, sy_cell_text(what, shown->name_width), shown->name_width);
  put_cells(text, view, shown, kind, 0);
  sy_text_put(text, "\n");
}

/* What the lines of the policies show. */
static void put_heads(sy_text *text, const sy_policy_view *view, const columns *shown) {
  const char *what = view->of_labels ? "weight of presence" : "weight by policy";
  sy_put_left(text, sy_cell_text(what, shown->name_width), shown->name_width);
  sy_put_left(text, sy_cell_text("", 0), cells_width(shown));
  sy_put_right(text, sy_cell_text(view->of_labels ? "rarer has" : "rarest has", SHARE_WIDTH),
               SHARE_WIDTH);
  sy_put_right(text, sy_cell_text("like rows", LIKE_WIDTH), LIKE_WIDTH);
  sy_text_put(text, "\n");
}

/* Names that do not fit go on in lines of their own. */
static void put_names(sy_text *text, const sy_policy_view *view, size_t p, size_t indent,
                      size_t width) {
  size_t used = indent;
  sy_text_add(text, "%*s", (int)indent, "");
  for (size_t other = p; other < view->comparison->n_policies; other++) {
    if (!shares_line(view, other, p)) continue;
    const char *name = view->comparison->policies[other].text, *before = other == p ? "" : " = ";
    bool breaks = other != p && used + strlen(before) + strlen(name) + 2 > width;
    if (breaks) used = 0;
    before = breaks ? " =\n  " : before;
    sy_text_add(text, "%s%s", before, name);
    used += (breaks ? 2 : strlen(before)) + strlen(name);
  }
  for (; used < width; used++) sy_text_put(text, " ");
}

/* The line of a group, with what all of it does. */
static void put_first(sy_text *text, const sy_policy_view *view, const columns *shown,
                      const sy_policy_group *group) {
  put_names(text, view, group->first, 0, shown->name_width);
  put_cells(text, view, shown, WEIGHTS, group->first);
  sy_put_right(text, cell_share(group->share, SHARE_WIDTH - 1), SHARE_WIDTH);
  sy_put_right(text, cell_count(like_rows(view, group->first), LIKE_WIDTH - 1), LIKE_WIDTH);
  sy_text_put(text, "\n");
}

/* The lines of its other multiples. */
static void put_multiples(sy_text *text, const sy_policy_view *view, const columns *shown,
                          size_t first) {
  for (size_t p = first + 1; p < view->comparison->n_policies; p++) {
    const sy_compared_policy *policy = &view->comparison->policies[p];
    if (policy->multiple_of != first || policy->same_as != p) continue;
    put_names(text, view, p, 2, shown->name_width);
    put_cells(text, view, shown, WEIGHTS, p);
    sy_text_put(text, "\n");
  }
}

static void put_total(sy_text *text, const sy_policy_view *view, const columns *shown) {
  sy_text line = {0};
  double n = (double)(view->of_labels ? view->comparison->n_labels : view->n_order);
  sy_put_rows(&line, view->counts);
  sy_text_add(&line, ", %s ", sy_cell_count(n).text);
  if (view->of_labels)
    sy_text_add(&line, "label%s, of which a %s may have any number", sy_plural(n),
                sy_rows_word(view->counts));
  else
    sy_text_put(&line, n == 1 ? "class" : "classes");
  if (shown->gap > 0)
    sy_text_add(&line, ": the %zu commonest and the %zu rarest", shown->gap, shown->n - shown->gap);
  text->failed = text->failed || line.failed;
  if (line.data) sy_put_paragraph(text, line.data, 0);
  free(line.data);
}

/* Counts, and their shares. */
static void put_count_heads(sy_text *text, const sy_policy_view *view, const columns *shown) {
  sy_text counts = {0}, shares = {0};
  const char *word = sy_rows_word(view->counts);
  sy_text_add(&counts, "%ss%s", word, view->of_labels ? " with it" : "");
  sy_text_add(&shares, "share of the %ss", word);
  text->failed = text->failed || counts.failed || shares.failed;
  if (counts.data) put_head(text, view, shown, counts.data, COUNTS);
  if (shares.data) put_head(text, view, shown, shares.data, SHARES);
  free(counts.data);
  free(shares.data);
}

void sy_put_policies_table(sy_text *text, const sy_policy_view *view) {
  columns shown = choose_columns(view);
  put_total(text, view, &shown);
  if (shown.n == 0) return;
  sy_text_put(text, "\n");
  bool labels = view->of_labels;
  put_head(text, view, &shown, labels ? "label" : "class", NAMES);
  put_count_heads(text, view, &shown);
  sy_text_put(text, "\n");
  put_heads(text, view, &shown);
  for (size_t g = 0; g < view->n_groups; g++) {
    put_first(text, view, &shown, &view->groups[g]);
    if (!labels) put_multiples(text, view, &shown, view->groups[g].first);
  }
}
