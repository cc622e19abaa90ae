/* manual.h: the manual pages, in the man macros of roff, from the table of options. */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "command.h"

/* steelyard(1), the page of the program; free(). */
char *manual_program(void);

/* steelyard-COMMAND(1); free(). */
char *manual_command(const command *chosen);

#endif
