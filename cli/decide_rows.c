#include "decide_rows.h"

#include <stdlib.h>

#include "cost_columns.h"
#include "roles.h"
#include "say.h"

/* Reading under way. */
typedef struct request {
  settings given;
  roles asked;
  cost_columns own, other; /* costs of the model's rule, and of the one asked for */
  size_t first;            /* column of the frame */
  needed_columns needed;
} request;

static int ask(request *of, bool typed, const sy_model *model, const sy_cost_rule *rule,
               decided_rows *rows) {
  size_t column;
  if (!typed && of->given.label && !reading_find_exact(&rows->table, of->given.label, &column))
    of->given.label = NULL;
  int code = roles_ask(&of->given, &rows->table, &of->asked);
  of->first = rows->table.n_requests;
  if (code == EXIT_DONE) code = dataset_ask_needed(&rows->table, &of->needed);
  if (code != EXIT_DONE) return code;
  cost_columns_ask_rule(sy_model_cost_rule(model), &rows->table, &of->own);
  cost_columns_ask_rule(rule, &rows->table, &of->other);
  return EXIT_DONE;
}

static int take(request *of, const sy_model *model, const sy_cost_rule *rule, decided_rows *rows) {
  const reading *table = &rows->table;
  declared_classes declared = {sy_model_classes(model), sy_model_n_classes(model)};
  bool positive = false;
  int code = EXIT_DONE;
  rows->frame = reading_frame(table, of->first, table->n_requests - of->first);
  if (of->asked.label.used)
    code = label_column_read(&of->given, table, of->asked.label.place, declared, &rows->labels);
  if (code == EXIT_DONE)
    code = roles_row_weights(table, &of->asked.weight, &rows->row_weights, &positive);
  if (code == EXIT_DONE) code = roles_row_weights_end(table, &of->asked.weight, positive);
  if (code == EXIT_DONE)
    code = cost_columns_values(&of->other, table, rule, declared.names, rows->row_weights,
                               &rows->cost_values);
  return code;
}

int decided_rows_read(const settings *given, bool typed, const char *source, const sy_model *model,
                      const char *model_path, const sy_cost_rule *rule, decided_rows *rows) {
  *rows = (decided_rows){0};
  request of = {.given = *given, .needed = needed_by_model(sy_model_encoder(model), model_path)};
  int code = reading_open(given, source, &rows->table);
  if (code == EXIT_DONE) code = ask(&of, typed, model, rule, rows);
  if (code == EXIT_DONE) code = reading_run(&rows->table);
  if (code == EXIT_DONE) code = take(&of, model, rule, rows);
  needed_free(&of.needed);
  cost_columns_free(&of.own);
  cost_columns_free(&of.other);
  roles_free(&of.asked);
  return code;
}

void decided_rows_close(decided_rows *rows) {
  sy_labels_free(rows->labels);
  free(rows->row_weights);
  free(rows->cost_values);
  reading_close(&rows->table);
  *rows = (decided_rows){0};
}
