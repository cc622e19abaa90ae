/* watch.c: the caller's callback need not be safe for threads, so other threads look at a flag. */
#include "fit/watch.h"

#include "base/error.h"

/* Some hundredths of a second. */
static const double patience = 2e8;

static _Thread_local const sy_watch *own;

sy_status sy_watch_tell(sy_watch *watch, double fraction, sy_error *error) {
  watch->fraction = fraction;
  if (atomic_load(&watch->stopped))
    return sy_fail(error, SY_CANCELLED, "%s", sy_status_text(SY_CANCELLED));
  sy_status status = sy_progress_tell(watch->progress, "fit", fraction, error);
  if (status != SY_OK) atomic_store(&watch->stopped, true);
  return status;
}

void sy_watch_open(sy_watch *watch) {
  own = watch;
}

void sy_watch_close(void) {
  own = NULL;
}

bool sy_watch_stops(sy_watch *watch, double operations) {
  if (own == watch && watch->progress.call) {
    watch->unasked += operations;
    if (watch->unasked > patience) {
      watch->unasked = 0;
      sy_error ignored;
      (void)sy_watch_tell(watch, watch->fraction, &ignored);
    }
  }
  return atomic_load(&watch->stopped);
}
