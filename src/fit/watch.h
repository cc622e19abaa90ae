/* watch.h: whether the caller wants a long computation to stop. */
#ifndef SY_FIT_WATCH_H
#define SY_FIT_WATCH_H

#include <stdatomic.h>
#include <steelyard/base.h>

typedef struct sy_watch {
  sy_progress progress;
  double fraction;     /* done, as last told */
  double unasked;      /* operations since the caller was last asked */
  atomic_bool stopped; /* the caller said so; what was being computed is worth nothing */
} sy_watch;

/* Tells how far the fit is, and fails with SY_CANCELLED where the caller wants it to stop, or has
 * wanted. */
sy_status sy_watch_tell(sy_watch *watch, double fraction, sy_error *error);

/* Opens and closes a stretch of blocks that other threads may share: only this one asks. */
void sy_watch_open(sy_watch *watch);
void sy_watch_close(void);

/* To be asked by any thread within such a stretch, after so many operations: whether to stop. The
 * caller is only troubled every now and then, and only on its own thread. */
bool sy_watch_stops(sy_watch *watch, double operations);

#endif
