/* policies.c: all policies side by side, for those who wonder which one to take. Policies that
 * train the same model stand together, and from mild to strong. */
#include "report/policies.h"

#include <stdlib.h>
#include <steelyard/report.h>

#include "base/error.h"
#include "base/memory.h"

/* What a class or a label is ranked by; 0 = it has no part in the table. */
static double rank_of(const sy_counts *counts, size_t index) {
  if (sy_counts_n_labels(counts) == 0) return sy_counts_weight(counts, index);
  const sy_counts *label = sy_counts_label(counts, index);
  return sy_counts_weight(label, 0) > 0 ? sy_counts_weight(label, 1) : 0;
}

/* --- groups --- */

/* Over the parts that have something to weigh. */
static double mean_share(const sy_counts *counts, const sy_comparison *comparison, size_t p) {
  double sum = 0;
  size_t n = 0;
  for (size_t part = 0; part < comparison->n_parts; part++) {
    if (comparison->n_labels > 0 && !(rank_of(counts, part) > 0)) continue;
    sum += comparison->policies[p].rarest_shares[part];
    n++;
  }
  return n > 0 ? sum / (double)n : 0;
}

/* "none" stays first, and policies of equal strength in the order of the table. */
static int compare_groups(const void *a, const void *b) {
  const sy_policy_group *left = a, *right = b;
  bool left_is_none = left->first == 0, right_is_none = right->first == 0;
  if (left_is_none != right_is_none) return left_is_none ? -1 : 1;
  if (left->share != right->share) return left->share < right->share ? -1 : 1;
  return (left->first > right->first) - (left->first < right->first);
}

static size_t find_groups(const sy_counts *counts, const sy_comparison *comparison,
                          sy_policy_group *groups) {
  size_t n = 0;
  for (size_t p = 0; p < comparison->n_policies; p++)
    if (comparison->policies[p].multiple_of == p)
      groups[n++] = (sy_policy_group){p, mean_share(counts, comparison, p)};
  qsort(groups, n, sizeof *groups, compare_groups);
  return n;
}

/* --- order of classes or labels --- */

typedef struct ranked {
  double count;
  size_t index;
} ranked;

static int compare_ranked(const void *a, const void *b) {
  const ranked *left = a, *right = b;
  if (left->count != right->count) return left->count > right->count ? -1 : 1;
  return (left->index > right->index) - (left->index < right->index);
}

/* Returns how many have a part in the table. */
static size_t find_order(const sy_counts *counts, size_t n, ranked *ranks, size_t *order) {
  size_t found = 0;
  for (size_t i = 0; i < n; i++) {
    ranks[found] = (ranked){rank_of(counts, i), i};
    found += ranks[found].count > 0;
  }
  qsort(ranks, found, sizeof *ranks, compare_ranked);
  for (size_t i = 0; i < found; i++) order[i] = ranks[i].index;
  return found;
}

/* --- the report --- */

static void measure(sy_policy_view *view) {
  const sy_counts *counts = view->counts;
  view->of_labels = view->comparison->n_labels > 0;
  for (size_t i = 0; i < view->n_order && !view->of_labels; i++)
    view->weight += sy_counts_weight(counts, view->order[i]);
}

double sy_policy_view_share(const sy_policy_view *view, size_t index) {
  if (!view->of_labels) return sy_counts_weight(view->counts, index) / view->weight;
  const sy_counts *label = sy_counts_label(view->counts, index);
  double with = sy_counts_weight(label, 1);
  return with / (with + sy_counts_weight(label, 0));
}

sy_cell sy_policy_view_name(const sy_policy_view *view, size_t index, size_t width) {
  const char *const *names =
      view->of_labels ? sy_counts_labels(view->counts) : sy_counts_classes(view->counts);
  return sy_cell_text(names[index], width);
}

/* The `most` rarest of `n`, each name within `width` columns. */
static void put_rarest(sy_text *text, const sy_policy_view *view, sy_policy_view_test test,
                       const void *context, size_t n, size_t most, size_t width) {
  size_t named = 0;
  sy_text_put(text, view->of_labels ? "label" : "class");
  sy_text_put(text, n == 1 ? " " : view->of_labels ? "s " : "es ");
  for (size_t i = view->n_order; i-- > 0 && named < most;) {
    if (!test(view, view->order[i], context)) continue;
    if (named > 0) sy_text_put(text, named + 1 == n ? " and " : ", ");
    sy_text_put(text, sy_policy_view_name(view, view->order[i], width).text);
    named++;
  }
  if (most < n) sy_text_add(text, " and %s more", sy_cell_count((double)(n - most)).text);
}

void sy_put_view_names(sy_text *text, const sy_policy_view *view, sy_policy_view_test test,
                       const void *context, size_t width) {
  enum { MOST_NAMES = 3, SHORTEST_NAME = 8 };
  size_t n = 0, name = SY_POLICY_VIEW_NAME_WIDTH;
  for (size_t i = 0; i < view->n_order; i++) n += test(view, view->order[i], context);
  if (n == 0) sy_text_put(text, "none");
  size_t most = n > MOST_NAMES ? MOST_NAMES - 1 : n;
  while (n > 0) { /* fewer names, then a shorter one, until they fit */
    sy_text names = {0};
    put_rarest(&names, view, test, context, n, most, name);
    bool fits = !names.data || sy_text_width(names.data) <= width;
    fits = fits || (most == 1 && name == SHORTEST_NAME);
    text->failed = text->failed || names.failed;
    if (fits && names.data) sy_text_put(text, names.data);
    free(names.data);
    if (fits) break;
    if (most > 1)
      most--;
    else
      name--;
  }
}

static sy_status put_comparison(sy_text *text, const sy_counts *counts,
                                const sy_comparison *comparison, sy_error *error) {
  size_t n = comparison->n_labels > 0 ? comparison->n_labels : comparison->n_classes;
  sy_policy_group *groups = sy_alloc(comparison->n_policies, sizeof *groups);
  ranked *ranks = sy_alloc(n, sizeof *ranks);
  size_t *order = sy_alloc(n, sizeof *order);
  sy_status status = groups && ranks && order ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK) {
    sy_policy_view view = {.counts = counts,
                           .comparison = comparison,
                           .groups = groups,
                           .n_groups = find_groups(counts, comparison, groups),
                           .order = order,
                           .n_order = find_order(counts, n, ranks, order)};
    measure(&view);
    sy_put_policies_table(text, &view);
    sy_put_policies_notes(text, &view);
  }
  free(groups);
  free(ranks);
  free(order);
  return status;
}

sy_status sy_report_policies(const sy_counts *counts, const double *cost, char **out,
                             sy_error *error) {
  sy_comparison comparison;
  sy_status status = sy_policies_compare(counts, cost, &comparison, error);
  if (status != SY_OK) return status;
  sy_text text = {0};
  status = put_comparison(&text, counts, &comparison, error);
  sy_comparison_clear(&comparison);
  if (status == SY_OK) return sy_text_finish(&text, out, error);
  free(text.data);
  return status;
}
