/* policies_handful.c: under which policies a handful of rows carries the loss, and which rows. */
#include "report/policies.h"

#include <stdlib.h>
#include <string.h>

#include "weights/warnings.h"

/* A third of the loss, and more than twice what it would be without weights. */
static bool carries_loss(double share, double unweighted) {
  return share >= SY_LARGE_SHARE && share > 2 * unweighted;
}

/* --- classes: all that have few rows together --- */

static bool has_few_rows(const sy_policy_view *view, size_t class) {
  return sy_counts_rows(view->counts, class) < SY_FEW_ROWS;
}

/* Part of the loss on classes of few rows under policy p. */
static double few_share(const sy_policy_view *view, size_t p) {
  const double *weights = view->comparison->policies[p].weights;
  double few = 0, all = 0;
  for (size_t i = 0; i < view->n_order; i++) {
    size_t k = view->order[i];
    double part = sy_counts_weight(view->counts, k) * weights[k];
    all += part;
    if (has_few_rows(view, k)) few += part;
  }
  return few / all;
}

/* The classes of few rows: how many, one of them, and their rows together. */
typedef struct handful {
  size_t n_classes, class;
  double rows;
} handful;

static handful find_handful(const sy_policy_view *view) {
  handful found = {0, 0, 0};
  for (size_t i = 0; i < view->n_order && !view->of_labels; i++) {
    size_t k = view->order[i];
    if (!has_few_rows(view, k)) continue;
    found.rows += (double)sy_counts_rows(view->counts, k);
    found.class = k;
    found.n_classes++;
  }
  return found;
}

static void name_few_classes(sy_text *line, const sy_policy_view *view) {
  handful few = find_handful(view);
  sy_cell rows = few.rows == 1 ? sy_cell_text("one", 3) : sy_cell_count(few.rows);
  if (few.n_classes == 1)
    sy_text_add(line, "the %s row%s of class %s carr%s ", rows.text, sy_plural(few.rows),
                sy_policy_view_name(view, few.class, SY_POLICY_VIEW_NAME_WIDTH).text,
                few.rows == 1 ? "ies" : "y");
  else
    sy_text_add(line, "the %s rows of the %zu classes of fewer than %d rows carry ", rows.text,
                few.n_classes, SY_FEW_ROWS);
}

/* --- labels: each that has few rows on one side --- */

static bool label_carries(const sy_policy_view *view, size_t label, size_t p) {
  const sy_comparison *comparison = view->comparison;
  size_t side = comparison->rarest[label];
  return sy_counts_rows(sy_counts_label(view->counts, label), side) < SY_FEW_ROWS &&
         carries_loss(comparison->policies[p].rarest_shares[label],
                      comparison->policies[0].rarest_shares[label]);
}

static bool any_label_carries(const sy_policy_view *view, size_t p) {
  for (size_t i = 0; i < view->n_order; i++)
    if (label_carries(view, view->order[i], p)) return true;
  return false;
}

static bool label_carries_under(const sy_policy_view *view, size_t label, const void *p) {
  return label_carries(view, label, *(const size_t *)p);
}

static void name_few_labels(sy_text *line, const sy_policy_view *view, size_t p) {
  sy_text_put(line, "fewer than 100 rows carry a third or more of the loss of ");
  sy_put_view_names(line, view, label_carries_under, &p);
  sy_text_put(line, " ");
}

/* --- the sentence --- */

static bool is_carried(const sy_policy_view *view, size_t p) {
  if (view->of_labels) return any_label_carries(view, p);
  return carries_loss(few_share(view, p), few_share(view, 0));
}

/* "51.0 % of the loss under effective:auto, 52.2 % under balanced", or of labels the names alone.
 */
static void name_policies(sy_text *line, const sy_policy_view *view) {
  size_t n = 0, named = 0;
  for (size_t g = 0; g < view->n_groups; g++) n += is_carried(view, view->groups[g].first);
  for (size_t g = 0; g < view->n_groups; g++) {
    size_t p = view->groups[g].first;
    if (!is_carried(view, p)) continue;
    if (named > 0) sy_text_put(line, named + 1 == n ? " and " : ", ");
    if (!view->of_labels)
      sy_text_add(line, "%s %s", sy_cell_percent(few_share(view, p)).text,
                  named == 0 ? "of the loss " : "");
    if (!view->of_labels || named == 0) sy_text_put(line, "under ");
    sy_text_put(line, view->comparison->policies[p].text);
    named++;
  }
}

/* The first of some milder policies that does not rely on them so. */
static const char *find_milder(const sy_policy_view *view) {
  static const char *const mild[] = {"sqrt", "log"};
  for (size_t m = 0; m < sizeof mild / sizeof mild[0]; m++)
    for (size_t p = 0; p < view->comparison->n_policies; p++)
      if (strcmp(view->comparison->policies[p].text, mild[m]) == 0 && !is_carried(view, p))
        return mild[m];
  return NULL;
}

static void put_advice(sy_text *line, const sy_policy_view *view) {
  bool one = find_handful(view).rows == 1;
  const char *milder = find_milder(view);
  sy_text_put(line, one ? "; if that is an odd one, the model learns it"
                        : "; a few odd ones among them can decide the model");
  if (milder) sy_text_add(line, "; %s relies on %s less", milder, one ? "it" : "them");
}

void sy_put_policies_handful(sy_text *text, const sy_policy_view *view) {
  size_t strongest = view->n_groups;
  while (strongest > 0 && !is_carried(view, view->groups[strongest - 1].first)) strongest--;
  if (strongest == 0) return;
  sy_text line = {0};
  if (view->of_labels) {
    name_few_labels(&line, view, view->groups[strongest - 1].first);
  } else {
    name_few_classes(&line, view);
  }
  name_policies(&line, view);
  put_advice(&line, view);
  text->failed = text->failed || line.failed;
  sy_text_put(text, "warning: ");
  if (line.data && !line.failed) sy_put_paragraph(text, line.data, strlen("warning: "));
  free(line.data);
}
