/* cmd_weights.c: steelyard weights: counts of the classes, their weights, and what they do. */
#include <stdlib.h>

#include <steelyard/report.h>

#include "command.h"
#include "dataset.h"
#include "json_text.h"
#include "policy_option.h"
#include "say.h"

static int tell_screen(const settings *given, const weighting *weights, const sy_labels *labels,
                       const sy_audit *audit) {
  char *text;
  sy_error error;
  if (sy_report_audit(audit, sy_policy_text(weights->policy), sy_labels_classes(labels), &text,
                      &error) != SY_OK)
    return say_error(&error);
  say_result(text);
  free(text);
  say_remarks(audit->warnings);
  if (!given->class_weight)
    say_remark("note: --class-weight balanced, sqrt, max-ratio, log or NAME=W,NAME=W shows what "
               "weights would do");
  return EXIT_DONE;
}

static json_t *json_classes(const sy_labels *labels, const sy_audit *audit) {
  json_t *list = json_array();
  for (size_t k = 0; k < audit->n_classes; k++) {
    const sy_audit_class *class = &audit->classes[k];
    json_t *object = json_object();
    json_object_set_new(object, "class", json_text(sy_labels_classes(labels)[k]));
    json_object_set_new(object, "count", json_number(class->count));
    json_object_set_new(object, "share", json_number(class->share));
    json_object_set_new(object, "weight", json_number(class->weight));
    json_array_append_new(list, object);
  }
  return list;
}

static int tell_json(const weighting *weights, const sy_labels *labels, const sy_audit *audit) {
  json_t *object = json_object();
  json_object_set_new(object, "rows", json_count(audit->rows));
  json_object_set_new(object, "policy", json_text(sy_policy_text(weights->policy)));
  json_object_set_new(object, "normalize", json_text(sy_normalize_name(weights->normalize)));
  json_object_set_new(object, "classes", json_classes(labels, audit));
  json_object_set_new(object, "imbalance_ratio", json_number(audit->imbalance_ratio));
  json_object_set_new(object, "effective_rows", json_number(audit->effective_rows));
  json_object_set_new(object, "warnings", json_messages(audit->warnings));
  json_say(object);
  return EXIT_DONE;
}

int command_weights(const settings *given, char *const *arguments) {
  dataset data = {0};
  weighting weights = {0};
  double *values = NULL;
  sy_audit audit = {0};
  if (!given->label) return say_usage("weights needs --label COL, the column of the classes");
  int code = weighting_read(given, &weights);
  if (code == EXIT_DONE) code = dataset_read_labels(given, arguments[0], &data);
  if (code == EXIT_DONE)
    code = weighting_audit(&weights, data.labels, data.row_weights, &values, &audit);
  if (code == EXIT_DONE)
    code = given->json ? tell_json(&weights, data.labels, &audit)
                       : tell_screen(given, &weights, data.labels, &audit);
  sy_audit_clear(&audit);
  free(values);
  dataset_close(&data);
  weighting_clear(&weights);
  return code;
}
