#define _POSIX_C_SOURCE 200809L
#include "interrupt.h"

#include <signal.h>

#include "say.h"
#include "table.h"

static volatile sig_atomic_t seen = 0;

static void handle(int signal_number) {
  (void)signal_number;
  seen = 1;
  sy_table_interrupt();
}

void interrupt_watch(void) {
  struct sigaction action = {.sa_handler = handle};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
}

bool interrupt_seen(void) {
  return seen != 0;
}

int interrupt_end(void) {
  say_failed("interrupted, nothing was written");
  return EXIT_INTERRUPTED;
}
