/* schedule.c: cosine and one-cycle schedules with the constants and the ends of PyTorch's
 * CosineAnnealingLR and OneCycleLR. */
#include "fit/network/schedule.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* One-cycle: it begins at a 25th of the rate, is at its top after 30 % of the steps, and ends at a
 * ten-thousandth of its beginning. */
static const double begin_divisor = 25, end_divisor = 1e4, rising_share = 0.3;

/* From one number to another along half a cosine. */
static double cosine(double from, double to, double share) {
  return to + (from - to) / 2 * (1 + cos(pi * share));
}

/* The rise ends at step 0.3 n - 1, which need not be whole; the last step has the lowest rate. */
static double one_cycle(double step, double n) {
  double low = 1 / begin_divisor, top = rising_share * n - 1, last = n - 1;
  if (step <= top) return top > 0 ? cosine(low, 1, step / top) : low;
  return last > top ? cosine(1, low / end_divisor, (step - top) / (last - top)) : 1;
}

double sy_schedule_rate(const sy_network_options *options, uint64_t step, size_t steps_per_epoch) {
  double all = (double)options->epochs * (double)steps_per_epoch, at = (double)step;
  double warm_up = round(options->warm_up * (double)steps_per_epoch);
  if (at < warm_up) return options->learning_rate * ((at + 1) / (warm_up + 1));
  double left = all - warm_up, since = at - warm_up;
  if (options->schedule == SY_SCHEDULE_COSINE)
    return options->learning_rate * cosine(1, 0, since / left);
  if (options->schedule == SY_SCHEDULE_ONE_CYCLE)
    return options->learning_rate * one_cycle(since, left);
  return options->learning_rate;
}
