/* manual_text.h: what the manual says besides the table of options. In all texts `this` is typed as
 * it stands and {that} stands for something. A line is a paragraph; one with a tab is a term and
 * what it means. */
#ifndef CLI_MANUAL_TEXT_H
#define CLI_MANUAL_TEXT_H

/* What a command line does, and the lines of it. */
typedef struct manual_example {
  const char *says, *typed;
} manual_example;

#define MANUAL_EXAMPLES 5

typedef struct manual_text {
  const char *description;
  manual_example examples[MANUAL_EXAMPLES]; /* the first is that of --help; NULL ends them */
} manual_text;

extern const manual_text manual_of_program, manual_of_weights, manual_of_fit, manual_of_predict,
    manual_of_evaluate, manual_of_decide, manual_of_inspect;

/* Sections that pages share. */
extern const char manual_program_options[], manual_source[], manual_label_sources[],
    manual_class_weights[], manual_more_class_weights[], manual_costs[], manual_exit_status[],
    manual_environment[];

#endif
