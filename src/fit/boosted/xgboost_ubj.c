/* xgboost_ubj.c: Universal Binary JSON: a letter says what follows; numbers have their high bytes
 * first; an array may say its length ("#") and one type of all its values ("$") ahead. */
#include "fit/boosted/xgboost_ubj.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Arrays and objects within each other; models of XGBoost have 8. */
enum { MOST_DEPTH = 64 };

/* Bytes being read. Once something is wrong, `status` says so and nothing more is taken. */
typedef struct reader {
  const unsigned char *bytes;
  size_t size, at;
  const char *const *unwanted;
  int depth;
  bool skips; /* what is read now is unwanted */
  sy_status status;
} reader;

static json_t *fail(reader *from, sy_status status) {
  if (from->status == SY_OK) from->status = status;
  return NULL;
}

/* A value of jansson's: there is none where its memory did not suffice. */
static json_t *made(reader *from, json_t *value) {
  return value ? value : fail(from, SY_OUT_OF_MEMORY);
}

/* The next `size` bytes; NULL where they are not there. */
static const unsigned char *take(reader *from, size_t size) {
  if (from->status != SY_OK || size > from->size - from->at) {
    fail(from, SY_INVALID_DATA);
    return NULL;
  }
  from->at += size;
  return from->bytes + from->at - size;
}

static unsigned char take_letter(reader *from) {
  const unsigned char *letter = take(from, 1);
  return letter ? *letter : 0;
}

static unsigned char next_letter(const reader *from) {
  return from->status == SY_OK && from->at < from->size ? from->bytes[from->at] : 0;
}

/* Bytes of a number of a type; 0 of what is none. */
static size_t size_of(unsigned char type) {
  switch (type) {
  case 'i':
  case 'U':
    return 1;
  case 'I':
    return 2;
  case 'l':
  case 'd':
    return 4;
  case 'L':
  case 'D':
    return 8;
  default:
    return 0;
  }
}

static uint64_t high_first(const unsigned char *bytes, size_t size) {
  uint64_t bits = 0;
  for (size_t i = 0; i < size; i++) bits = bits << 8 | bytes[i];
  return bits;
}

static int64_t integer_of(unsigned char type, const unsigned char *bytes) {
  uint64_t bits = high_first(bytes, size_of(type));
  switch (type) {
  case 'i':
    return (int8_t)bits;
  case 'I':
    return (int16_t)bits;
  case 'l':
    return (int32_t)bits;
  default:
    return (int64_t)bits;
  }
}

/* jansson's reals are finite; what is not stands as null. */
static json_t *real_of(unsigned char type, const unsigned char *bytes) {
  uint64_t bits = high_first(bytes, size_of(type));
  double number;
  if (type == 'd') {
    float single;
    uint32_t low = (uint32_t)bits;
    memcpy(&single, &low, sizeof single);
    number = single;
  } else {
    memcpy(&number, &bits, sizeof number);
  }
  json_t *real = json_real(number);
  return real ? real : json_null();
}

static json_t *number_of(reader *from, unsigned char type, const unsigned char *bytes) {
  bool real = type == 'd' || type == 'D';
  return made(from, real ? real_of(type, bytes) : json_integer(integer_of(type, bytes)));
}

/* A length, which is a whole number of any size. */
static size_t take_length(reader *from) {
  unsigned char type = take_letter(from);
  bool whole = size_of(type) && type != 'd' && type != 'D';
  const unsigned char *bytes = whole ? take(from, size_of(type)) : NULL;
  int64_t length = bytes ? integer_of(type, bytes) : -1;
  if (length >= 0 && (uint64_t)length <= SIZE_MAX) return (size_t)length;
  fail(from, SY_INVALID_DATA);
  return 0;
}

/* A text without its letter, among the bytes. */
static const char *take_text(reader *from, size_t *length) {
  *length = take_length(from);
  return (const char *)take(from, *length);
}

static json_t *take_string(reader *from) {
  size_t length;
  const char *text = take_text(from, &length);
  if (!text) return NULL;
  json_t *string = json_stringn(text, length); /* NULL of what is no UTF-8, too */
  return string ? string : fail(from, SY_INVALID_DATA);
}

