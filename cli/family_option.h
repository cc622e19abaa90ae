/* family_option.h: --model, and the options that a family of models has and others have not: that
 * they are of the family chosen, that they go together, and what they ask of a training. */
#ifndef CLI_FAMILY_OPTION_H
#define CLI_FAMILY_OPTION_H

#include <steelyard/study.h>

#include "loss_option.h"
#include "settings.h"

/* What the options say of the models to be trained; family_plan_clear. */
typedef struct family_plan {
  bool automatic; /* --model auto: all families are trained, and `family` is not looked at */
  sy_study_family family;     /* of one that is trained alone */
  loss_plan loss;             /* of those that take one */
  sy_network_options network; /* points into hidden and loss */
  size_t *hidden;
  sy_boosted_options boosted; /* points into loss */
} family_plan;

/* An option of other families, and what there is in its place. */
typedef struct family_instead {
  const char *option, *instead; /* without dashes; a NULL option ends them */
} family_instead;

/* A family as the command line knows it. Adding one: a file with such an entry, and its line in
 * family_option.c. */
typedef struct family_entry {
  sy_study_family family;
  const char *who;               /* "networks": whom its options are for */
  const char *has;               /* "a network has": before what stands in the place of another's */
  const char *headings[3];       /* of its options in option_table, ended by NULL */
  const family_instead *instead; /* ended by NULL */
  bool takes_loss;
  /* Reads its own options into the plan, whose loss has been read; an exit code, having said what
   * is wrong. */
  int (*read)(const settings *given, family_plan *plan);
} family_entry;

extern const family_entry family_logistic, family_network, family_boosted;

/* Reads --model and the options of its family; an exit code, having said what is wrong: with an
 * option of another family, with two that do not go together, with a value. */
int family_read(const settings *given, family_plan *plan);
void family_plan_clear(family_plan *plan);

/* Whether the options of family `of` that stand under this heading are options of its models. */
bool family_has_heading(sy_study_family of, const char *heading);

#endif
