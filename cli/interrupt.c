#define _POSIX_C_SOURCE 200809L
#include "interrupt.h"

#include <signal.h>
#include <unistd.h>

#include "say.h"
#include "table.h"

static volatile sig_atomic_t seen = 0, ends_at_once = 0;

static void handle(int signal_number) {
  (void)signal_number;
  seen = 1;
  if (ends_at_once) _exit(EXIT_INTERRUPTED);
  sy_table_interrupt();
}

void interrupt_watch(void) {
  struct sigaction action = {.sa_handler = handle};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
}

void interrupt_at_once(bool at_once) {
  ends_at_once = at_once;
}

bool interrupt_seen(void) {
  return seen != 0;
}

int interrupt_end(void) {
  say_failed("interrupted, nothing was written");
  return EXIT_INTERRUPTED;
}
