#define _POSIX_C_SOURCE 200809L
#include "interrupt.h"

#include <signal.h>
#include <unistd.h>

#include "progress.h"
#include "say.h"
#include "table.h"

#define PATIENCE_SECONDS 1
#define MESSAGE          "interrupted, nothing was written"

static volatile sig_atomic_t seen = 0, is_writing = 0;

static void handle(int signal_number) {
  (void)signal_number;
  seen = 1;
  sy_table_interrupt();
  alarm(PATIENCE_SECONDS);
}

static void say_in_handler(const char *text, size_t size) {
  ssize_t written = write(STDERR_FILENO, text, size);
  (void)written;
}

/* Callbacks are seldom where a step of the solver is long; nothing is lost by not waiting. */
static void lose_patience(int signal_number) {
  static const char clear[] = "\r\033[K", line[] = "steelyard: " MESSAGE "\n";
  (void)signal_number;
  if (is_writing) {
    alarm(PATIENCE_SECONDS);
    return;
  }
  if (progress_is_drawn()) say_in_handler(clear, sizeof clear - 1);
  say_in_handler(line, sizeof line - 1);
  _exit(EXIT_INTERRUPTED);
}

static void watch(int signal_number, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler};
  sigemptyset(&action.sa_mask);
  sigaction(signal_number, &action, NULL);
}

void interrupt_watch(void) {
  watch(SIGINT, handle);
  watch(SIGTERM, handle);
  watch(SIGALRM, lose_patience);
  watch(SIGPIPE, SIG_IGN);
}

bool interrupt_seen(void) {
  return seen != 0;
}

int interrupt_end(void) {
  say_failed(MESSAGE);
  return EXIT_INTERRUPTED;
}

void interrupt_writing(bool writing) {
  is_writing = writing;
}
