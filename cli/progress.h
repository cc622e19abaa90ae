/* progress.h: a bar with rate and time left on stderr, where that is a terminal. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <steelyard/base.h>

/* Whether bars may be drawn at all (they never are where stderr is no terminal). */
void progress_allow(bool allowed);

/* A callback for the library's long calls: draws, and cancels once the program is interrupted. */
sy_progress progress_callback(void);

/* What stands behind the bar and the time left of this stage, in the place of its rate: parts two
 * spaces apart, the first the last to go where the terminal is narrow. Whether the stage may end
 * before the time left is over. */
void progress_detail(const char *text, bool may_end_sooner);

/* Takes the bar off the screen; before anything else is printed. */
void progress_clear(void);

/* Whether there is a bar on the screen; may be called from a signal handler. */
bool progress_is_drawn(void);

#endif
