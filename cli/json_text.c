#define _POSIX_C_SOURCE 200809L
#include "json_text.h"

#include <math.h>
#include <stdlib.h>

#include <steelyard/store.h>

#include "say.h"
#include "text.h"

static void *grab_bytes(size_t size) {
  return grab(size, 1);
}

void json_begin(void) {
  json_set_alloc_funcs(grab_bytes, free);
}

json_t *json_number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_count(uint64_t count) {
  return json_integer((json_int_t)count);
}

json_t *json_text(const char *text) {
  json_t *string = json_string(text);
  if (string) return string;
  char *ascii = text_copy(text);
  for (char *c = ascii; *c; c++)
    if ((unsigned char)*c > 126) *c = '?';
  string = json_string(ascii);
  free(ascii);
  return string;
}

json_t *json_numbers(const double *values, size_t n) {
  json_t *list = json_array();
  for (size_t i = 0; i < n; i++) json_array_append_new(list, json_number(values[i]));
  return list;
}

json_t *json_estimate(double value, double low, double high) {
  json_t *object = json_object();
  json_object_set_new(object, "value", json_number(value));
  json_object_set_new(object, "low", json_number(low));
  json_object_set_new(object, "high", json_number(high));
  return object;
}

json_t *json_named_numbers(const char *const *names, const double *values, size_t n) {
  json_t *object = json_object();
  for (size_t i = 0; i < n; i++) json_object_set_new(object, names[i], json_number(values[i]));
  return object;
}

json_t *json_texts(const char *const *texts, size_t n) {
  json_t *list = json_array();
  for (size_t i = 0; i < n; i++) json_array_append_new(list, json_text(texts[i]));
  return list;
}

json_t *json_messages(const sy_messages *messages) {
  json_t *list = json_array();
  for (size_t i = 0; i < sy_messages_count(messages); i++)
    json_array_append_new(list, json_text(sy_messages_get(messages, i)));
  return list;
}

json_t *json_matrix(const double *values, size_t n) {
  json_t *list = json_array();
  for (size_t i = 0; i < n; i++) json_array_append_new(list, json_numbers(values + i * n, n));
  return list;
}

/* Jansson writes 0.1 as 0.10000000000000001; people read these numbers. So numbers are written
 * here, and a container that holds no other container stays on one line. */
static void print(FILE *out, const json_t *value, int depth);

static bool is_container(const json_t *value) {
  return json_is_object(value) || json_is_array(value);
}

static void print_scalar(FILE *out, const json_t *value) {
  char number[SY_NUMBER_SIZE];
  if (json_is_real(value)) {
    fputs(sy_number_format(json_real_value(value), number), out);
    return;
  }
  char *text = json_dumps(value, JSON_ENCODE_ANY);
  if (text) fputs(text, out);
  free(text);
}

static bool holds_containers(const json_t *value) {
  json_t *mutable_value = (json_t *)(uintptr_t)value, *child;
  const char *key;
  size_t i;
  json_object_foreach(mutable_value, key, child) if (is_container(child)) return true;
  json_array_foreach(mutable_value, i, child) if (is_container(child)) return true;
  return false;
}

static void begin_item(FILE *out, bool first, bool lines, int depth) {
  if (!first) fputs(lines ? "," : ", ", out);
  if (!lines) return;
  char *indent = text_format("\n%*s", 2 * depth, "");
  fputs(indent, out);
  free(indent);
}

static void print_container(FILE *out, const json_t *value, int depth) {
  json_t *mutable_value = (json_t *)(uintptr_t)value, *child;
  bool object = json_is_object(value), lines = holds_containers(value), first = true;
  const char *key;
  size_t i;
  fputs(object ? "{" : "[", out);
  json_object_foreach(mutable_value, key, child) {
    begin_item(out, first, lines, depth + 1);
    json_t *name = json_string(key);
    print_scalar(out, name);
    json_decref(name);
    fputs(": ", out);
    print(out, child, depth + 1);
    first = false;
  }
  json_array_foreach(mutable_value, i, child) {
    begin_item(out, first, lines, depth + 1);
    print(out, child, depth + 1);
    first = false;
  }
  if (lines) begin_item(out, true, true, depth);
  fputs(object ? "}" : "]", out);
}

static void print(FILE *out, const json_t *value, int depth) {
  if (is_container(value))
    print_container(out, value, depth);
  else
    print_scalar(out, value);
}

void json_put(FILE *out, const json_t *object) {
  print(out, object, 0);
}

void json_say(json_t *object) {
  say_result(""); /* ends a progress bar */
  print(stdout, object, 0);
  say_result("\n");
  json_decref(object);
}

int json_write(const json_t *object, const char *path) {
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  if (!out) return say_failed("out of memory");
  print(out, object, 0);
  fputs("\n", out);
  sy_error error;
  bool complete = !ferror(out) && fclose(out) == 0;
  sy_status status = complete ? sy_file_write(path, text, size, &error) : SY_OUT_OF_MEMORY;
  free(text);
  if (!complete) return say_failed("out of memory");
  return status == SY_OK ? EXIT_DONE : say_error(&error);
}
