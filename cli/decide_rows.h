/* decide_rows.h: the SOURCE of decide MODEL SOURCE: rows that the model decides, whose labels may
 * be known. */
#ifndef CLI_DECIDE_ROWS_H
#define CLI_DECIDE_ROWS_H

#include <steelyard/classifier.h>

#include "dataset.h"

typedef struct decided_rows {
  reading table;
  sy_frame frame;      /* what the model reads, costs of the row included */
  sy_labels *labels;   /* NULL where the source has no such column */
  double *row_weights; /* (rows), or NULL for ones */
  double *cost_values; /* (rows, V) of the rule asked for; NULL where V = 0 */
} decided_rows;

/* Reads what the model needs, and what its rule and another one, `rule`, cost on each row.
 * @param given  completed by what the model remembers; a label that --label did not name may lack
 * @param typed  --label was given
 * Exit codes, as everywhere; decided_rows_close then too. */
int decided_rows_read(const settings *given, bool typed, const char *source, const sy_model *model,
                      const char *model_path, const sy_cost_rule *rule, decided_rows *rows);
void decided_rows_close(decided_rows *rows);

#endif
