/* split.h: sy_split_folds and sy_split_share with random numbers of another use. */
#ifndef SY_STUDY_SPLIT_H
#define SY_STUDY_SPLIT_H

#include <steelyard/study.h>

/* As sy_split_folds, keyed by `stream`. */
sy_status sy_split_parts(const int32_t *ids, size_t n, size_t n_classes, const uint32_t *groups,
                         int folds, uint64_t seed, uint32_t stream, int32_t *fold, sy_error *error);

/* As sy_split_share, keyed by `stream`; the share is known to be one. */
sy_status sy_split_marks(const int32_t *ids, size_t n, size_t n_classes, const uint32_t *groups,
                         double share, uint64_t seed, uint32_t stream, uint8_t *marked,
                         sy_error *error);

#endif
