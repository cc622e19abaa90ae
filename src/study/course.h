/* course.h: how long a network is trained, as the trainings with rows held back say. */
#ifndef SY_STUDY_COURSE_H
#define SY_STUDY_COURSE_H

#include <steelyard/study.h>

/* Trainings that chose. Zero-initialise; sy_course_clear. */
typedef struct sy_course {
  int *best; /* (n) best epoch of each network trained, restarts counted apart */
  size_t n, capacity;
  double *held, *accuracy; /* (n_epochs) sums over the networks that came so far */
  double *came;            /* (n_epochs) how many did */
  size_t n_epochs;
} sy_course;

/* Takes in a training that rows held back ended. SY_OUT_OF_MEMORY. */
sy_status sy_course_add(sy_course *course, const sy_training_result *result, sy_error *error);

/* The median of the best epochs; 0 where no training chose. */
int sy_course_epochs(sy_course *course);

/* Gives a curve the mean held loss and accuracy of the trainings that chose; NaN beyond them. */
void sy_course_tell(const sy_course *course, sy_training_result *result);

void sy_course_clear(sy_course *course);

/* The note SY_NOTE_CURVE of a curve; free() it. NULL when out of memory. */
char *sy_curve_text(const sy_training_result *result);

#endif
