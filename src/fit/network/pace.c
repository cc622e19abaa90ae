#define _POSIX_C_SOURCE 200809L
#include "fit/network/pace.h"

#include <time.h>

/* A round: a few steps on one thread, up to as many on threads, the rest as was faster. Where
 * threads help, the tries cost less than one in a hundred; where they do not, they end as soon as
 * they have taken longer, and rounds grow, so that tries become rare. */
enum { TRIES = 4, SHORT_ROUND = 256, LONG_ROUND = 8192 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

bool sy_pace_begin(sy_pace *pace) {
  pace->begun = now();
  if (pace->steps < TRIES) return false;
  return !pace->decided || !pace->alone_wins;
}

/* More time on threads, on however few steps, than alone on all tries. */
static void note_try(sy_pace *pace, double by_row) {
  pace->shared += by_row;
  pace->tried++;
  pace->alone_wins = pace->shared > pace->alone;
  pace->decided = pace->alone_wins || pace->tried == TRIES;
}

static void end_round(sy_pace *pace) {
  size_t longer = 2 * pace->length < LONG_ROUND ? 2 * pace->length : LONG_ROUND;
  *pace = (sy_pace){.length = pace->alone_wins ? longer : SHORT_ROUND};
}

void sy_pace_note(sy_pace *pace, double seconds, size_t rows) {
  double by_row = rows > 0 ? seconds / (double)rows : 0;
  if (pace->length == 0) pace->length = SHORT_ROUND;
  if (pace->steps < TRIES)
    pace->alone += by_row;
  else if (!pace->decided)
    note_try(pace, by_row);
  if (++pace->steps >= pace->length) end_round(pace);
}

void sy_pace_end(sy_pace *pace, size_t rows) {
  sy_pace_note(pace, now() - pace->begun, rows);
}
