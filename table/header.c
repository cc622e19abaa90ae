/* header.c: the names of delimited text as they are written. DuckDB tells names that differ in case
 * only, or not at all, apart by _1, _2, ..; whoever asks for such a column asks by what the file
 * says. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int compare_names(const void *a, const void *b) {
  return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

/* Whether a name is another one with _1 or the like behind it. `sorted` are all names. */
static bool looks_renamed(const char *name, const char **sorted, size_t n) {
  const char *bar = strrchr(name, '_');
  if (!bar || bar[1] == '\0' || bar[1 + strspn(bar + 1, "0123456789")] != '\0') return false;
  char *base = table_copy(name, (size_t)(bar - name));
  bool found = base && bsearch(&base, sorted, n, sizeof *sorted, compare_names);
  free(base);
  return found;
}

static bool any_renamed(const sy_table *table) {
  const char **sorted = malloc((table->n_columns + 1) * sizeof *sorted);
  bool renamed = !sorted; /* then reading the names is what tells of the lack of memory */
  for (size_t i = 0; i < table->n_columns && sorted; i++) sorted[i] = table->columns[i].name;
  if (sorted) qsort(sorted, table->n_columns, sizeof *sorted, compare_names);
  for (size_t i = 0; i < table->n_columns && !renamed; i++)
    renamed = looks_renamed(table->columns[i].name, sorted, table->n_columns);
  free(sorted);
  return renamed;
}

typedef struct names {
  sy_table *table;
  size_t n;
  bool failed;
} names;

/* Blanks around a name are not part of it. */
static bool take_name(void *context, size_t n, const table_cell *cells) {
  names *taken = context;
  if (n == 0 || taken->n == taken->table->n_columns) return false;
  const char *begin = cells[0].bytes ? cells[0].bytes : "", *end = begin + cells[0].size;
  while (begin < end && *begin == ' ') begin++;
  while (end > begin && end[-1] == ' ') end--;
  table_column *column = &taken->table->columns[taken->n++];
  bool same = strlen(column->name) == (size_t)(end - begin) &&
              memcmp(column->name, begin, (size_t)(end - begin)) == 0;
  if (same || begin == end) return true;
  column->written = table_copy(begin, (size_t)(end - begin));
  taken->failed = !column->written;
  return !taken->failed;
}

sy_status table_header_read(sy_table *table, sy_error *error) {
  if (!table->dialect.header || !any_renamed(table)) return SY_OK;
  table_text sql = {0};
  table_failure failure = {0};
  names taken = {table, 0, false};
  table_text_add(&sql, "SELECT unnest([");
  for (size_t i = 0; i < table->n_columns; i++)
    table_text_add(&sql, "%sc%zu", i ? ", " : "", i + 1);
  table_text_add(&sql, "]) FROM (FROM read_csv(");
  table_csv_as_text(table, &table->files[0], &sql);
  table_text_add(&sql, ") LIMIT 1)");
  bool read = !sql.failed && table_rows(table->connection, sql.bytes, take_name, &taken, &failure);
  bool no_memory = sql.failed || taken.failed;
  table_text_free(&sql);
  if (no_memory) return table_fail_memory(error);
  return read ? SY_OK : table_tell(table, &failure, error);
}
