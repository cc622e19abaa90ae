/* schedule.h: the learning rate of a step. */
#ifndef SY_FIT_NETWORK_SCHEDULE_H
#define SY_FIT_NETWORK_SCHEDULE_H

#include <steelyard/fit.h>

/* Of step `step` (from 0), options->epochs epochs being steps_per_epoch steps each. The warm-up
 * comes first: along a line from 0, which it leaves with its first step, to the rate, which the
 * step after it has. The schedule spans the steps after it. */
double sy_schedule_rate(const sy_network_options *options, uint64_t step, size_t steps_per_epoch);

#endif
