/* settings.h: everything that can be said on the command line, of all commands together. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include <steelyard/study.h>

#include "text.h"

typedef struct settings {
  /* how the source is written */
  const char *header, *delimiter, *null_text, *blank_lines;
  uint64_t skip;
  /* labels */
  const char *label, *label_origin; /* the origin is what errors call it */
  const char *label_kind, *label_separator, *ignore, *positive;
  text_list labels, classes, group_classes; /* one item an option given */
  /* columns */
  text_list features, exclude, keep;
  const char *sample_weight, *group, *sequence;
  /* labels that lie in no table */
  const char *counts, *mask, *extensions;
  /* weights and costs */
  const char *class_weight, *normalize, *cost, *emit;
  bool compare;
  /* scores of any model */
  text_list scores; /* one item a model */
  bool logits;
  const char *undo_weights;
  double threshold;   /* NaN = none */
  uint64_t intervals; /* bootstrap samples; 0 = none */
  /* a rule tuned on unseen rows */
  const char *tune, *max_flagged, *min_precision, *min_recall;
  const char *prior; /* how frequent classes are where a model is used */
  /* testing */
  const char *test, *test_after;
  /* training */
  const char *model, *calibrate;
  double l2, tolerance;
  uint64_t max_iterations, min_count, max_categories;
  /* networks */
  const char *hidden, *activation, *norm, *optimizer, *schedule, *loss, *sampling;
  double dropout, learning_rate, momentum, weight_decay, clip_norm, warm_up, held_out;
  uint64_t embedding_width, epochs, batch_size, patience, reweight_from, restarts;
  const char *checkpoint, *resume, *json_log;
  double checkpoint_every;
  /* boosted trees */
  const char *grow_policy;
  const char *learning_rates; /* the default of learning_rate, which differs by family, in words */
  uint64_t rounds, early_stopping_rounds, max_depth, max_leaves, max_bin;
  double min_child_weight, gamma, reg_lambda, reg_alpha, max_delta_step;
  double subsample, colsample_bytree, colsample_bylevel, colsample_bynode;
  /* all commands */
  const char *output, *report;
  uint64_t threads, seed;
  text_list fail_if;
  bool json, quiet, help;
  text_list typed; /* names of the options given, defaults left out */
} settings;

/* The defaults, taken from the library's. */
settings settings_default(void);

/* The same settings with the defaults that differ by family; shallow, so not to be cleared. */
settings settings_of_family(const settings *given, sy_study_family family);

/* Whether an option was given, be it with its default. */
bool settings_typed(const settings *given, const char *option);

/* Releases its lists. */
void settings_clear(settings *given);

#endif