static json_t *take_value(reader *from, unsigned char type);

/* Adds a value to an array, whatever became of it. */
static void append(reader *from, json_t *array, json_t *value) {
  if (value && json_array_append_new(array, value) != 0) fail(from, SY_OUT_OF_MEMORY);
}

/* So many numbers of one type, which are there before memory is taken for them. */
static json_t *take_numbers(reader *from, unsigned char type, size_t length) {
  size_t size = size_of(type);
  if (!size || length > (from->size - from->at) / size) return fail(from, SY_INVALID_DATA);
  const unsigned char *bytes = take(from, length * size);
  if (!bytes) return NULL;
  if (from->skips) return json_null();
  json_t *array = made(from, json_array());
  for (size_t i = 0; i < length && from->status == SY_OK; i++)
    append(from, array, number_of(from, type, bytes + i * size));
  return array;
}

static json_t *take_array(reader *from) {
  if (next_letter(from) == '$') {
    take_letter(from);
    unsigned char type = take_letter(from);
    if (take_letter(from) != '#') return fail(from, SY_INVALID_DATA);
    return take_numbers(from, type, take_length(from));
  }
  bool counted = next_letter(from) == '#';
  if (counted) take_letter(from);
  size_t left = counted ? take_length(from) : 0;
  json_t *array = made(from, json_array());
  while (from->status == SY_OK && (counted ? left-- > 0 : next_letter(from) != ']'))
    append(from, array, take_value(from, take_letter(from)));
  if (!counted) take_letter(from);
  return array;
}

static bool is_unwanted(const reader *from, const char *name, size_t length) {
  for (const char *const *one = from->unwanted; *one; one++)
    if (strlen(*one) == length && memcmp(*one, name, length) == 0) return true;
  return false;
}

static void take_member(reader *from, json_t *object) {
  size_t length;
  const char *name = take_text(from, &length);
  if (!name) return;
  bool skips = from->skips;
  from->skips = skips || is_unwanted(from, name, length);
  json_t *value = take_value(from, take_letter(from));
  from->skips = skips;
  if (!value) return;
  if (json_object_getn(object, name, length)) {
    fail(from, SY_INVALID_DATA);
    json_decref(value);
  } else if (json_object_setn_new(object, name, length, value) != 0) {
    fail(from, SY_INVALID_DATA); /* no UTF-8 */
  }
}

static json_t *take_object(reader *from) {
  json_t *object = made(from, json_object());
  while (from->status == SY_OK && next_letter(from) != '}') take_member(from, object);
  take_letter(from);
  return object;
}

/* What is within is not read where it would be too deep. */
static json_t *take_nested(reader *from, json_t *(*take_one)(reader *)) {
  if (from->depth == MOST_DEPTH) return fail(from, SY_INVALID_DATA);
  from->depth++;
  json_t *value = take_one(from);
  from->depth--;
  if (value && from->status != SY_OK) {
    json_decref(value);
    value = NULL;
  }
  return value;
}

/* The value behind its letter; NULL where something is wrong. */
static json_t *take_value(reader *from, unsigned char type) {
  if (from->status != SY_OK) return NULL;
  switch (type) {
  case '{':
    return take_nested(from, take_object);
  case '[':
    return take_nested(from, take_array);
  case 'S':
    return take_string(from);
  case 'T':
    return json_true();
  case 'F':
    return json_false();
  case 'Z':
    return json_null();
  default:
    break;
  }
  const unsigned char *bytes = size_of(type) ? take(from, size_of(type)) : NULL;
  return bytes ? number_of(from, type, bytes) : fail(from, SY_INVALID_DATA);
}

sy_status sy_xgboost_ubj_read(const unsigned char *bytes, size_t size, const char *const *unwanted,
                              size_t *at, json_t **value) {
  reader from = {.bytes = bytes, .size = size, .unwanted = unwanted};
  json_t *whole = take_value(&from, take_letter(&from));
  if (from.status == SY_OK && from.at < size) fail(&from, SY_INVALID_DATA);
  if (from.status == SY_OK) {
    *value = whole;
  } else if (whole) {
    json_decref(whole);
  }
  *at = from.at;
  return from.status;
}
