#define _XOPEN_SOURCE 700
#include "interrupt.h"

#include <signal.h>
#include <stdlib.h>
#include <steelyard/store.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "progress.h"
#include "say.h"
#include "table.h"
#include "text.h"

#define PATIENCE_MICROSECONDS 700000
#define MESSAGE               "interrupted, nothing was written"
#define MESSAGE_TO_GO_ON      "interrupted, no model was written; to go on: --resume "

static volatile sig_atomic_t seen = 0, is_said = 0;

/* What an interrupted work can be gone on from; never freed, as the handler may be at it. */
static struct {
  char *path; /* or NULL */
  char *line; /* what is said then */
  bool stands;
  struct stat before; /* zeroed where there was nothing */
} left;

/* In the handler, too: stat is one of the few calls that are safe there. */
static const char *message(void) {
  struct stat now;
  if (!left.path || stat(left.path, &now) != 0) return "steelyard: " MESSAGE "\n";
  bool is_new = now.st_ino != left.before.st_ino || now.st_dev != left.before.st_dev ||
                now.st_mtim.tv_sec != left.before.st_mtim.tv_sec ||
                now.st_mtim.tv_nsec != left.before.st_mtim.tv_nsec;
  return left.stands || is_new ? left.line : "steelyard: " MESSAGE "\n";
}

void interrupt_leaves(const char *path, bool stands) {
  if (stat(path, &left.before) != 0) memset(&left.before, 0, sizeof left.before);
  left.line = text_format("steelyard: " MESSAGE_TO_GO_ON "%s\n", path);
  left.stands = stands;
  left.path = text_copy(path);
}

static void say_in_handler(const char *text, size_t size) {
  ssize_t written = write(STDERR_FILENO, text, size);
  (void)written;
}

/* Callbacks are seldom where a step of the solver is long; nothing is lost by not waiting. */
static void lose_patience(int signal_number) {
  static const char clear[] = "\r\033[K";
  const char *line = message();
  (void)signal_number;
  sy_output_abandon_all();
  if (progress_is_drawn()) say_in_handler(clear, sizeof clear - 1);
  if (!is_said) say_in_handler(line, strlen(line));
  _exit(EXIT_INTERRUPTED);
}

static void handle(int signal_number) {
  if (seen) lose_patience(signal_number);
  seen = 1;
  sy_table_interrupt();
  struct itimerval timer = {.it_value = {.tv_usec = PATIENCE_MICROSECONDS}};
  setitimer(ITIMER_REAL, &timer, NULL);
}

/* One handler at a time: a signal that comes while another is handled waits for its end. */
static void watch(int signal_number, void (*handler)(int)) {
  struct sigaction before, action = {.sa_handler = handler};
  sigfillset(&action.sa_mask);
  if (sigaction(signal_number, NULL, &before) == 0 && before.sa_handler == SIG_IGN) return;
  sigaction(signal_number, &action, NULL);
}

void interrupt_watch(void) {
  watch(SIGINT, handle);
  watch(SIGTERM, handle);
  watch(SIGHUP, handle);
  watch(SIGALRM, lose_patience);
  watch(SIGPIPE, SIG_IGN);
  watch(SIGXFSZ, SIG_IGN);
}

bool interrupt_seen(void) {
  return seen != 0;
}

static bool only_look(void *context, const char *stage, double fraction) {
  (void)context;
  (void)stage;
  (void)fraction;
  return interrupt_seen();
}

sy_progress interrupt_callback(void) {
  return (sy_progress){.call = only_look};
}

int interrupt_end(void) {
  is_said = 1;
  char *line = text_copy(message() + strlen("steelyard: "));
  line[strcspn(line, "\n")] = 0;
  say_failed("%s", line);
  free(line);
  return EXIT_INTERRUPTED;
}
