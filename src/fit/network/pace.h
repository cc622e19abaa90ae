/* pace.h: whether threads help. A step of training is short, and on a machine that is busy with
 * other things it waits for a thread that is not being run: that made epochs ten times as long as
 * on one thread. No bit depends on the number of threads, so which way is the faster one may be
 * found by trying, again and again, since the machine changes. */
#ifndef SY_FIT_NETWORK_PACE_H
#define SY_FIT_NETWORK_PACE_H

#include <stdbool.h>
#include <stddef.h>

/* Zero is a beginning. */
typedef struct sy_pace {
  size_t steps, length; /* of this round: so far, and in all */
  size_t tried;         /* steps that were tried on threads */
  double alone, shared; /* seconds by row of the steps tried on one thread, and on more */
  bool decided, alone_wins;
  double begun; /* when the step under way began */
} sy_pace;

/* A step begins; whether it is to go on threads. */
bool sy_pace_begin(sy_pace *pace);

/* It has ended. */
void sy_pace_end(sy_pace *pace, size_t rows);

/* The same with the seconds it took: for tests. */
void sy_pace_note(sy_pace *pace, double seconds, size_t rows);

#endif
