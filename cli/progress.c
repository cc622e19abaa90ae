#define _DEFAULT_SOURCE
#include "progress.h"

#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
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
  char stage[64], detail[96];
  double begun, last; /* when this stage began, when it was last drawn */
  double first;       /* what was done when it began */
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

/* Columns of the terminal: of a longer line only the last row would be taken off again. */
static int columns(void) {
  struct winsize size;
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void append(char *line, size_t size, const char *format, ...) {
  size_t length = strlen(line);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line + length, size - length, format, arguments);
  va_end(arguments);
}

/* A stage may be a part of a whole that its fraction is of: it began at bar.first. */
static void draw(double fraction, double elapsed) {
  double rate = fraction > bar.first ? (fraction - bar.first) / elapsed : 0;
  char cells[WIDTH + 1], line[256];
  int width = bar.detail[0] ? WIDTH / 4 : WIDTH, full = (int)(fraction * width);
  memset(cells, '.', sizeof cells);
  memset(cells, '#', (size_t)full);
  cells[width] = 0;
  snprintf(line, sizeof line, "%s [%s] %3.0f %%", bar.stage, cells, 100 * fraction);
  if (rate > 0 && !bar.detail[0]) append(line, sizeof line, "  %.3g %%/s", 100 * rate);
  if (rate > 0) append(line, sizeof line, "  %.0f s left", ceil((1 - fraction) / rate));
  if (bar.detail[0]) append(line, sizeof line, "  %s", bar.detail);
  fprintf(stderr, "\r\033[K%.*s", columns() - 1, line);
  fflush(stderr);
  bar.drawn = 1;
}

void progress_detail(const char *text) {
  snprintf(bar.detail, sizeof bar.detail, "%s", text);
}

static bool tell(void *context, const char *stage, double fraction) {
  (void)context;
  double now = clock_seconds();
  if (strncmp(stage, bar.stage, sizeof bar.stage - 1) != 0) {
    snprintf(bar.stage, sizeof bar.stage, "%s", stage);
    bar.detail[0] = 0;
    bar.begun = now;
    bar.first = fraction;
  }
  bool waited = bar.drawn || now - bar.begun > PATIENCE;
  bool due = waited && now - bar.last > PERIOD;
  if (bar.allowed && due && fraction >= 0 && fraction <= 1) {
    draw(fraction, now - bar.begun);
    bar.last = now;
  }
  return interrupt_seen();
}

sy_progress progress_callback(void) {
  return (sy_progress){.call = tell};
}
