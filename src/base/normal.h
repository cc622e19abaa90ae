/* normal.h: the normal distribution. */
#ifndef SY_BASE_NORMAL_H
#define SY_BASE_NORMAL_H

/* Its 0.975 quantile: 95 % lie within so many standard deviations of the mean. */
static const double sy_normal_95 = 1.959963984540054;

#endif
