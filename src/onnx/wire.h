/* wire.h: protobuf bytes looked at before they are believed. */
#ifndef SY_ONNX_WIRE_H
#define SY_ONNX_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the outermost message shows, read as far as it goes. */
typedef struct sy_glance {
  bool whole;       /* the bytes end where a field ends */
  bool has_version; /* begins with the version of the IR, as ONNX files do */
  bool has_graph;
  bool ours;   /* the producer is steelyard */
  long format; /* steelyard.format, 0 where there is none */
} sy_glance;

sy_glance sy_wire_glance(const uint8_t *bytes, size_t size);

/* True where all bytes are messages and fields that the writer of this room uses, whole and nested
 * as it nests them: so that a general decoder may be let loose on them (it has no limit of depth,
 * and ONNX types and graphs nest without end). */
bool sy_wire_is_known(const uint8_t *bytes, size_t size);

/* The last entry of the metadata, of fixed size, holds the checksum of all bytes before it. */
#define SY_SEAL_SIZE 40

/* Writes the entry for `size` bytes to bytes + size, SY_SEAL_SIZE bytes. */
void sy_seal_write(uint8_t *bytes, size_t size);

/* Whether the bytes end in such an entry, and whether it is right for the ones before. */
bool sy_seal_is_there(const uint8_t *bytes, size_t size);
bool sy_seal_holds(const uint8_t *bytes, size_t size);

#endif
