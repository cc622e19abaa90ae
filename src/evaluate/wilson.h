/* wilson.h: how sure a share of rows is. */
#ifndef SY_EVALUATE_WILSON_H
#define SY_EVALUATE_WILSON_H

/* Wilson's 95 % interval (1927) of a share 0..1 of so many rows, weighted ones counting as their
 * effective number (sum r)^2 / sum r^2. It holds the share, rounding too. */
void sy_wilson_interval(double share, double rows, double *low, double *high);

#endif
