/* policies.h: all policies side by side: what the tables share with the sentences below them. */
#ifndef SY_REPORT_POLICIES_H
#define SY_REPORT_POLICIES_H

#include <steelyard/weights.h>

#include "report/format.h"

/* Policies that train one model, their weights being multiples of each other. */
typedef struct sy_policy_group {
  size_t first; /* the policy that stands for them */
  double share; /* of the loss on the rarest class; of several labels, the mean over them */
} sy_policy_group;

/* What is put side by side. Parts are all classes together, or each label of several a row. */
typedef struct sy_policy_view {
  const sy_counts *counts;
  const sy_comparison *comparison;
  bool of_labels;                /* several labels a row */
  const sy_policy_group *groups; /* (n_groups) from the mildest to the strongest */
  size_t n_groups;
  /* (n_order) classes that are present, the commonest first; of several labels: the labels that
   * some rows have and some have not, the most frequent first. */
  const size_t *order;
  size_t n_order;
  double weight; /* of all rows; of several labels, not set */
} sy_policy_view;

/* The table of policies by classes, or by labels. */
void sy_put_policies_table(sy_text *text, const sy_policy_view *view);

/* The sentences below it: what the columns are, log's mu, same models, what is better than weights;
 * and where a handful of rows carries the loss. */
void sy_put_policies_notes(sy_text *text, const sy_policy_view *view);
void sy_put_policies_handful(sy_text *text, const sy_policy_view *view);

/* A class's or label's name, cut to `width` columns. */
sy_cell sy_policy_view_name(const sy_policy_view *view, size_t index, size_t width);

/* Columns that a name may have in a sentence. */
enum { SY_POLICY_VIEW_NAME_WIDTH = 30 };

/* Whether a class or label is one of those to be named. */
typedef bool (*sy_policy_view_test)(const sy_policy_view *view, size_t index, const void *context);

/* "none", "class a", "classes a and b", "labels a, b and 3 more": those it is true of, the rarest
 * first, as many as fit `width` columns. */
void sy_put_view_names(sy_text *text, const sy_policy_view *view, sy_policy_view_test test,
                       const void *context, size_t width);

/* Share of the rows that a class has, or a label. */
double sy_policy_view_share(const sy_policy_view *view, size_t index);

#endif
