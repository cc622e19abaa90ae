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

enum { LINE_SIZE = 256 };

static struct {
  bool allowed;
  volatile sig_atomic_t drawn;
  char stage[64], detail[96];
  bool may_end_sooner; /* the time left is an upper bound */
  double begun, last;  /* when this stage began, when it was last drawn */
  double first;        /* what was done when it began */
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

static void append(char *line, const char *format, ...) {
  size_t length = strlen(line);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line + length, LINE_SIZE - length, format, arguments);
  va_end(arguments);
}

/* Without a detail the bar is wide, and its rate stands behind it. */
static void compose(char *line, double fraction, double rate, int width) {
  char cells[WIDTH + 1];
  memset(cells, '.', sizeof cells);
  memset(cells, '#', (size_t)(fraction * width));
  cells[width] = 0;
  snprintf(line, LINE_SIZE, "%s", bar.stage);
  if (width) append(line, " [%s]", cells);
  append(line, " %3.0f %%", 100 * fraction);
  if (rate > 0 && !bar.detail[0]) append(line, "  %.3g %%/s", 100 * rate);
  if (rate > 0)
    append(line, "  %s%.0f s left", bar.may_end_sooner ? "< " : "", ceil((1 - fraction) / rate));
  if (bar.detail[0]) append(line, "  %s", bar.detail);
}

/* Parts stand two spaces apart: a part that the terminal has no room for is left off, for half a
 * number would be another number. */
static void cut(char *line, size_t room) {
  while (strlen(line) > room) {
    char *last = NULL;
    for (char *part = line; (part = strstr(part, "  ")); part += 2) last = part;
    if (!last) last = line + room;
    *last = 0;
  }
}

/* A stage may be a part of a whole that its fraction is of: it began at bar.first. Beside a detail
 * the bar is the first to go. */
static void draw(double fraction, double elapsed) {
  double rate = fraction > bar.first ? (fraction - bar.first) / elapsed : 0;
  char line[LINE_SIZE];
  size_t room = (size_t)columns() - 1;
  compose(line, fraction, rate, bar.detail[0] ? WIDTH / 4 : WIDTH);
  if (bar.detail[0] && strlen(line) > room) compose(line, fraction, rate, 0);
  cut(line, room);
  fprintf(stderr, "\r\033[K%s", line);
  fflush(stderr);
  bar.drawn = 1;
}

void progress_detail(const char *text, bool may_end_sooner) {
  snprintf(bar.detail, sizeof bar.detail, "%s", text);
  bar.may_end_sooner = may_end_sooner;
}

static bool tell(void *context, const char *stage, double fraction) {
  (void)context;
  double now = clock_seconds();
  if (strncmp(stage, bar.stage, sizeof bar.stage - 1) != 0) {
    snprintf(bar.stage, sizeof bar.stage, "%s", stage);
    bar.detail[0] = 0;
    bar.may_end_sooner = false;
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
