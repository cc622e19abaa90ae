/* query.c: sources that are SQL. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* End of the comment, quoted text or single character at `sql`. Ends early with an unclosed one:
 * DuckDB has refused such a query before. */
static const char *past_token(const char *sql) {
  if (sql[0] == '-' && sql[1] == '-') return sql + strcspn(sql, "\n");
  if (sql[0] == '/' && sql[1] == '*') {
    const char *end = strstr(sql + 2, "*/");
    return end ? end + 2 : sql + strlen(sql);
  }
  if (sql[0] == '\'' || sql[0] == '"') {
    const char *end = strchr(sql + 1, sql[0]);
    return end ? end + 1 : sql + strlen(sql);
  }
  const char *tag = sql + 1 +
                    strspn(sql + 1, "abcdefghijklmnopqrstuvwxyz"
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
  if (sql[0] != '$' || *tag != '$') return sql + 1;
  char *quote = table_copy(sql, (size_t)(tag + 1 - sql));
  const char *end = quote ? strstr(tag + 1, quote) : NULL;
  const char *past = end ? end + (tag + 1 - sql) : tag + 1;
  free(quote);
  return past;
}

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool table_query_is(const char *source) {
  while (is_blank(*source) || *source == '(' || strncmp(source, "--", 2) == 0 ||
         strncmp(source, "/*", 2) == 0)
    source = past_token(source);
  const char *words[] = {"SELECT", "FROM", "WITH"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    size_t length = strlen(words[i]);
    if (strncasecmp(source, words[i], length) != 0) continue;
    /* A file may be called from.csv, or lie in a folder called from. */
    const char *next = source + length;
    if (is_blank(*next) || (*next && strchr("(*'\"", *next))) return true;
    return strncmp(next, "--", 2) == 0 || strncmp(next, "/*", 2) == 0;
  }
  return false;
}

/* Length of a statement without the semicolon that ends it. */
static size_t statement_length(const char *sql) {
  const char *at = sql;
  while (*at && *at != ';') at = past_token(at);
  return (size_t)(at - sql);
}

static sy_status check_reads(const sy_table *table, duckdb_extracted_statements statements,
                             sy_error *error) {
  duckdb_prepared_statement statement = NULL;
  table_failure failure;
  sy_status status = SY_OK;
  if (duckdb_prepare_extracted_statement(table->connection, statements, 0, &statement) !=
      DuckDBSuccess) {
    table_failure_read(&failure, duckdb_prepare_error(statement));
    status = table_failure_tell(&failure, table->name, error);
  } else if (duckdb_prepared_statement_type(statement) != DUCKDB_STATEMENT_TYPE_SELECT) {
    status = table_fail(error, SY_INVALID_DATA, "query: must only read, with SELECT");
  }
  duckdb_destroy_prepare(&statement);
  return status;
}

sy_status table_query_take(sy_table *table, sy_error *error) {
  const char *source = table->options.source;
  duckdb_extracted_statements statements = NULL;
  idx_t count = duckdb_extract_statements(table->connection, source, &statements);
  sy_status status = SY_OK;
  if (count == 1) {
    status = check_reads(table, statements, error);
  } else if (count == 0) {
    table_failure failure;
    table_failure_read(&failure, duckdb_extract_statements_error(statements));
    status = table_failure_tell(&failure, table->name, error);
  } else {
    status = table_fail(error, SY_INVALID_DATA, "query: %llu statements where one is expected",
                        (unsigned long long)count);
  }
  duckdb_destroy_extracted(&statements);
  if (status != SY_OK) return status;
  table->kind = TABLE_QUERY;
  table->query = table_copy(source, statement_length(source));
  return table->query ? SY_OK : table_fail_memory(error);
}

/* What a query's file names are compared with. */
typedef struct wanted_file {
  const char *path;
  bool found;
} wanted_file;

static bool take_file_name(void *context, size_t n, const table_cell *cells) {
  wanted_file *wanted = context;
  char *name = n ? table_copy(cells[0].bytes, cells[0].size) : NULL;
  wanted->found = name && table_file_is(name, wanted->path);
  free(name);
  return !wanted->found;
}

/* Whether a word of a query is the name of the file or, in quotes, a pattern that it matches; the
 * * of SELECT * is none. */
static bool names_file(const sy_table *table, const char *word, size_t size, bool quoted,
                       const char *path) {
  char *name = table_copy(word, size);
  wanted_file wanted = {path, name && table_file_is(name, path)};
  if (name && quoted && !wanted.found && strpbrk(name, "*?[")) {
    table_text sql = {0};
    table_failure failure;
    table_text_add(&sql, "SELECT file FROM glob(");
    table_text_literal(&sql, name);
    table_text_add(&sql, ")");
    if (!sql.failed) table_rows(table->connection, sql.bytes, take_file_name, &wanted, &failure);
    table_text_free(&sql);
  }
  free(name);
  return wanted.found;
}

bool table_query_names(const sy_table *table, const char *path) {
  const char *at = table->query;
  while (*at) {
    const char *past = past_token(at);
    bool quoted = *at == '\'' || *at == '"';
    /* DuckDB takes FROM data.csv without quotes too. */
    if (!quoted) past += past == at + 1 && !is_blank(*at) ? strcspn(past, " \t\n\r,;()'\"") : 0;
    size_t size = (size_t)(past - at);
    if (quoted ? size > 2 && names_file(table, at + 1, size - 2, true, path)
               : !is_blank(*at) && names_file(table, at, size, false, path))
      return true;
    at = past;
  }
  return false;
}
