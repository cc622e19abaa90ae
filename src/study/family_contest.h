/* family_contest.h: what families are compared by, and how sure their differences are. */
#ifndef SY_STUDY_FAMILY_CONTEST_H
#define SY_STUDY_FAMILY_CONTEST_H

#include <steelyard/study_families.h>

typedef enum sy_family_measure {
  SY_FAMILY_OBJECTIVE,
  SY_FAMILY_COST,
  SY_FAMILY_LOG_LOSS,
  SY_FAMILY_BRIER
} sy_family_measure;

typedef struct sy_family_contest {
  const sy_study_options *options;
  const sy_study *studies; /* (families->n), empty where a family was not judged */
  sy_families *families;
  const sy_objective *objective; /* or NULL */
  sy_family_measure measure;
  int positive;
} sy_family_contest;

/* Costs of the rows of a study's test; n_classes 0 where there are none. */
sy_costs sy_family_costs(const sy_study_options *options, const sy_study *study);

/* Finds the measure, and tells the families of it. */
void sy_family_contest_begin(sy_family_contest *contest, const sy_study_options *options,
                             const sy_study *studies, sy_families *families);

/* The value of the measure. */
double sy_family_value(const sy_family_contest *contest, const sy_metrics *metrics);

/* Differences of all from the one chosen, with intervals by a bootstrap of pairs of rows. */
sy_status sy_family_contest_intervals(sy_family_contest *contest, sy_error *error);

#endif
