#include "tune_option.h"

#include "progress.h"
#include "say.h"

/* A share 0..1; `option` is named where it is none. */
static int read_share(const char *option, const char *text, double *share) {
  if (text_number(text, share) && *share >= 0 && *share <= 1) return EXIT_DONE;
  return say_usage("%s %s: a share lies between 0 and 1, as 0.005 or 0.5%%", option, text);
}

int tune_read(const settings *given, sy_tune_options *options, bool *asked) {
  const struct {
    const char *option, *text;
    double *share;
  } bounds[] = {{"--max-flagged", given->max_flagged, &options->max_flagged},
                {"--min-precision", given->min_precision, &options->min_precision},
                {"--min-recall", given->min_recall, &options->min_recall}};
  *options = sy_tune_options_default();
  options->seed = given->seed;
  options->progress = progress_callback();
  *asked = given->tune != NULL;
  for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
    if (!bounds[i].text) continue;
    if (!*asked)
      return say_usage("%s bounds what is tuned: say what for, as --tune f1", bounds[i].option);
    int code = read_share(bounds[i].option, bounds[i].text, bounds[i].share);
    if (code != EXIT_DONE) return code;
  }
  sy_error error;
  if (!*asked || sy_objective_parse(given->tune, &options->objective, &error) == SY_OK)
    return EXIT_DONE;
  return say_error_at(&error, EXIT_USAGE, "--tune %s", given->tune);
}
