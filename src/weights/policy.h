/* policy.h: what a class weight policy is made of. One file holds one policy and defines its
 * sy_policy_kind; policies.h lists them all. */
#ifndef SY_WEIGHTS_POLICY_H
#define SY_WEIGHTS_POLICY_H

#include "base/text.h"

#include <steelyard/weights.h>

/* Counts of the classes that are present; a formula never meets a class without rows. */
typedef struct sy_shares {
  const double *counts;     /* (n_classes) > 0 */
  const char *const *names; /* (n_classes) */
  size_t n_classes;
  double total, smallest, largest;
} sy_shares;

/* A policy of the table. */
typedef struct sy_policy_kind {
  const char *name;    /* what users type before the ':' */
  const char *form;    /* the same with its parameters, for help: "log[:MU|:auto|:max=W]" */
  const char *formula; /* weight of class k in one line, for help and docs/weights.md */
  const char *listed;  /* text shown where all policies stand side by side, or NULL */
  /* Reads what follows the ':' (NULL where there is no ':') into policy->mode and
   * policy->parameter; NULL = the policy takes no parameter. */
  sy_status (*parse)(const char *parameter, sy_policy *policy, sy_error *error);
  /* Sets the weights (shares->n_classes). The caller checks that they are finite and above 0. */
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
};

/* Reads a parameter number of `policy` from `text`: lowest <= value (lowest < value where `open`),
 * finite. SY_INVALID_POLICY says the range. */
sy_status sy_policy_number(const sy_policy *policy, const char *text, double lowest, bool open,
                           double *value, sy_error *error);

/* The number after "max=" where `text` begins so, else NULL. */
const char *sy_policy_target(const char *text);

/* Explicit weights for all K classes; absent ones (count 0) need none. */
sy_status sy_explicit_weigh(const sy_policy *policy, const char *const *classes,
                            const double *counts, size_t n_classes, double *weights,
                            sy_error *error);

/* Reads "NAME=W,..." into an empty policy. */
sy_status sy_explicit_parse(const char *text, sy_policy *policy, sy_error *error);

#endif
