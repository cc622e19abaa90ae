/* split.h: sy_split_folds with random numbers of another use. */
#ifndef SY_STUDY_SPLIT_H
#define SY_STUDY_SPLIT_H

#include <steelyard/study.h>

/* As sy_split_folds, keyed by `stream`. */
sy_status sy_split_parts(const int32_t *ids, size_t n, size_t n_classes, const uint32_t *groups,
                         int folds, uint64_t seed, uint32_t stream, int32_t *fold, sy_error *error);

#endif
