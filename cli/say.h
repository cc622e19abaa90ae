/* say.h: everything the program tells people: exit codes, error lines, remarks, results. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <steelyard/base.h>

enum exit_code {
  EXIT_DONE = 0,
  EXIT_DATA = 1,
  EXIT_USAGE = 2,
  EXIT_CONDITION = 3,
  EXIT_INTERRUPTED = 130
};

/* One line "steelyard: ..." on stderr; returns EXIT_DATA: the data or the run failed. */
int say_failed(const char *format, ...) SY_PRINTF(1, 2);

/* The same; returns EXIT_USAGE: the command line is wrong. */
int say_usage(const char *format, ...) SY_PRINTF(1, 2);

/* The same for an error of the library: what an option asked for is EXIT_USAGE, an interruption
 * EXIT_INTERRUPTED, all else EXIT_DATA. */
int say_error(const sy_error *error);

/* The same with the exit code given. */
int say_error_as(const sy_error *error, int exit_code);

/* The same after words that tell the place, which are left out where the place has no part in it:
 * an interruption, and no memory, which is EXIT_DATA whatever is given. */
int say_error_at(const sy_error *error, int exit_code, const char *place, ...) SY_PRINTF(3, 4);

/* Remarks on stderr, one line each, unless the program is to be quiet. */
void say_quiet(bool quiet);
void say_remark(const char *format, ...) SY_PRINTF(1, 2);
void say_remarks(const sy_messages *messages);

/* EXIT_DONE, or having said so EXIT_DATA where memory was lacking for one of the messages: to be
 * asked before anything is written, for what a user is not told is an error. */
int say_all_noted(const sy_messages *messages);

/* A result on stdout. */
void say_result(const char *text);

/* Whether the reader of stdout has gone away, as head does. */
bool say_reader_gone(void);

/* To be called before all else: where stdin, stdout or stderr is closed, the next file that is
 * opened would take its number, and what is said would be written into it. */
void say_begin(void);

/* Ends stdout: EXIT_DATA and a line where it cannot be written; a reader that has gone away is
 * no failure. */
int say_end(int exit_code);

#endif
