/* clones.h: loops compiled for several widths of vectors, chosen when the program starts.
 *
 * What is installed runs on any x86-64 machine, and its hot loops run at the width of the one it
 * is on. A cloned function must be static (of others gcc exports the choice, hidden or not) yet not
 * static inline, of a name that no other in the library has (clang calls the choice after it, for
 * all files), and what it calls must be SY_INLINE: each clone is compiled for its own target.
 * Its sums keep their order at every width (vector types of a fixed length, no reassociation), so
 * that the width changes no bit. */
#ifndef SY_BASE_CLONES_H
#define SY_BASE_CLONES_H

#include <stdlib.h> /* any header of glibc's says that it is glibc */

/* A function that becomes part of each clone that calls it, for the target of the clone. */
#define SY_INLINE static inline __attribute__((always_inline))

/* The choice is made by the dynamic linker (ifunc), before the thread sanitizer is ready for it.
 * The address sanitizer is, but looks at the source, of which all clones are made: one of them is
 * what it needs, and the others would take two thirds of the time of its build. */
#if defined __has_feature
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SY_NO_CLONES
#endif
#endif
#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__
#define SY_NO_CLONES
#endif

#if defined __x86_64__ && defined __linux__ && defined __GLIBC__ && !defined SY_NO_CLONES
#define SY_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SY_CLONES
#endif

#endif
