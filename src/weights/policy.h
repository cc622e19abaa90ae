/* policy.h: what a class weight policy is made of. One file holds one policy and defines its
 * sy_policy_kind; policies.h lists them all. */
#ifndef SY_WEIGHTS_POLICY_H
#define SY_WEIGHTS_POLICY_H

#include "base/text.h"

#include <steelyard/weights.h>

/* Counts of the classes that are present; a formula never meets a class without rows. */
typedef struct sy_shares {
  const double *counts;     /* (n_classes) > 0 */
  const double *holding;    /* (n_classes) positions of the images that hold it; NULL = no images */
  const char *const *names; /* (n_classes) */
  const size_t *ids;        /* (n_classes) its place among all classes, absent ones included */
  size_t n_classes;
  size_t n_declared; /* absent ones included */
  double total, smallest, largest;
} sy_shares;

/* A policy of the table. */
typedef struct sy_policy_kind {
  const char *name;      /* what users type before the ':' */
  const char *form;      /* the same with its parameters, for help: "log[:MU|:auto|:max=W]" */
  const char *formula;   /* weight of class k in one line, for help and docs/weights.md */
  const char *listed[3]; /* texts shown where all policies stand side by side, up to a NULL */
  /* Why it does not weigh the classes of one label, or several labels a row, and what does; NULL
   * = it does. */
  const char *not_for_classes, *not_for_labels;
  /* Policies that differ where this one gives all classes one weight; NULL = balanced or sqrt. */
  const char *apart;
  /* Reads what follows the ':' (NULL where there is no ':') into policy->mode and
   * policy->parameter; NULL = the policy takes no parameter. */
  sy_status (*parse)(const char *parameter, sy_policy *policy, sy_error *error);
  /* Sets the weights (shares->n_classes). The caller checks that they are finite and above 0, or
   * not below it where costs made them. */
  sy_status (*weigh)(const sy_policy *policy, const sy_shares *shares, double *weights,
                     sy_error *error);
} sy_policy_kind;

/* A policy as read. */
struct sy_policy {
  const sy_policy_kind *kind; /* NULL = explicit weights */
  char *text;                 /* reads back as the same policy */
  int mode;                   /* the kind's own: which of its parameters was given */
  double parameter;
  sy_dictionary names; /* explicit: class names in canonical form */
  double *weights;     /* explicit: (names.n) */
  bool has_default;
  double default_weight;
  size_t n_positions; /* explicit: weights given by position; then there are no names */
  double *cost;       /* (n_cost, n_cost) "cost": NULL until it is set */
  size_t n_cost;
};

/* Which numbers a parameter may be: finite, >= lowest (> lowest where `open`), < below. */
typedef struct sy_range {
  double lowest;
  bool open;
  double below; /* INFINITY = no bound */
} sy_range;

/* Reads a parameter number of `policy` from `text`. SY_INVALID_POLICY says the range. */
sy_status sy_policy_number(const sy_policy *policy, const char *text, sy_range range, double *value,
                           sy_error *error);

/* What would tell classes apart where this policy gives all one weight, for warnings. */
const char *sy_policy_apart(const sy_policy *policy);

/* The number after "max=" where `text` begins so, else NULL. */
const char *sy_policy_target(const char *text);

/* Explicit weights for all K classes; absent ones (count 0) need none. Several labels a row: the
 * weights of their presence.
 * @param noun  "class" or "label", for errors */
sy_status sy_explicit_weigh(const sy_policy *policy, const char *noun, const char *const *classes,
                            const double *counts, size_t n_classes, double *weights,
                            sy_error *error);

/* How explicit weights grow, piece by piece, while they are read; policy->weights has room. */
sy_status sy_explicit_add(sy_policy *policy, const char *name, double weight, sy_error *error);
sy_status sy_explicit_add_position(sy_policy *policy, double weight, sy_error *error);
sy_status sy_explicit_set_default(sy_policy *policy, double weight, sy_error *error);

/* Writes policy->text from what was read; SY_INVALID_WEIGHT where nothing was. */
sy_status sy_explicit_finish(sy_policy *policy, sy_error *error);

/* The name that stands for all classes that are not named. */
#define SY_EXPLICIT_DEFAULT "default"

/* Reads "NAME=W,..." or, where there is no '=', "[W,...]" into an empty policy. */
sy_status sy_explicit_parse(const char *text, sy_policy *policy, sy_error *error);

#endif
