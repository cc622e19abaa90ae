#define _POSIX_C_SOURCE 200809L
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "progress.h"

static bool quiet_asked = false;

/* Why stdout could not be written, from the first time it failed: a note on stderr may come between
 * that and the end, and would leave only that it failed. */
static int stdout_error = 0;

/* One line whatever it quotes: control characters of a user's text become blanks. */
static void print_line(const char *prefix, const char *format, va_list arguments) {
  char line[1 << 14]; /* paths may be long, and what is wrong stands behind them */
  vsnprintf(line, sizeof line, format, arguments);
  for (char *c = line; *c; c++)
    if ((unsigned char)*c < ' ' || *c == 127) *c = ' ';
  progress_clear();
  errno = 0;
  if (fflush(stdout) != 0 && stdout_error == 0) stdout_error = errno;
  fprintf(stderr, "%s%s\n", prefix, line);
}

int say_failed(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_line("steelyard: ", format, arguments);
  va_end(arguments);
  return EXIT_DATA;
}

int say_usage(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_line("steelyard: ", format, arguments);
  va_end(arguments);
  return EXIT_USAGE;
}

static const char *error_text(const sy_error *error) {
  return error->text[0] ? error->text : sy_status_text(error->status);
}

int say_error_as(const sy_error *error, int exit_code) {
  if (error->status == SY_CANCELLED) return interrupt_end();
  say_failed("%s", error_text(error));
  return error->status == SY_OUT_OF_MEMORY ? EXIT_DATA : exit_code;
}

int say_error_at(const sy_error *error, int exit_code, const char *place, ...) {
  if (error->status == SY_CANCELLED || error->status == SY_OUT_OF_MEMORY)
    return say_error_as(error, exit_code);
  char words[1 << 13];
  va_list arguments;
  va_start(arguments, place);
  vsnprintf(words, sizeof words, place, arguments);
  va_end(arguments);
  say_failed("%s: %s", words, error_text(error));
  return exit_code;
}

int say_error(const sy_error *error) {
  switch (error->status) {
  case SY_INVALID_ARGUMENT:
  case SY_INVALID_POLICY:
  case SY_INVALID_COST:
    return say_error_as(error, EXIT_USAGE);
  default:
    return say_error_as(error, EXIT_DATA);
  }
}

void say_quiet(bool quiet) {
  quiet_asked = quiet;
}

void say_remark(const char *format, ...) {
  if (quiet_asked) return;
  va_list arguments;
  va_start(arguments, format);
  print_line("", format, arguments);
  va_end(arguments);
}

void say_remarks(const sy_messages *messages) {
  for (size_t i = 0; i < sy_messages_count(messages); i++)
    say_remark("note: %s", sy_messages_get(messages, i));
}

int say_all_noted(const sy_messages *messages) {
  sy_error error;
  return sy_messages_check(messages, &error) == SY_OK ? EXIT_DONE : say_error(&error);
}

void say_result(const char *text) {
  progress_clear();
  fputs(text, stdout);
}

bool say_reader_gone(void) {
  /* errno of the failed write is long overwritten, but a pipe still tells. */
  struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
  return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP));
}

/* For reading alone, so that writing to it fails as it does to a closed stream. */
void say_begin(void) {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
    if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0) return;
}

int say_end(int exit_code) {
  progress_clear();
  errno = 0;
  bool written = fflush(stdout) == 0 && !ferror(stdout);
  if (written || exit_code != EXIT_DONE || say_reader_gone()) return exit_code;
  int why = stdout_error ? stdout_error : errno;
  return say_failed("stdout cannot be written: %s", why ? strerror(why) : "write error");
}
