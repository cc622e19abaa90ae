/* xgboost_ubj.h: Universal Binary JSON (Draft 12), as XGBoost writes it, read without trust. */
#ifndef SY_FIT_BOOSTED_XGBOOST_UBJ_H
#define SY_FIT_BOOSTED_XGBOOST_UBJ_H

#include <jansson.h>
#include <steelyard/base.h>

/* Reads bytes, all of them, into the values that the same file would give as JSON. Typed arrays
 * under a name of `unwanted` (ends with NULL) are passed over and stand as null: most of a model is
 * such arrays.
 * @param at     out: where the reading ended
 * @param value  out; release with json_decref
 * Fails with SY_INVALID_DATA (the byte `at` cannot be) and SY_OUT_OF_MEMORY. */
sy_status sy_xgboost_ubj_read(const unsigned char *bytes, size_t size, const char *const *unwanted,
                              size_t *at, json_t **value);

#endif
