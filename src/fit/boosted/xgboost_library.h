/* xgboost_library.h: XGBoost's shared library, loaded when it is first needed: a program that
 * grows no trees does not wait for it, and one on a machine without it does all else. What it
 * exports stays apart from another copy in the process (Python's package brings one). */
#ifndef SY_FIT_BOOSTED_XGBOOST_LIBRARY_H
#define SY_FIT_BOOSTED_XGBOOST_LIBRARY_H

#include <steelyard/fit.h>

/* Why there is no XGBoost and what would help; NULL where there is. */
const char *sy_xgboost_absence(void);

#ifdef SY_XGBOOST

#include <xgboost/c_api.h>

/* XGBoosterUpdateOneIter, rounds on XGBoost's own gradients, is what tests compare ours with. */
#define SY_XGBOOST_FUNCTIONS(X)                                                                    \
  X(XGBoostVersion)                                                                                \
  X(XGBGetLastError)                                                                               \
  X(XGBRegisterLogCallback)                                                                        \
  X(XGDMatrixCreateFromDense)                                                                      \
  X(XGDMatrixSetFloatInfo)                                                                         \
  X(XGDMatrixFree)                                                                                 \
  X(XGBoosterCreate)                                                                               \
  X(XGBoosterSetParam)                                                                             \
  X(XGBoosterPredictFromDMatrix)                                                                   \
  X(XGBoosterBoostOneIter)                                                                         \
  X(XGBoosterUpdateOneIter)                                                                        \
  X(XGBoosterSaveModelToBuffer)                                                                    \
  X(XGBoosterFree)

/* Its functions, of the types that its header declares. */
typedef struct sy_xgboost_library {
#define SY_MEMBER(function) __typeof__(function) *function;
  SY_XGBOOST_FUNCTIONS(SY_MEMBER)
#undef SY_MEMBER
  /* What takes the place of XGBoosterBoostOneIter from version 2.1 on, whose headers may not be
   * those that this was built with; NULL before. Gradients and Hessians are arrays as JSON tells
   * of them. */
  int (*XGBoosterTrainOneIter)(BoosterHandle booster, DMatrixHandle rows, int round,
                               const char *gradients, const char *hessians);
} sy_xgboost_library;

/* NULL where it is absent. */
const sy_xgboost_library *sy_xgboost_load(void);

#endif
#endif
