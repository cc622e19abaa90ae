/* completion.h: what a shell needs to complete our command lines, from the table of options. */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

/* A script for bash to source; free(). */
char *completion_bash(void);

#endif
