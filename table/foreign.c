/* foreign.c: files that are no table but are handed over as one, told by their first bytes, with
 * what to do instead. */
#include "internal.h"

#include <string.h>
#include <strings.h>

static const struct {
  const char *bytes;
  size_t size;
  const char *words;
} beginnings[] = {
    {"PK\3\4", 4, "a spreadsheet or zip archive; save the sheet as CSV, or unpack the archive"},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8, "an old Excel or Office file; save the sheet as CSV"},
    {"%PDF-", 5, "a PDF document; the table in it must be saved as CSV first"},
    {"\x89PNG", 4, "a picture"},
    {"\xFF\xD8\xFF", 3, "a picture"},
    {"\x7F"
     "ELF",
     4, "a program"},
    {"\x93NUMPY", 6,
     "a NumPy array: steelyard weights takes its file name; save a table as CSV or Parquet"},
    {"\0\0\x08\1", 4,
     "an IDX array: steelyard weights takes its file name; save a table as CSV or Parquet"},
    {"\0\0\x08\3", 4,
     "an IDX array: steelyard weights takes its file name; save a table as CSV or Parquet"},
    {"\x80\4\x95", 3, "a Python pickle; save the table as CSV or Parquet"},
    {"\x89HDF", 4, "an HDF5 file; save the table as CSV or Parquet"},
    {"ARROW1", 6, "an Arrow (Feather) file; save the table as Parquet"},
    {"FEA1", 4, "a Feather file; save the table as Parquet"},
    {"ORC", 3, "an ORC file; save the table as Parquet"},
    {"Obj\1", 4, "an Avro file; save the table as Parquet"},
    {"SQLite format 3", 15, "an SQLite database; export the table as CSV"},
    {"version https://git-lfs", 23, "a Git LFS pointer, not the data; fetch it with git lfs pull"},
    {"\xFF\xFE\0\0", 4, "UTF-32 text; convert it first, as with iconv -f utf-32 -t utf-8"},
    {"\0\0\xFE\xFF", 4, "UTF-32 text; convert it first, as with iconv -f utf-32 -t utf-8"},
    {"\xFF\xFE", 2, "UTF-16 text; convert it first, as with iconv -f utf-16 -t utf-8"},
    {"\xFE\xFF", 2, "UTF-16 text; convert it first, as with iconv -f utf-16 -t utf-8"},
    {"BZh", 3, "packed with bzip2; unpack it, or pack it with gzip or zstd"},
    {"\xFD"
     "7zXZ",
     5, "packed with xz; unpack it, or pack it with gzip or zstd"},
};

/* Past a byte order mark and blanks, which markup may have before it. */
static size_t markup_begin(const char *head, size_t size) {
  size_t at = size >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  while (at < size && head[at] && strchr(" \t\r\n", head[at])) at++;
  return at;
}

static const char *markup_words(const char *head, size_t size) {
  static const char *const pages[] = {"<!doctype html", "<html", "<head"};
  size_t at = markup_begin(head, size);
  for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
    if (size - at >= strlen(pages[i]) && strncasecmp(head + at, pages[i], strlen(pages[i])) == 0)
      return "a web page, no table; look whether the download asks for something first";
  if (size - at >= 5 && memcmp(head + at, "<?xml", 5) == 0) return "XML; save the table as CSV";
  return NULL;
}

const char *table_foreign_words(const char *head, size_t size) {
  for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
    if (size >= beginnings[i].size && memcmp(head, beginnings[i].bytes, beginnings[i].size) == 0)
      return beginnings[i].words;
  return markup_words(head, size);
}

bool table_foreign_binary(const char *head, size_t size) {
  size_t controls = 0;
  for (size_t i = 0; i < size; i++) {
    unsigned char byte = (unsigned char)head[i];
    controls += byte > 0 && byte < ' ' && !(byte >= '\t' && byte <= '\r') && byte != 0x1B;
  }
  return size >= 64 && controls * 25 > size;
}
