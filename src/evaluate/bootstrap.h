/* bootstrap.h: samples of rows drawn with replacement, row by row: how often a row is in a sample
 * is Poisson of mean 1, which for many rows is what n draws give (Hanley & MacGibbon 2006). Keyed
 * by (seed, sample, row): nothing depends on threads or on the other rows. */
#ifndef SY_EVALUATE_BOOTSTRAP_H
#define SY_EVALUATE_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

/* How often a row is in a sample: 0..12. */
unsigned sy_bootstrap_count(uint64_t seed, uint32_t sample, uint64_t row);

/* The same for rows 0..n-1, several times as fast. counts: (n) out. */
void sy_bootstrap_counts(uint64_t seed, uint32_t sample, size_t n, uint8_t *counts);

/* The ends of the 95 % percentile interval of n values, whose order is lost; NaN are left out, and
 * more than 5 % of them leave no interval (NaN). */
void sy_bootstrap_interval(double *values, size_t n, double *low, double *high);

#endif
