/* fuzzer_source.c: DuckDB takes longer to start than a small file to read, so the fuzzer starts it
 * once: the linker puts these calls in the place of DuckDB's own (--wrap). */
#include <duckdb.h>

duckdb_state __real_duckdb_open_ext(const char *path, duckdb_database *database,
                                    duckdb_config config, char **message);
duckdb_state __wrap_duckdb_open_ext(const char *path, duckdb_database *database,
                                    duckdb_config config, char **message);
void __wrap_duckdb_close(duckdb_database *database);

duckdb_state __wrap_duckdb_open_ext(const char *path, duckdb_database *database,
                                    duckdb_config config, char **message) {
  static duckdb_database only;
  duckdb_state state = DuckDBSuccess;
  if (!only) state = __real_duckdb_open_ext(path, &only, config, message);
  *database = only;
  return state;
}

void __wrap_duckdb_close(duckdb_database *database) {
  *database = NULL;
}
