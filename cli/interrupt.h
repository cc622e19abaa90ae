/* interrupt.h: Ctrl-C and SIGTERM end the program in good order. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT and SIGTERM set a flag and interrupt a read under way; SIGPIPE is ignored. */
void interrupt_watch(void);

/* True once one came. */
bool interrupt_seen(void);

/* While rows stream to stdout there is nothing to take back: end at the signal itself. */
void interrupt_at_once(bool at_once);

/* Says so on stderr and returns the exit code. */
int interrupt_end(void);

#endif
