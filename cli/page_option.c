#include "page_option.h"

#include <stdlib.h>
#include <string.h>

#include <steelyard/store.h>

#include "command.h"
#include "output.h"
#include "say.h"

int page_check(const settings *given, const char *source, const char *other_source) {
  const char *path = given->report;
  if (!path) return EXIT_DONE;
  if (strcmp(path, "-") == 0)
    return say_usage("--report -: stdout takes the figures; give the page a file name");
  if (given->output && strcmp(path, given->output) == 0)
    return say_usage("--report %s would overwrite the file of -o; give another name", path);
  return output_check_as("--report", path, source, other_source);
}

int page_write(const char *path, const char *html) {
  sy_error error;
  sy_status status = sy_file_write(path, html, strlen(html), &error);
  return status == SY_OK ? EXIT_DONE : say_error(&error);
}

int page_of_review(const settings *given, const char *title, const char *subtitle,
                   const char *const *classes, const sy_review *review, const sy_costs *costs,
                   const double *rule, const sy_messages *notes) {
  if (!given->report) return EXIT_DONE;
  sy_evaluation rows = sy_review_evaluation(review, costs);
  sy_page page = {.title = title,
                  .subtitle = subtitle,
                  .classes = classes,
                  .n_classes = rows.n_classes,
                  .review = review,
                  .rows = &rows,
                  .rule = rule,
                  .notes = notes};
  char *html;
  sy_error error;
  if (sy_report_page(&page, &html, &error) != SY_OK) return say_error(&error);
  int code = page_write(given->report, html);
  free(html);
  return code;
}
