/* whole.c: is a packed file whole? DuckDB takes the point where a .gz or .zst was cut short for the
 * end of the data, so that rows are lost without a word, and the last one may lose its tail. Of
 * zstd, whose checksums DuckDB looks at, only the lengths of the blocks are followed (RFC 8878). */
#define _POSIX_C_SOURCE 200809L

#include "internal.h"
#include "packed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool walk_zstd_frame(walk *in) {
  uint64_t magic = take_bytes(in, 4);
  if ((magic & 0xFFFFFFF0) == 0x184D2A50) {
    skip_bytes(in, take_bytes(in, 4));
    return !in->ended;
  }
  if (magic != 0xFD2FB528) return false;
  static const unsigned id_sizes[4] = {0, 1, 2, 4}, content_sizes[4] = {0, 2, 4, 8};
  unsigned head = next_byte(in), single = head >> 5 & 1;
  unsigned content = content_sizes[head >> 6];
  skip_bytes(in, !single + id_sizes[head & 3] + (content ? content : single));
  for (bool last = false; !last && !in->ended;) {
    uint64_t block = take_bytes(in, 3);
    last = block & 1;
    skip_bytes(in, (block >> 1 & 3) == 1 ? 1 : block >> 3);
  }
  if (head & 4) skip_bytes(in, 4);
  return !in->ended;
}

static packed_state walk_zstd(walk *in) {
  bool good;
  do good = walk_zstd_frame(in);
  while (good && has_more(in));
  return good ? PACKED_WHOLE : in->ended ? PACKED_CUT : PACKED_DAMAGED;
}

static sy_status tell(packed_state state, const table_file *file, sy_error *error) {
  const char *packing = file->packing == TABLE_GZIP ? "gzip" : "zstd";
  switch (state) {
  case PACKED_WHOLE:
    return SY_OK;
  case PACKED_CUT:
    return table_fail(error, SY_INVALID_DATA,
                      "%s: the %s file is cut short; fetch or pack it again", file->name, packing);
  case PACKED_FOLLOWED:
    return table_fail(
        error, SY_INVALID_DATA,
        "%s: something that is not %s follows the packed data; fetch or pack it again", file->name,
        packing);
  case PACKED_NO_MEMORY:
    return table_fail_memory(error);
  case PACKED_DAMAGED:
    break;
  }
  return table_fail(error, SY_INVALID_DATA, "%s: the %s file is damaged; fetch or pack it again",
                    file->name, packing);
}

sy_status table_whole_check(const table_file *file, sy_error *error) {
  walk *in = calloc(1, sizeof *in);
  if (!in) return table_fail_memory(error);
  in->stream = fopen(file->path, "rb");
  if (!in->stream) {
    free(in);
    return table_fail(error, SY_FILE_NOT_READ, "%s: %s", file->name, strerror(errno));
  }
  packed_state state = file->packing == TABLE_GZIP ? table_gzip_walk(in) : walk_zstd(in);
  fclose(in->stream);
  free(in);
  return tell(state, file, error);
}
