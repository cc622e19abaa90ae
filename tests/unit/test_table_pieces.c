/* test_table_pieces.c: a stream read in pieces gives what the same bytes give as a file. */
#define _POSIX_C_SOURCE 200809L

#include "table_fixture.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>

/* The first piece is of this size, so a stream must be longer to have another. */
enum { FIRST_PIECE = 1 << 22 };

/* --- texts --- */

typedef struct text {
  char *bytes;
  size_t size, capacity;
} text;

static void add(text *to, const char *format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  int size = vsnprintf(line, sizeof line, format, arguments);
#pragma GCC diagnostic pop
  va_end(arguments);
  assert_true(size >= 0 && (size_t)size < sizeof line);
  if (to->size + sizeof line > to->capacity) {
    to->capacity = 2 * to->capacity + sizeof line;
    to->bytes = realloc(to->bytes, to->capacity);
    assert_non_null(to->bytes);
  }
  memcpy(to->bytes + to->size, line, (size_t)size + 1);
  to->size += (size_t)size;
}

static uint32_t seed;

static uint32_t chance(uint32_t below) {
  seed = seed * 1664525 + 1013904223;
  return (seed >> 8) % below;
}

/* Records with all that may mislead about where one ends. */
static void add_records(text *to, size_t bytes, const char *line_end) {
  static const char *const cells[] = {"plain",           "\"quoted\"",   "\"two%slines\"",
                                      "\"a \"\"b\"\"\"", "\"%s\"\"%s\"", " \"after, a blank%s\"",
                                      "5\" x",           "\"\"",         "",
                                      "a\"b\"c",         "\"comma, %s\""};
  add(to, "id,label,note%s", line_end);
  for (size_t row = 1; to->size < bytes; row++) {
    const char *cell = cells[chance(sizeof cells / sizeof *cells)];
    add(to, "%zu,%c,", row, 'a' + (char)chance(5));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    add(to, cell, line_end, line_end);
#pragma GCC diagnostic pop
    add(to, "%s", line_end);
    if (chance(50) == 0) add(to, "%s", line_end); /* a blank line */
  }
}

/* --- streams --- */

typedef struct stream {
  const text *content;
  const char *path;
} stream;

static void *write_stream(void *context) {
  const stream *from = context;
  FILE *pipe = fopen(from->path, "w");
  if (!pipe) return NULL;
  fwrite(from->content->bytes, 1, from->content->size, pipe);
  fclose(pipe);
  return NULL;
}

typedef struct writer {
  pthread_t thread;
  stream from;
} writer;

static const char *begin_stream(writer *w, const text *content) {
  w->from = (stream){content, fixture_path("stream")};
  unlink(w->from.path);
  assert_int_equal(mkfifo(w->from.path, 0600), 0);
  assert_int_equal(pthread_create(&w->thread, NULL, write_stream, &w->from), 0);
  return w->from.path;
}

/* All cells as text, in one order, "~" for a missing one. */
static void take_cells(const sy_table_data *data, text *cells) {
  size_t columns = sy_table_frame(data)->n_columns;
  for (size_t i = 0; i < rows_of(data); i++)
    for (size_t c = 0; c < columns; c++) {
      const char *cell = text_at(data, c, i);
      add(cells, "%s%c", cell ? cell : "~", c + 1 < columns ? '|' : '\n');
    }
}

/* What came of a source: its cells, or its error. */
typedef struct outcome {
  text cells;
  size_t pieces;
  uint64_t sequences;
  sy_error error;
} outcome;

static void outcome_free(outcome *of) {
  free(of->cells.bytes);
}

/* Reads to the end, or to the first error. */
static outcome read_all(const sy_table_options *options, sy_table_as as) {
  outcome found = {.error.status = SY_OK};
  sy_table *table;
  bool more = sy_table_open(options, &table, &found.error) == SY_OK;
  sy_table_request requests[8] = {{0}};
  size_t n = more ? sy_table_n_columns(table) : 0;
  for (size_t i = 0; i < n; i++) requests[i] = (sy_table_request){.column = i, .as = SY_AS_TEXT};
  if (n) requests[0].as = as;
  while (more) {
    sy_table_data *data;
    if (sy_table_read(table, requests, n, (sy_progress){NULL, NULL}, &data, &found.error) != SY_OK)
      break;
    found.pieces++;
    if (as == SY_AS_TEXT) take_cells(data, &found.cells);
    sy_table_data_free(data);
    if (sy_table_next(table, &more, &found.error) != SY_OK) break;
  }
  if (table) found.sequences = sy_table_sequences(table);
  sy_table_close(table);
  return found;
}

