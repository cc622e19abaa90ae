/* policies_handful.c: under which policies a handful of rows carries the loss, and which rows. */
#include "report/policies.h"

#include <stdlib.h>
#include <string.h>

#include "report/rows.h"
#include "weights/warnings.h"

/* A third of the loss, and more than twice what it would be without weights. */
static bool carries_loss(double share, double unweighted) {
  return share >= SY_LARGE_SHARE && share > 2 * unweighted;
}

/* --- classes: the rarest together, or one alone --- */

/* Classes of few rows: the places first .. first + n - 1 of the order. */
typedef struct handful {
  size_t first, n;
  double rows; /* 0 = there is none */
} handful;

/* Part of the loss on them under policy p. */
static double few_share(const sy_policy_view *view, handful few, size_t p) {
  const double *weights = view->comparison->policies[p].weights;
  double on_few = 0, all = 0;
  for (size_t i = 0; i < view->n_order; i++) {
    size_t k = view->order[i];
    double part = sy_counts_weight(view->counts, k) * weights[k];
    all += part;
    if (i >= few.first && i - few.first < few.n) on_few += part;
  }
  return on_few / all;
}

static bool few_carry(const sy_policy_view *view, handful few, size_t p) {
  return few.rows > 0 && few.rows < SY_FEW_ROWS &&
         carries_loss(few_share(view, few, p), few_share(view, few, 0));
}

static double rows_at(const sy_policy_view *view, size_t place) {
  return (double)sy_counts_rows(view->counts, view->order[place]);
}

/* The fewest classes, from the rarest up, that carry the loss under policy p on few rows; or else
 * one class that does: milder policies leave more of the loss on the less rare. */
static handful find_handful(const sy_policy_view *view, size_t p) {
  handful few = {view->n_order, 0, 0};
  while (few.first > 0 && few.rows < SY_FEW_ROWS) {
    few.rows += rows_at(view, --few.first);
    few.n++;
    if (few_carry(view, few, p)) return few;
  }
  for (size_t i = view->n_order; i-- > 0;) {
    few = (handful){i, 1, rows_at(view, i)};
    if (few_carry(view, few, p)) return few;
  }
  return (handful){0, 0, 0};
}

static void name_few_classes(sy_text *line, const sy_policy_view *view, handful few) {
  sy_cell rows = few.rows == 1 ? sy_cell_text("one", 3) : sy_cell_count(few.rows);
  const char *word = sy_rows_word(view->counts);
  if (few.n == 1)
    sy_text_add(line, "the %s %s%s of class %s carr%s ", rows.text, word, sy_plural(few.rows),
                sy_policy_view_name(view, view->order[few.first], SY_POLICY_VIEW_NAME_WIDTH).text,
                few.rows == 1 ? "ies" : "y");
  else
    sy_text_add(line, "the %s %ss of the %zu rarest classes carry ", rows.text, word, few.n);
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
  sy_text_add(line, "fewer than %d %ss carry a third or more of the loss of ", SY_FEW_ROWS,
              sy_rows_word(view->counts));
  sy_put_view_names(line, view, label_carries_under, &p, SIZE_MAX);
  sy_text_put(line, " ");
}

/* --- the sentence --- */

static bool is_carried(const sy_policy_view *view, handful few, size_t p) {
  return view->of_labels ? any_label_carries(view, p) : few_carry(view, few, p);
}

/* "51.0 % of the loss under effective:auto, 52.2 % under balanced", or of labels the names alone.
 */
static void name_policies(sy_text *line, const sy_policy_view *view, handful few) {
  size_t n = 0, named = 0;
  for (size_t g = 0; g < view->n_groups; g++) n += is_carried(view, few, view->groups[g].first);
  for (size_t g = 0; g < view->n_groups; g++) {
    size_t p = view->groups[g].first;
    if (!is_carried(view, few, p)) continue;
    if (named > 0) sy_text_put(line, named + 1 == n ? " and " : ", ");
    if (!view->of_labels)
      sy_text_add(line, "%s %s", sy_cell_percent(few_share(view, few, p)).text,
                  named == 0 ? "of the loss " : "");
    if (!view->of_labels || named == 0) sy_text_put(line, "under ");
    sy_text_put(line, view->comparison->policies[p].text);
    named++;
  }
}

/* The first of some milder policies that does not rely on them so. */
static const char *find_milder(const sy_policy_view *view, handful few) {
  static const char *const mild[] = {"sqrt", "log"};
  for (size_t m = 0; m < sizeof mild / sizeof mild[0]; m++)
    for (size_t p = 0; p < view->comparison->n_policies; p++)
      if (strcmp(view->comparison->policies[p].text, mild[m]) == 0 && !is_carried(view, few, p))
        return mild[m];
  return NULL;
}

static void put_advice(sy_text *line, const sy_policy_view *view, handful few) {
  bool one = few.rows == 1;
  const char *milder = find_milder(view, few);
  sy_text_put(line, one ? "; if that is an odd one, the model learns it"
                        : "; a few odd ones among them can decide the model");
  if (milder) sy_text_add(line, "; %s relies on %s less", milder, one ? "it" : "them");
}

/* The strongest policy under which few rows carry the loss, and which; false where there is none.
 */
static bool find_strongest(const sy_policy_view *view, size_t *p, handful *few) {
  *few = (handful){0, 0, 0};
  for (size_t g = view->n_groups; g-- > 0;) {
    *p = view->groups[g].first;
    if (!view->of_labels) *few = find_handful(view, *p);
    if (is_carried(view, *few, *p)) return true;
  }
  return false;
}

void sy_put_policies_handful(sy_text *text, const sy_policy_view *view) {
  size_t strongest;
  handful few;
  if (!find_strongest(view, &strongest, &few)) return;
  sy_text line = {0};
  if (view->of_labels) {
    name_few_labels(&line, view, strongest);
  } else {
    name_few_classes(&line, view, few);
  }
  name_policies(&line, view, few);
  put_advice(&line, view, few);
  text->failed = text->failed || line.failed;
  sy_text_put(text, "warning: ");
  if (line.data && !line.failed) sy_put_paragraph(text, line.data, strlen("warning: "));
  free(line.data);
}
