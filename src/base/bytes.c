/* bytes.c: LEB128, the numbers of DWARF and WebAssembly, and texts; a checksum behind them. */
#include "base/bytes.h"

#include <string.h>

#include <steelyard/base.h>

enum { BITS = 7, MORE = 1 << BITS, LAST_SHIFT = 63 };

void sy_bytes_put(sy_text *bytes, uint64_t number) {
  char digits[LAST_SHIFT / BITS + 1];
  size_t n = 0;
  for (; number >= MORE; number >>= BITS) digits[n++] = (char)(number | MORE);
  digits[n++] = (char)number;
  sy_text_put_bytes(bytes, digits, n);
}

void sy_bytes_put_text(sy_text *bytes, const char *text, size_t length) {
  sy_bytes_put(bytes, length);
  sy_text_put_bytes(bytes, text, length);
}

void sy_bytes_seal(sy_text *bytes) {
  uint64_t sum = sy_checksum(bytes->data, bytes->failed ? 0 : bytes->length);
  char digits[SY_BYTES_SEAL];
  for (size_t i = 0; i < SY_BYTES_SEAL; i++) digits[i] = (char)(sum >> 8 * i);
  sy_text_put_bytes(bytes, digits, SY_BYTES_SEAL);
}

bool sy_bytes_hold(const char *bytes, size_t size) {
  uint64_t sum = sy_checksum(bytes, size - SY_BYTES_SEAL);
  for (size_t i = 0; i < SY_BYTES_SEAL; i++)
    if ((unsigned char)bytes[size - SY_BYTES_SEAL + i] != (sum >> 8 * i & 0xFF)) return false;
  return true;
}

size_t sy_bytes_left(const sy_byte_reader *reader) {
  return reader->status == SY_OK ? reader->size - reader->at : 0;
}

void sy_bytes_refuse(sy_byte_reader *reader, sy_status status) {
  if (reader->status == SY_OK) reader->status = status;
}

/* Digits that would not fit 64 bits are refused, not cut. */
static uint64_t take_number(sy_byte_reader *reader) {
  uint64_t number = 0;
  for (unsigned shift = 0; sy_bytes_left(reader) > 0 && shift <= LAST_SHIFT; shift += BITS) {
    uint64_t byte = (unsigned char)reader->bytes[reader->at++], digit = byte & (MORE - 1);
    if (digit << shift >> shift != digit) break;
    number |= digit << shift;
    if (byte < MORE) return number;
  }
  sy_bytes_refuse(reader, SY_INVALID_DATA);
  return 0;
}

uint64_t sy_bytes_take(sy_byte_reader *reader, uint64_t most) {
  uint64_t number = take_number(reader);
  if (number <= most) return number;
  sy_bytes_refuse(reader, SY_INVALID_DATA);
  return 0;
}

size_t sy_bytes_take_count(sy_byte_reader *reader) {
  uint64_t count = take_number(reader);
  if (count <= sy_bytes_left(reader)) return (size_t)count;
  sy_bytes_refuse(reader, SY_INVALID_DATA);
  return 0;
}

const char *sy_bytes_take_text(sy_byte_reader *reader, size_t *length) {
  size_t n = sy_bytes_take_count(reader);
  const char *text = reader->bytes + reader->at;
  *length = 0;
  if (n > 0 && memchr(text, 0, n)) sy_bytes_refuse(reader, SY_INVALID_DATA);
  if (reader->status != SY_OK) return "";
  reader->at += n;
  *length = n;
  return text;
}
