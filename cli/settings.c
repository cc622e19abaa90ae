#include "settings.h"

#include <math.h>

#include <steelyard/study.h>

settings settings_default(void) {
  sy_study_options study = sy_study_options_default();
  return (settings){
      .header = "auto",
      .blank_lines = "auto",
      .label_origin = "--label",
      .normalize = sy_normalize_name(study.normalize),
      .threshold = NAN,
      .model = "logistic",
      .l2 = study.l2,
      .tolerance = study.tolerance,
      .max_iterations = (uint64_t)study.max_iterations,
      .min_count = study.encoder.min_count,
      .max_categories = study.encoder.max_categories,
      .seed = study.seed,
  };
}

void settings_clear(settings *given) {
  text_list_free(&given->labels);
  text_list_free(&given->classes);
  text_list_free(&given->group_classes);
  text_list_free(&given->features);
  text_list_free(&given->exclude);
  text_list_free(&given->keep);
  text_list_free(&given->fail_if);
  text_list_free(&given->scores);
}