static outcome read_file(const text *content, sy_table_options options, sy_table_as as) {
  options.source = put_bytes("file", content->bytes, content->size);
  return read_all(&options, as);
}

static outcome read_stream(const text *content, sy_table_options options, sy_table_as as) {
  writer w;
  options.source = begin_stream(&w, content);
  options.in_pieces = true;
  outcome found = read_all(&options, as);
  assert_int_equal(pthread_join(w.thread, NULL), 0);
  return found;
}

/* Behind the name of the source, which differs. */
static const char *behind_name(const char *message, const char *name) {
  const char *at = strstr(message, name);
  if (!at) fail_msg("\"%s\" does not hold \"%s\"", message, name);
  return at + strlen(name);
}

/* The file and the stream give the same cells, or the same error. */
static void check_same(const text *content, sy_table_options options, sy_table_as as,
                       sy_status status) {
  outcome file = read_file(content, options, as), pieces = read_stream(content, options, as);
  if (file.error.status != status) fail_msg("%s", file.error.text);
  assert_int_equal(pieces.error.status, status);
  if (status != SY_OK) {
    print_message("%s\n", pieces.error.text);
    assert_string_equal(behind_name(pieces.error.text, "/stream"),
                        behind_name(file.error.text, "/file"));
  } else {
    assert_true(pieces.pieces > 1);
    assert_int_equal(pieces.cells.size, file.cells.size);
    assert_true(as != SY_AS_TEXT || file.cells.size > 0);
    if (file.cells.size) assert_memory_equal(pieces.cells.bytes, file.cells.bytes, file.cells.size);
    assert_int_equal(pieces.sequences, file.sequences);
  }
  outcome_free(&file);
  outcome_free(&pieces);
}

static sy_table_options in_pieces_of(size_t bytes) {
  sy_table_options options = sy_table_options_default(NULL);
  options.piece_bytes = bytes;
  return options;
}

/* --- the same as a file --- */

static void records_are_never_cut(void **state) {
  (void)state;
  static const char *const line_ends[] = {"\n", "\r\n"};
  for (uint32_t turn = 0; turn < 4; turn++) {
    text content = {0};
    seed = 100 + turn;
    add_records(&content, FIRST_PIECE + 600000, line_ends[turn % 2]);
    if (turn % 3 == 0) content.size -= strlen(line_ends[turn % 2]); /* no last line end */
    check_same(&content, in_pieces_of(20011 + 30000 * turn), SY_AS_TEXT, SY_OK);
    free(content.bytes);
  }
}

static void other_dialects_are_kept(void **state) {
  (void)state;
  static const char *const formats[] = {"%zu\t%c\t\"quoted\"\n", "%zu;%c;\"a;b\"\n",
                                        "%zu  %c\t x%s\n", "%zu|%c|\xC3\xA9\n", "%zu,%c,x\r"};
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    text content = {0};
    seed = (uint32_t)i;
    if (i == 3) add(&content, "\xEF\xBB\xBF");
    for (size_t row = 1; content.size < FIRST_PIECE + 300000; row++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      add(&content, formats[i], row, 'a' + (char)chance(5), "\"z\"");
#pragma GCC diagnostic pop
    }
    check_same(&content, in_pieces_of(70000), SY_AS_TEXT, SY_OK);
    free(content.bytes);
  }
}

static void lines_before_the_table_are_left_out_once(void **state) {
  (void)state;
  text content = {0};
  add(&content, "a \"title\nmade, today\n\n");
  seed = 5;
  add_records(&content, FIRST_PIECE + 200000, "\n");
  sy_table_options options = in_pieces_of(50000);
  options.skip = 2;
  check_same(&content, options, SY_AS_TEXT, SY_OK);
  free(content.bytes);
}

static void sequences_of_tokens_are_counted_over_pieces(void **state) {
  (void)state;
  text content = {0};
  seed = 9;
  while (content.size < FIRST_PIECE + 200000) {
    for (uint32_t n = 1 + chance(30); n > 0; n--)
      add(&content, "%s\t%c-x\n", chance(9) ? "word" : "\"", 'A' + (char)chance(3));
    add(&content, chance(2) ? "\t\n" : "\n");
  }
  check_same(&content, in_pieces_of(30000), SY_AS_TEXT, SY_OK);
  free(content.bytes);
}

