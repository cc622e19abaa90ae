#define _XOPEN_SOURCE 700
#include "interrupt.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "progress.h"
#include "say.h"
#include "table.h"

#define PATIENCE_MICROSECONDS 700000
#define MESSAGE               "interrupted, nothing was written"

static volatile sig_atomic_t seen = 0, is_writing = 0, is_said = 0;

static void wait_a_little(void) {
  struct itimerval timer = {.it_value = {.tv_usec = PATIENCE_MICROSECONDS}};
  setitimer(ITIMER_REAL, &timer, NULL);
}

static void handle(int signal_number) {
  (void)signal_number;
  seen = 1;
  sy_table_interrupt();
  wait_a_little();
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
    wait_a_little();
    return;
  }
  if (progress_is_drawn()) say_in_handler(clear, sizeof clear - 1);
  if (!is_said) say_in_handler(line, sizeof line - 1);
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
  is_said = 1;
  say_failed(MESSAGE);
  return EXIT_INTERRUPTED;
}

void interrupt_writing(bool writing) {
  is_writing = writing;
}
