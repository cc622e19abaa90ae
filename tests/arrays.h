/* arrays.h: arrays as they are written in a call, and how many elements they have. */
#ifndef TESTS_ARRAYS_H
#define TESTS_ARRAYS_H

#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define IDS(...) ((const int32_t[]){__VA_ARGS__})

#endif
