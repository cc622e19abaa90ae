/* bytes.h: numbers and texts as bytes, the same on every machine, read back without trust. A number
 * takes as many bytes as it needs: 7 bits in each, the lowest first, the 8th says that more
 * follow. */
#ifndef SY_BASE_BYTES_H
#define SY_BASE_BYTES_H

#include "base/text.h"
#include <stdbool.h>

/* Appends a number, or a text with its length before it; failures wait in bytes->failed. */
void sy_bytes_put(sy_text *bytes, uint64_t number);
void sy_bytes_put_text(sy_text *bytes, const char *text, size_t length);

/* Appends the checksum of all bytes so far, which is what sy_bytes_hold looks for. */
enum { SY_BYTES_SEAL = 8 };
void sy_bytes_seal(sy_text *bytes);

/* Whether bytes, at least SY_BYTES_SEAL, end in the checksum of those before. */
bool sy_bytes_hold(const char *bytes, size_t size);

/* Bytes being read. Once something is wrong nothing more is read: numbers are 0, texts empty, so
 * that callers check `status` before they believe what they read. */
typedef struct sy_byte_reader {
  const char *bytes;
  size_t size, at;
  sy_status status; /* SY_OK, SY_INVALID_DATA, or what a caller adds */
} sy_byte_reader;

/* Bytes that are left; 0 once something is wrong. */
size_t sy_bytes_left(const sy_byte_reader *reader);

/* The next number, which may be `most` at most. */
uint64_t sy_bytes_take(sy_byte_reader *reader, uint64_t most);

/* A number of things that follow, each of which takes one byte or more: no more than can be. */
size_t sy_bytes_take_count(sy_byte_reader *reader);

/* The next text, which has no zero in it and does not end in one; it lies among the bytes. */
const char *sy_bytes_take_text(sy_byte_reader *reader, size_t *length);

/* Notes that what was read cannot be; what was wrong before stays. */
void sy_bytes_refuse(sy_byte_reader *reader, sy_status status);

#endif