/* Nothing but blank lines for longer than a piece. */
static void a_piece_may_have_no_rows(void **state) {
  (void)state;
  text content = {0};
  seed = 11;
  add_records(&content, FIRST_PIECE + 1000, "\n");
  for (int i = 0; i < 60000; i++) add(&content, "\n");
  add(&content, "7,last,one\n");
  check_same(&content, in_pieces_of(20000), SY_AS_TEXT, SY_OK);
  free(content.bytes);
}

/* --- errors --- */

static void places_of_errors_are_counted_from_the_beginning(void **state) {
  (void)state;
  static const char *const bad[] = {"1,a\n", "x7,a,note\n", "1,a,\"unclosed\n", "\"1\"2,a,b\n",
                                    "1,\xFF,b\n"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    text content = {0};
    seed = 21;
    add_records(&content, FIRST_PIECE + 200000, "\n");
    add(&content, "%s", bad[i]);
    for (int row = 0; row < 2000; row++) add(&content, "%d,b,x\n", row);
    check_same(&content, in_pieces_of(40000), SY_AS_DOUBLE, SY_INVALID_DATA);
    free(content.bytes);
  }
}

static void check_stream_fails(const text *content, sy_table_as as, const char *words) {
  outcome found = read_stream(content, in_pieces_of(30000), as);
  assert_int_equal(found.error.status, SY_INVALID_DATA);
  assert_contains(found.error.text, words);
  outcome_free(&found);
}

/* Numbers that look like text to begin with are read row by row. */
static void rows_of_errors_are_counted_from_the_beginning(void **state) {
  (void)state;
  text content = {0};
  size_t rows = 0;
  add(&content, "value,label\n");
  for (; content.size < FIRST_PIECE + 200000; rows++) add(&content, "+%zu,a\n", rows);
  add(&content, "oops,b\n");
  char words[100];
  snprintf(words, sizeof words, "row %zu: column \"value\": \"oops\" is not a number", rows + 1);
  check_stream_fails(&content, SY_AS_DOUBLE, words);
  free(content.bytes);
}

/* The kinds change where one piece ends and the next begins. */
static void line_ends_must_stay_of_one_kind(void **state) {
  (void)state;
  text content = {0};
  size_t lines = 0;
  for (; content.size + 8 <= FIRST_PIECE; lines++) add(&content, "12345,b\n");
  assert_int_equal(content.size, FIRST_PIECE);
  for (int i = 0; i < 1000; i++) add(&content, "12345,b\r\n");
  char words[100];
  snprintf(words, sizeof words, "line %zu: line ends of two kinds (LF and CR LF)", lines + 1);
  check_stream_fails(&content, SY_AS_TEXT, words);
  free(content.bytes);
}

static void endless_records_are_told(void **state) {
  (void)state;
  text content = {0};
  size_t lines = 1;
  add(&content, "a,b\n");
  for (; content.size < FIRST_PIECE + 100000; lines++) add(&content, "1,b\n");
  add(&content, "1,\"b\n"); /* never closed */
  while (content.size < 3 * FIRST_PIECE) add(&content, "1,b\n");
  char words[100];
  snprintf(words, sizeof words, "line %zu: a line of more than 2 million bytes; is a quote not",
           lines + 1);
  check_stream_fails(&content, SY_AS_TEXT, words);
  free(content.bytes);
}

/* --- short streams, and others --- */

static void check_short(const char *content, size_t size, sy_status status, const char *words) {
  text short_one = {(char *)(uintptr_t)content, size, 0};
  outcome found = read_stream(&short_one, in_pieces_of(0), SY_AS_TEXT);
  assert_int_equal(found.error.status, status);
  if (status == SY_OK)
    assert_string_equal(found.cells.bytes, words);
  else
    assert_contains(found.error.text, words);
  outcome_free(&found);
}

static void short_streams_are_as_files(void **state) {
  (void)state;
  check_short("", 0, SY_NO_ROWS, "is empty");
  check_short("\n\n", 2, SY_NO_ROWS, "is empty");
  check_short("a,b\n", 4, SY_NO_ROWS, "has no rows, only a header");
  check_short("a,b\n1,2", 7, SY_OK, "1|2\n");
  check_short("a,b\n1,\"2", 8, SY_INVALID_DATA, "a quote (\") that opens a field here");
  check_short("\x1F\x8B", 2, SY_INVALID_DATA, "the gzip file is cut short");
}

