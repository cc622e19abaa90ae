/* policies_notes.c: what the table of policies comes to, in sentences for those who see such a
 * table for the first time. */
#include "report/policies.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "weights/policies.h"

enum { TERM_WIDTH = 14, NAME_WIDTH = SY_POLICY_VIEW_NAME_WIDTH };

/* A word of the table, and what it means. */
static void put_term(sy_text *text, const char *term, sy_text *meaning) {
  sy_put_left(text, sy_cell_text(term, TERM_WIDTH), TERM_WIDTH);
  if (meaning->data && !meaning->failed) sy_put_paragraph(text, meaning->data, TERM_WIDTH);
  text->failed = text->failed || meaning->failed;
  free(meaning->data);
  *meaning = (sy_text){0};
}

/* --- what the columns are --- */

static void put_columns(sy_text *text, const sy_policy_view *view) {
  enum { RAREST_WIDTH = 26 }; /* what is left of the line */
  sy_text meaning = {0};
  if (view->of_labels) {
    sy_text_put(&meaning, "of a row that has the label; a row that has not weighs 1");
    put_term(text, "weight", &meaning);
    sy_text_put(&meaning, "the share of the loss on a label's rarer side, with it or without; mean "
                          "of the labels");
    put_term(text, "rarer has", &meaning);
    sy_text_put(&meaning, "weighted, the data tell as much as so many rows; for the label where "
                          "they are fewest");
  } else {
    sy_text_add(&meaning, "the share of the total weight, and so of the loss, on class %s",
                sy_policy_view_name(view, view->order[view->n_order - 1], RAREST_WIDTH).text);
    put_term(text, "rarest has", &meaning);
    sy_text_put(&meaning, "weighted, the data tell as much as so many unweighted rows (Kish's "
                          "effective number)");
  }
  put_term(text, "like rows", &meaning);
}

/* --- log's mu --- */

/* Share of a class, or of the rarer side of a label. */
static double share_of(const sy_policy_view *view, size_t index) {
  double share = sy_policy_view_share(view, index);
  return view->of_labels ? fmin(share, 1 - share) : share;
}

static bool is_below(const sy_policy_view *view, size_t index, const void *limit) {
  return share_of(view, index) < *(const double *)limit;
}

/* "weighs more than 1 below a share of mu / e: 5.5 % (classes spy, perl and 3 more)" */
static void put_limit(sy_text *text, const sy_policy_view *view, const char *term,
                      const char *meaning, double mu) {
  enum { MEANING_WIDTH = 100 - TERM_WIDTH };
  static const double e = 2.718281828459045;
  double limit = mu / e;
  sy_text line = {0};
  sy_text_add(&line, "%s: %s (", meaning, sy_cell_percent(limit).text);
  sy_put_view_names(&line, view, is_below, &limit, MEANING_WIDTH - line.length - 1);
  sy_text_put(&line, ")");
  put_term(text, term, &line);
}

static void put_log(sy_text *text, const sy_policy_view *view) {
  put_limit(text, view, "log",
            view->of_labels ? "a side of a label weighs more than 1 below a share of mu / e"
                            : "weighs more than 1 below a share of mu / e",
            SY_LOG_MU);
  if (!view->of_labels)
    put_limit(text, view, "log:auto", "the same, mu being the largest share",
              share_of(view, view->order[0]));
}

/* --- policies that train the same model --- */

static bool has_multiples(const sy_policy_view *view) {
  for (size_t p = 0; p < view->comparison->n_policies; p++) {
    const sy_compared_policy *policy = &view->comparison->policies[p];
    if (policy->multiple_of != policy->same_as) return true;
  }
  return false;
}

static void put_multiples(sy_text *text, const sy_policy_view *view) {
  if (!has_multiples(view)) return;
  sy_text line = {0};
  sy_text_add(&line, "%s: the same model where the loss is a weighted mean",
              view->of_labels ? "pairs alike up to a constant"
                              : "the weights above times a constant");
  put_term(text, view->of_labels ? "joined by =" : "indented", &line);
}

