/* clock.h: how long things take. */
#ifndef CLI_CLOCK_H
#define CLI_CLOCK_H

/* Seconds of a clock that only goes forward. */
double clock_seconds(void);

#endif
