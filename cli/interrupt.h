/* interrupt.h: Ctrl-C and SIGTERM end the program in good order, and soon. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT and SIGTERM set a flag and interrupt a read under way; what has not ended by
 * itself in less than a second is ended, unless a file is being written. SIGPIPE is ignored. */
void interrupt_watch(void);

/* True once one came. */
bool interrupt_seen(void);

/* Says so on stderr and returns the exit code. */
int interrupt_end(void);

/* Between true and false a file is being written: it appears whole, or the writer removes it. */
void interrupt_writing(bool writing);

#endif
