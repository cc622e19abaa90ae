/* xgboost_file.h: a model that XGBoost saved, as a model of steelyard's. */
#ifndef CLI_XGBOOST_FILE_H
#define CLI_XGBOOST_FILE_H

#include <steelyard/classifier.h>

#include "settings.h"

/* Whether a file is, or was meant to be, a model of XGBoost's: JSON or UBJ by its first byte, or so
 * called. */
bool xgboost_file_is(const char *path);

/* Reads it. Classes are called as --classes says, else as the labels of the SOURCE where there are
 * as many, else by their numbers; features as the file calls them, else by the SOURCE's columns.
 * @param source    or NULL
 * @param messages  what was called how
 * @param model     out; sy_model_free
 * An exit code, having said what is wrong. */
int xgboost_file_open(const settings *given, const char *path, const char *source,
                      sy_messages *messages, sy_model **model);

#endif
