/* hints.h: what a study tells its user beyond figures. */
#ifndef SY_STUDY_HINTS_H
#define SY_STUDY_HINTS_H

#include "study/train.h"

/* Adds warnings and ways out to study->messages. */
void sy_study_hints(sy_study *study, const sy_bench *bench);

/* Tells of a share of rows held back that leaves fewer to train on; steps: "epochs" or "rounds". */
void sy_study_hint_held(sy_messages *messages, double share, const char *steps);

/* Two numbers with as many digits as tell them apart, three at least. */
void sy_study_round_apart(double a, double b, char text[2][SY_NUMBER_SIZE]);

#endif
