/* interrupt.h: Ctrl-C and SIGTERM end the program in good order, and soon. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

#include <steelyard/base.h>

/* From now on SIGINT, SIGTERM and SIGHUP set a flag and interrupt a read under way; what has not
 * ended by itself in less than a second, or before the next signal, is ended without leaving a
 * file half written. A signal that was ignored when the program started (nohup) stays ignored.
 * SIGPIPE and SIGXFSZ are failed writes. */
void interrupt_watch(void);

/* From now on the line said at the end names `path` as what to go on from (--resume), once a file
 * is there that was not there at this call, or at once where it `stands`. */
void interrupt_leaves(const char *path, bool stands);

/* True once one came. */
bool interrupt_seen(void);

/* Progress that shows nothing: it only says whether to go on. */
sy_progress interrupt_callback(void);

/* Says so on stderr and returns the exit code. */
int interrupt_end(void);

#endif
