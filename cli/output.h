/* output.h: what is checked of an output file before any work. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

/* That `path` can be written and is none of the program's inputs (each may be NULL); an exit code,
 * having said what is wrong. */
int output_check(const char *path, const char *input, const char *other_input);

/* The same for the file of another option than -o. */
int output_check_as(const char *option, const char *path, const char *input,
                    const char *other_input);

/* That two outputs (each may be NULL) are not one file; an exit code, having said so. */
int output_check_apart(const char *option, const char *path, const char *other_option,
                       const char *other_path);

#endif