/* --- the whole --- */

/* Whether nothing distinguishes the policies. */
static bool all_are_one(const sy_policy_view *view) {
  return view->n_groups == 1;
}

static void put_terms(sy_text *text, const sy_policy_view *view) {
  sy_text_put(text, "\n");
  if (all_are_one(view)) {
    sy_text_put(text,
                view->of_labels
                    ? "Every label is in half of the rows: all policies train the same model.\n"
                : view->n_order == 1
                    ? "There is only one class: there is nothing to weigh, or to learn.\n"
                    : "All classes are equally frequent: all policies train the same model.\n");
    return;
  }
  put_columns(text, view);
  put_log(text, view);
  put_multiples(text, view);
}

/* What makes weights doubtful here, or what no weights can help. */
static void put_warnings(sy_text *text, const sy_policy_view *view) {
  const sy_messages *warnings = view->comparison->warnings;
  sy_text lines = {0};
  if (view->n_order > 0 && !all_are_one(view)) sy_put_policies_handful(&lines, view);
  for (size_t i = 0; i < sy_messages_count(warnings); i++) {
    sy_text_put(&lines, "warning: ");
    sy_put_paragraph(&lines, sy_messages_get(warnings, i), strlen("warning: "));
  }
  if (lines.data) sy_text_add(text, "\n%s", lines.data);
  text->failed = text->failed || lines.failed;
  free(lines.data);
}

/* Whether a name may stand in an option as it is, and in a line that may break at any blank. */
static bool is_plain(const char *name) {
  for (const char *at = name; *at; at++)
    if ((unsigned char)*at <= ' ' || strchr(",:=\"'\\\177", *at)) return false;
  return sy_text_width(name) <= NAME_WIDTH;
}

/* The option as it would be typed for the rarest and the commonest class. */
static void put_cost_option(sy_text *line, const sy_policy_view *view) {
  if (view->n_order >= 2) {
    const char *const *names = sy_counts_classes(view->counts);
    const char *common = names[view->order[0]], *rare = names[view->order[view->n_order - 1]];
    if (is_plain(common) && is_plain(rare)) {
      sy_text_add(line, "--cost '%s:%s=5', if ", rare, common);
      if (view->n_order == 2)
        sy_text_add(line, "a missed %s costs 5 false alarms.", rare);
      else
        sy_text_add(line, "%s taken for %s costs 5 times any other mistake.", rare, common);
      return;
    }
  }
  sy_text_put(line, "--cost 'ACTUAL:PREDICTED=COST,...'.");
}

static bool has_costs(const sy_policy_view *view) {
  for (size_t p = 0; p < view->comparison->n_policies; p++)
    if (strcmp(view->comparison->policies[p].text, "cost") == 0) return true;
  return false;
}

static void put_closing(sy_text *text, const sy_policy_view *view) {
  sy_text line = {0};
  sy_text_put(&line, "Weights mostly move the threshold: a model without weights, asked at another "
                     "threshold, decides nearly the same, and its probabilities are true. ");
  if (view->of_labels) {
    sy_text_put(&line,
                "Where you know what mistakes cost, leave weights out and give each label the "
                "threshold cost of a false alarm / (cost of a false alarm + cost of a miss).");
  } else if (has_costs(view)) {
    sy_text_put(&line, "With the costs you gave, fit --cost sets that threshold; weights are not "
                       "needed besides.");
  } else {
    sy_text_put(&line, "Where you know what mistakes cost, leave weights out and say ");
    put_cost_option(&line, view);
  }
  sy_text_put(text, "\n");
  text->failed = text->failed || line.failed;
  if (line.data) sy_put_paragraph(text, line.data, 0);
  free(line.data);
  sy_text_add(text, "--class-weight POLICY shows one in full, for every %s; --json all of them.\n",
              view->of_labels ? "label" : "class");
}

void sy_put_policies_notes(sy_text *text, const sy_policy_view *view) {
  if (view->n_order > 0) put_terms(text, view);
  put_warnings(text, view);
  put_closing(text, view);
}
