/* count_table.h: labels in the columns of a table, which may come in pieces. */
#ifndef CLI_COUNT_TABLE_H
#define CLI_COUNT_TABLE_H

#include "counting.h"
#include "label_cells.h"
#include "roles.h"

typedef struct table_counting {
  counting *work;
  sy_label_kind kind;
  reading table;
  roles asked;
  text_list hot;    /* names of the columns of --labels, in the order given */
  size_t first_hot; /* their first place among the columns read */
  missing_labels missing;
  bool separated;        /* some cell holds the separator */
  bool weighed;          /* some row weighs more than 0 */
  sy_counter *sequences; /* of --sequence */
} table_counting;

/* --labels: finds the columns and asks for them; adds a piece of them. */
int count_hot_ask(table_counting *counts);
int count_hot_add(table_counting *counts, const double *row_weights);

/* --sequence: counts the rows of each; notes how many there are. */
int count_sequences_add(table_counting *counts);
int count_sequences_end(table_counting *counts);

#endif
