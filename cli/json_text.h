/* json_text.h: JSON on stdout: numbers shortest, what is not defined null. */
#ifndef CLI_JSON_TEXT_H
#define CLI_JSON_TEXT_H

#include <jansson.h>
#include <stdio.h>

#include <steelyard/base.h>

/* To be called before all else: without memory Jansson leaves out what it is given and goes on; so
 * the program ends there. */
void json_begin(void);

/* A number, or null where it is not finite. */
json_t *json_number(double value);

/* A text; bytes that are no UTF-8 become '?'. */
json_t *json_text(const char *text);

json_t *json_count(uint64_t count);
json_t *json_numbers(const double *values, size_t n);
json_t *json_texts(const char *const *texts, size_t n);
json_t *json_messages(const sy_messages *messages);

/* {"value", "low", "high"}: an estimate with its interval. */
json_t *json_estimate(double value, double low, double high);

/* {name: value, ..} */
json_t *json_named_numbers(const char *const *names, const double *values, size_t n);

/* (K, K) row-major as a list of rows. */
json_t *json_matrix(const double *values, size_t n);

/* Prints an object into a stream; one that holds no other object is on one line. */
void json_put(FILE *out, const json_t *object);

/* Prints an object on stdout, a line a member, and releases it. */
void json_say(json_t *object);

/* The same into a file, whole or not at all; the object stays. Returns an exit code, having said
 * what is wrong. */
int json_write(const json_t *object, const char *path);

#endif
