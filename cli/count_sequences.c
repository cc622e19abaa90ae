/* count_sequences.c: how many sequences the rows of a table make. A label has its weight at each
 * step, so they change no count; they tell whether the column is the right one. */
#include "count_table.h"
#include "say.h"

int count_sequences_add(table_counting *counts) {
  const reading *table = &counts->table;
  const sy_column *column = reading_column(table, counts->asked.sequence.place);
  size_t n = reading_rows(table);
  for (size_t i = 0; i < n; i++)
    if (column->codes[i] == SY_MISSING)
      return say_failed("%s row %zu: column \"%s\": the sequence is missing", table->source,
                        table->rows_before + i + 1, column->name);
  sy_label_array steps = {.kind = SY_LABEL_NAME,
                          .values = sy_array_of(column->codes, SY_U32, 1, &n),
                          .names = column->values,
                          .n_names = column->n_values};
  sy_error error;
  if (sy_counter_add(counts->sequences, &steps, &error) == SY_OK) return EXIT_DONE;
  return say_error_at(&error, EXIT_DATA, "%s: column \"%s\"", table->source, column->name);
}

int count_sequences_end(table_counting *counts) {
  sy_counts *found;
  sy_error error;
  if (sy_counter_counts(counts->sequences, &found, &error) != SY_OK) return say_error(&error);
  size_t n = sy_counts_n_classes(found);
  uint64_t shortest = UINT64_MAX, longest = 0;
  for (size_t k = 0; k < n; k++) {
    uint64_t steps = sy_counts_rows(found, k);
    if (steps < shortest) shortest = steps;
    if (steps > longest) longest = steps;
  }
  char number[SY_NUMBER_SIZE], low[SY_NUMBER_SIZE], high[SY_NUMBER_SIZE];
  text_count(n, number);
  text_count(shortest, low);
  text_count(longest, high);
  sy_messages_add(counts->work->notes, "%s sequence%s of %s%s%s rows; each row has a weight",
                  number, n == 1 ? "" : "s", low, shortest == longest ? "" : " to ",
                  shortest == longest ? "" : high);
  sy_counts_free(found);
  return EXIT_DONE;
}
