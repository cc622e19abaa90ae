/* exact.h: sums of doubles that are exact until read: any order, any merge, the same bits. A fixed
 * point number of 2,176 bits in 68 limbs of 32 bits, each in an int64 that carries late. */
#ifndef SY_BASE_EXACT_H
#define SY_BASE_EXACT_H

#include <stddef.h>
#include <stdint.h>

#define SY_EXACT_LIMBS 68

typedef struct sy_exact {
  int64_t limb[SY_EXACT_LIMBS];
  uint32_t pending; /* additions since carries were last propagated */
} sy_exact;

/* Adds a finite value. */
void sy_exact_add(sy_exact *sum, double value);

/* Adds another sum. */
void sy_exact_merge(sy_exact *into, const sy_exact *from);

/* Takes another sum away. */
void sy_exact_subtract(sy_exact *from, const sy_exact *part);

/* Brings a sum into the one form of its value: limbs 0 to 2^32 - 1, but the last, which is signed.
 */
void sy_exact_settle(sy_exact *sum);

/* The sum, correctly rounded (half to even); infinite where it leaves the range. */
double sy_exact_value(const sy_exact *sum);

#endif
