#define _POSIX_C_SOURCE 200809L
#include "progress.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "interrupt.h"

/* Short work shows no bar at all; a bar that is there moves ten times a second at most. */
#define PATIENCE 0.4
#define PERIOD   0.1
#define WIDTH    24

static struct {
  bool allowed;
  volatile sig_atomic_t drawn;
  char stage[64];
  double begun, last; /* when this stage began, when it was last drawn */
} bar;

void progress_allow(bool allowed) {
  bar.allowed = allowed && isatty(STDERR_FILENO);
}

void progress_clear(void) {
  if (!bar.drawn) return;
  fputs("\r\033[K", stderr);
  fflush(stderr);
  bar.drawn = 0;
}

bool progress_is_drawn(void) {
  return bar.drawn != 0;
}

static void draw(double fraction, double elapsed) {
  char cells[WIDTH + 1];
  int full = (int)(fraction * WIDTH);
  memset(cells, '.', WIDTH);
  memset(cells, '#', (size_t)full);
  cells[WIDTH] = 0;
  fprintf(stderr, "\r\033[K%s [%s] %3.0f %%", bar.stage, cells, 100 * fraction);
  if (fraction > 0)
    fprintf(stderr, "  %.3g %%/s  %.0f s left", 100 * fraction / elapsed,
            ceil(elapsed * (1 - fraction) / fraction));
  fflush(stderr);
  bar.drawn = 1;
}

static bool tell(void *context, const char *stage, double fraction) {
  (void)context;
  double now = clock_seconds();
  if (strncmp(stage, bar.stage, sizeof bar.stage - 1) != 0) {
    snprintf(bar.stage, sizeof bar.stage, "%s", stage);
    bar.begun = now;
  }
  bool due = now - bar.begun > PATIENCE && now - bar.last > PERIOD;
  if (bar.allowed && due && fraction >= 0 && fraction <= 1) {
    draw(fraction, now - bar.begun);
    bar.last = now;
  }
  return interrupt_seen();
}

sy_progress progress_callback(void) {
  return (sy_progress){.call = tell};
}