/* Packed streams cannot be cut: they are copied whole, and read as one piece. */
static void packed_streams_are_one_piece(void **state) {
  (void)state;
  run_sql("COPY (SELECT i AS a, md5(i::VARCHAR) AS b FROM range(300000) t(i)) TO '%s' (FORMAT csv, "
          "COMPRESSION gzip)",
          fixture_path("packed.gz"));
  text content = {.capacity = 1 << 25};
  content.bytes = malloc(content.capacity);
  content.size = get_bytes(fixture_path("packed.gz"), content.bytes, content.capacity);
  assert_true(content.size > FIRST_PIECE);
  outcome found = read_stream(&content, in_pieces_of(100000), SY_AS_TEXT);
  assert_int_equal(found.error.status, SY_OK);
  assert_int_equal(found.pieces, 1);
  assert_memory_equal(found.cells.bytes, "0|cfcd208495d565ef66e7dff9f98764da\n", 35);
  outcome_free(&found);
  free(content.bytes);
}

static void a_file_is_one_piece(void **state) {
  (void)state;
  sy_table_options options = sy_table_options_default(put("file", "a,b\n1,2\n"));
  options.in_pieces = true;
  outcome found = read_all(&options, SY_AS_TEXT);
  assert_int_equal(found.error.status, SY_OK);
  assert_int_equal(found.pieces, 1);
  assert_string_equal(found.cells.bytes, "1|2\n");
  outcome_free(&found);
}

/* --- waiting --- */

static void interrupt(int signal_number) {
  (void)signal_number;
  sy_table_interrupt();
}

typedef struct interrupter {
  pthread_t whom;
  atomic_bool done;
} interrupter;

/* Until it has worked: a signal may come before the wait begins. */
static void *interrupt_often(void *context) {
  interrupter *who = context;
  while (!who->done) {
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    if (!who->done) pthread_kill(who->whom, SIGUSR1);
  }
  return NULL;
}

static void waiting_for_a_writer_is_interrupted(void **state) {
  (void)state;
  text content = {0};
  seed = 31;
  add_records(&content, FIRST_PIECE, "\n");
  content.size = FIRST_PIECE; /* all of it is taken at once, and the next piece must wait */
  const char *path = fixture_path("paused");
  assert_int_equal(mkfifo(path, 0600), 0);
  stream from = {&content, path};
  pthread_t writes, interrupts;
  assert_int_equal(pthread_create(&writes, NULL, write_stream, &from), 0);
  sy_table_options options = in_pieces_of(30000);
  options.source = path;
  options.in_pieces = true;
  FILE *other = fopen(path, "r+"); /* somebody else who might write: the stream does not end */
  sy_table *table = open_with(&options);
  sy_table_data *data = read_as(table, SY_AS_TEXT);
  sy_table_data_free(data);
  struct sigaction action = {.sa_handler = interrupt};
  assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
  interrupter who = {.whom = pthread_self()};
  assert_int_equal(pthread_create(&interrupts, NULL, interrupt_often, &who), 0);
  bool more = true;
  sy_error error;
  sy_status status = sy_table_next(table, &more, &error);
  who.done = true;
  pthread_join(interrupts, NULL);
  sy_table_close(table);
  fclose(other);
  pthread_join(writes, NULL);
  assert_int_equal(status, SY_CANCELLED);
  assert_false(more);
  free(content.bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records_are_never_cut),
      cmocka_unit_test(other_dialects_are_kept),
      cmocka_unit_test(lines_before_the_table_are_left_out_once),
      cmocka_unit_test(sequences_of_tokens_are_counted_over_pieces),
      cmocka_unit_test(a_piece_may_have_no_rows),
      cmocka_unit_test(places_of_errors_are_counted_from_the_beginning),
      cmocka_unit_test(rows_of_errors_are_counted_from_the_beginning),
      cmocka_unit_test(line_ends_must_stay_of_one_kind),
      cmocka_unit_test(endless_records_are_told),
      cmocka_unit_test(short_streams_are_as_files),
      cmocka_unit_test(packed_streams_are_one_piece),
      cmocka_unit_test(a_file_is_one_piece),
      cmocka_unit_test(waiting_for_a_writer_is_interrupted),
  };
  signal(SIGPIPE, SIG_IGN); /* where an error ends the reading before the writing */
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
