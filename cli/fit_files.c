#include "fit_files.h"

#include <stdbool.h>
#include <string.h>

#include "output.h"
#include "page_option.h"
#include "say.h"

/* The file of an option that is given as @FILE, or NULL. */
static const char *file_of(const char *option) {
  return option && option[0] == '@' ? option + 1 : NULL;
}

/* What is read, whichever option says so; the checkpoint that is gone on with is no input of the
 * option that writes it. */
static int check_inputs(const settings *given, const char *option, const char *path,
                        const char *const sources[2], bool is_checkpoint) {
  int code = output_check_as(option, path, sources[0], sources[1]);
  if (code == EXIT_DONE)
    code = output_check_as(option, path, file_of(given->class_weight), file_of(given->cost));
  return code == EXIT_DONE && !is_checkpoint ? output_check_as(option, path, given->resume, NULL)
                                             : code;
}

/* One of the files of a training besides the model and the page. */
static int check_one(const settings *given, const char *option, const char *path,
                     const char *const sources[2], bool is_checkpoint) {
  if (!path) return EXIT_DONE;
  if (strcmp(path, "-") == 0)
    return say_usage("%s -: stdout takes the report; give a file name", option);
  int code = output_check_apart(option, path, "-o", given->output);
  if (code == EXIT_DONE) code = output_check_apart(option, path, "--report", given->report);
  return code == EXIT_DONE ? check_inputs(given, option, path, sources, is_checkpoint) : code;
}

int fit_files_check(const settings *given, const char *source, const char *test_source) {
  const char *const sources[] = {source, test_source};
  const char *goes_on = given->checkpoint ? NULL : given->resume;
  int code = check_inputs(given, "-o", given->output, sources, false);
  if (code == EXIT_DONE) code = page_check(given, source, test_source);
  if (code == EXIT_DONE) code = check_one(given, "--checkpoint", given->checkpoint, sources, true);
  if (code == EXIT_DONE) code = check_one(given, "--resume", goes_on, sources, true);
  if (code == EXIT_DONE)
    code = output_check_apart("--json-log", given->json_log, "--checkpoint", given->checkpoint);
  return code == EXIT_DONE ? check_one(given, "--json-log", given->json_log, sources, false) : code;
}
