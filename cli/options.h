/* options.h: the one table of options, from which they are read, and --help, the manual and the
 * completion are written. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "command.h"

/* What an option takes, and so what lies at its offset in settings. */
typedef enum option_kind {
  OPTION_FLAG,   /* nothing; bool */
  OPTION_TEXT,   /* a text, the last one given; const char * */
  OPTION_LIST,   /* a text each time it is given; text_list */
  OPTION_NUMBER, /* a finite number from low to high; double */
  OPTION_ABOVE,  /* the same without low itself */
  OPTION_BELOW,  /* the same without high itself */
  OPTION_COUNT,  /* a whole number from low to high; uint64_t */
  OPTION_MAYBE   /* the same as =N, or nothing, which is 1; 0 where it is not given */
} option_kind;

typedef struct option_entry {
  unsigned commands;    /* those that have it, as bits */
  const char *heading;  /* of --help */
  const char *name;     /* without dashes */
  char letter;          /* short form, or 0 */
  const char *argument; /* what it takes, as --help shows it; NULL for a flag */
  option_kind kind;
  size_t offset; /* in settings */
  double low, high;
  const char *text;     /* what it does */
  const char *fallback; /* the default in words, where its value does not say it; or NULL */
  const char *words;    /* what completion offers as its value, or NULL: words with blanks between,
                         * one that ends in ':' going on; POLICY, DIALECT, LOSS, FILE, @FILE mean
                         * all such */
} option_entry;

/* Headings of the options that some families of models have, and others have not. */
#define HEADING_LOGISTIC "Logistic regression"
#define HEADING_ITERATED "Networks and boosted trees"
#define HEADING_NETWORKS "Networks: --model mlp"
#define HEADING_BOOSTED  "Boosted trees: --model boosted"

extern const option_entry option_table[];
extern const size_t n_options;

/* Reads the options of a command and gathers its other arguments.
 * @param argv       the program's, argv[1] being the command
 * @param arguments  out: room for argc items; views into argv
 * Returns EXIT_DONE, or EXIT_USAGE having said what is wrong. */
int options_read(const command *chosen, int argc, char **argv, settings *given, char **arguments);

/* What an option is set to, as it would be typed, be it by default; NULL where nothing says it,
 * free() otherwise. */
char *option_value(const option_entry *entry, const settings *given);

/* What an option does, with its default; free(). */
char *option_text(const option_entry *entry, const settings *defaults);

/* What --help prints: of the program, and of a command; free(). */
char *help_program(void);
char *help_command(const command *chosen);

#endif
