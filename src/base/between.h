/* between.h: a short number between two. */
#ifndef SY_BASE_BETWEEN_H
#define SY_BASE_BETWEEN_H

/* The decimal of fewest digits strictly between `below` and `above`, of several the one nearest to
 * their middle: 0.3 between 0.271 and 0.318. `above` itself where there is none: where no double
 * lies between, or one of the two is infinite. */
double sy_decimal_between(double below, double above);

#endif
