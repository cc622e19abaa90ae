/* study_families.h: the families of models tried on the same rows, and the best one kept. A part of
 * study.h. */
#ifndef STEELYARD_STUDY_FAMILIES_H
#define STEELYARD_STUDY_FAMILIES_H

#include <steelyard/study.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Families that there are. */
#define SY_N_FAMILIES 3

/** One family among those that were tried. */
typedef struct sy_family_trial {
  sy_study_family family;
  bool judged; /**< false: it could not be trained, or not by this build; `trouble` says why */
  char trouble[256];  /**< one line, or "" */
  sy_metrics metrics; /**< of its stored rule on the unseen rows; zeroed where it is not judged */
  double value;       /**< of the measure */
  double difference;  /**< value minus that of the family chosen, on the same rows; 0 of itself */
  double low, high;   /**< its 95 % interval, bootstrap of pairs of rows */
  double seconds;     /**< wall time of its fits */
} sy_family_trial;

/** Families side by side. */
typedef struct sy_families {
  size_t n;                              /**< trials */
  sy_family_trial trials[SY_N_FAMILIES]; /**< in the order of sy_study_family */
  size_t chosen;                         /**< place of the one that is kept */
  char measure[SY_OBJECTIVE_SIZE];       /**< "average cost", "log-loss", "brier", "f1" */
  bool greater_is_better;
  uint64_t rows; /**< unseen rows that chose */
} sy_families;

/** Runs the study once for each family, on the same split, and keeps that of the family which is
 * best on the unseen rows: by the objective of `tune`, else of `automatic`, where there is one;
 * else by average cost where there are costs; else by log-loss (by the Brier score where some
 * log-loss is infinite). Of equals the first. The figures of the one kept are a little too hopeful,
 * as it was chosen by them: a message of the study says so, with those of the others.
 * @param options   `family` is not looked at, `alone` is meant; a test is needed. Who looks on is
 *                  told the trainings of each family by themselves
 * @param study     out, of the family chosen; release with sy_study_clear
 * @param families  out; release with sy_families_clear
 * A family that cannot be trained (SY_UNSUPPORTED, SY_NUMERIC_FAILURE) is left out and says why.
 * Fails as sy_study_run does; SY_INVALID_ARGUMENT without a test, with a checkpoint, or with a
 * held_mask. */
SY_API sy_status sy_study_choose(const sy_study_data *data, const sy_study_options *options,
                                 sy_study *study, sy_families *families, sy_error *error);

/** Releases what families hold and zeroes them; zeroed ones are legal. */
SY_API void sy_families_clear(sy_families *families);

#ifdef __cplusplus
}
#endif
#endif
