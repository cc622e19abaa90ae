/* npy.c: the header of NumPy's .npy, versions 1 to 3 (NEP 1, numpy.lib.format): a magic, the
 * version, the length of a text, and the text: a Python dictionary of descr (the type),
 * fortran_order and shape, padded with blanks. */
#include "base/error.h"
#include "store/array_header.h"

#include <string.h>

static const char magic[] = "\x93NUMPY";

enum { MAGIC = sizeof magic - 1 };

bool sy_npy_is(const unsigned char *bytes, size_t size) {
  return size >= MAGIC && memcmp(bytes, magic, MAGIC) == 0;
}

/* The text under way. */
typedef struct cursor {
  const char *path;
  const unsigned char *file, *at, *end;
  sy_error *error;
} cursor;

static sy_status fail_text(const cursor *in, const char *wanted) {
  return sy_fail(in->error, SY_INVALID_DATA,
                 "%s: its NumPy header makes no sense at byte %zu, where %s would be right; save "
                 "the array again with np.save",
                 in->path, (size_t)(in->at - in->file) + 1, wanted);
}

static void skip_blanks(cursor *in) {
  while (in->at < in->end && (*in->at == ' ' || (*in->at >= '\t' && *in->at <= '\r'))) in->at++;
}

/* Takes a character, blanks before it aside, if it is the next one. */
static bool take(cursor *in, char wanted) {
  skip_blanks(in);
  if (in->at == in->end || *in->at != (unsigned char)wanted) return false;
  in->at++;
  return true;
}

static bool take_word(cursor *in, const char *word) {
  size_t length = strlen(word);
  skip_blanks(in);
  if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length) != 0) return false;
  in->at += length;
  return true;
}

enum { MOST_TEXT = 40 };

/* A Python string without escapes, which none of the keys and types needs. */
static bool take_string(cursor *in, char text[MOST_TEXT]) {
  char quote = '\'';
  if (!take(in, quote) && !take(in, quote = '"')) return false;
  const unsigned char *close = memchr(in->at, quote, (size_t)(in->end - in->at));
  size_t length = close ? (size_t)(close - in->at) : MOST_TEXT;
  if (length >= MOST_TEXT) return false;
  memcpy(text, in->at, length);
  text[length] = 0;
  in->at = close + 1;
  return strlen(text) == length;
}

/* --- types --- */

/* Why a kind of numpy.dtype cannot be read, and what to do instead; NULL for one that can. */
static const char *refusal(char kind) {
  switch (kind) {
  case 'O':
    return "Python objects; save them as numbers, as with np.save(FILE, array.astype('int64')), or "
           "names as CSV";
  case 'U':
  case 'S':
  case 'a':
  case 'T':
    return "texts; write them as CSV, or save names and ids of np.unique(array, "
           "return_inverse=True)";
  case 'c':
    return "complex numbers; save one part, as array.real";
  case 'M':
  case 'm':
    return "dates or times; save them as numbers, as with array.astype('int64')";
  case 'V':
    return "records or raw bytes; save one field of them, as array['label']";
  default:
    return NULL;
  }
}

static bool find_type(char kind, size_t width, sy_array_header *header) {
  static const struct {
    char kind;
    unsigned char width;
    sy_dtype dtype;
  } types[] = {{'b', 1, SY_U8},  {'i', 1, SY_I8},  {'i', 2, SY_I16}, {'i', 4, SY_I32},
               {'i', 8, SY_I64}, {'u', 1, SY_U8},  {'u', 2, SY_U16}, {'u', 4, SY_U32},
               {'u', 8, SY_U64}, {'f', 2, SY_F32}, {'f', 4, SY_F32}, {'f', 8, SY_F64}};
  header->width = width;
  header->boolean = kind == 'b';
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (types[i].kind != kind || types[i].width != width) continue;
    header->dtype = types[i].dtype;
    return true;
  }
  /* Longer floats differ from machine to machine: only this one's own can be read. */
  header->dtype = SY_F64;
  return kind == 'f' && width > 8 && width == sizeof(long double) && !header->swapped;
}

static sy_status fail_type(const cursor *in, const char *type, const char *words) {
  return sy_fail(in->error, SY_INVALID_DATA, "%s: holds numbers of type '%s', %s", in->path, type,
                 words);
}

/* "<i8": byte order, kind, bytes. */
static sy_status take_type(cursor *in, sy_array_header *header) {
  char type[MOST_TEXT];
  skip_blanks(in);
  if (in->at < in->end && *in->at == '[')
    return sy_fail(in->error, SY_INVALID_DATA, "%s: holds %s", in->path, refusal('V'));
  if (!take_string(in, type)) return fail_text(in, "a type such as '<i8'");
  const uint16_t one = 1;
  bool little = *(const unsigned char *)&one == 1;
  bool ordered = type[0] && strchr("<>=|", type[0]);
  header->swapped = type[0] == (little ? '>' : '<');
  const char *kind = type + ordered;
  const char *refused = refusal(*kind);
  if (refused)
    return sy_fail(in->error, SY_INVALID_DATA, "%s: holds ('%s') %s", in->path, type, refused);
  size_t width = 0, n_digits = *kind ? strspn(kind + 1, "0123456789") : 0;
  for (size_t i = 1; i <= n_digits && i < 4; i++) width = 10 * width + (size_t)(kind[i] - '0');
  bool known = n_digits > 0 && n_digits < 4 && !kind[1 + n_digits];
  if (known && find_type(*kind, width, header)) return SY_OK;
  return fail_type(in, type,
                   known && *kind == 'f' && width > 8
                       ? "a float of another kind of machine; save array.astype('float64')"
                       : "which is unknown; save array.astype('int64') or 'float64'");
}

/* --- shapes --- */

static sy_status take_size(cursor *in, size_t *size) {
  skip_blanks(in);
  const unsigned char *begin = in->at;
  *size = 0;
  for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
    unsigned digit = (unsigned)(*in->at - '0');
    if (*size > (SIZE_MAX - digit) / 10) return fail_text(in, "a smaller size");
    *size = 10 * *size + digit;
  }
  if (in->at == begin) return fail_text(in, "a size");
  take(in, 'L'); /* as Python 2 wrote a long integer */
  return SY_OK;
}

static sy_status take_shape(cursor *in, sy_array_header *header) {
  if (!take(in, '(')) return fail_text(in, "a shape such as (60000,)");
  header->n_axes = 0;
  for (bool comma = true; !take(in, ')');) {
    if (!comma) return fail_text(in, "a comma or )");
    if (header->n_axes == SY_MAX_AXES)
      return sy_fail(in->error, SY_INVALID_DATA, "%s: an array of more than %d axes, the most",
                     in->path, SY_MAX_AXES);
    sy_status status = take_size(in, &header->shape[header->n_axes]);
    if (status != SY_OK) return status;
    header->n_axes++;
    comma = take(in, ',');
    if (!comma && header->n_axes == 1) return fail_text(in, "a comma"); /* (3) is a number */
  }
  return SY_OK;
}

/* --- the dictionary --- */

static sy_status take_order(cursor *in, sy_array_header *header) {
  header->fortran = take_word(in, "True");
  return header->fortran || take_word(in, "False") ? SY_OK : fail_text(in, "True or False");
}

static sy_status take_value(cursor *in, size_t key, sy_array_header *header) {
  return key == 0   ? take_type(in, header)
         : key == 1 ? take_order(in, header)
                    : take_shape(in, header);
}

static sy_status take_dictionary(cursor *in, sy_array_header *header) {
  enum { KEYS = 3 };
  static const char *const keys[KEYS] = {"descr", "fortran_order", "shape"};
  bool seen[KEYS] = {false};
  if (!take(in, '{')) return fail_text(in, "{");
  for (bool comma = true; !take(in, '}');) {
    char name[MOST_TEXT];
    size_t key = 0;
    if (!comma) return fail_text(in, "a comma or }");
    if (!take_string(in, name)) return fail_text(in, "a key in quotes");
    while (key < KEYS && strcmp(keys[key], name) != 0) key++;
    if (key == KEYS || seen[key])
      return fail_text(in, "each of 'descr', 'fortran_order' and 'shape' once");
    seen[key] = true;
    if (!take(in, ':')) return fail_text(in, "a colon");
    sy_status status = take_value(in, key, header);
    if (status != SY_OK) return status;
    comma = take(in, ',');
  }
  if (!seen[0] || !seen[1] || !seen[2])
    return fail_text(in, "all of 'descr', 'fortran_order' and 'shape'");
  skip_blanks(in);
  return in->at == in->end ? SY_OK : fail_text(in, "the end");
}

sy_status sy_npy_header(const char *path, const unsigned char *bytes, size_t size,
                        sy_array_header *header, sy_error *error) {
  *header = (sy_array_header){0};
  unsigned version = size > MAGIC ? bytes[MAGIC] : 1;
  if (version < 1 || version > 3)
    return sy_fail(error, SY_INVALID_DATA,
                   "%s: version %u of NumPy's format; 1 to 3 can be read: save it again with "
                   "np.save",
                   path, version);
  size_t begin = MAGIC + 2 + (version == 1 ? 2 : 4), length = 0;
  if (size >= begin)
    for (size_t i = begin; i > MAGIC + 2; i--) length = length << 8 | bytes[i - 1];
  if (size < begin || length > size - begin)
    return sy_fail(error, SY_INVALID_DATA,
                   "%s: cut short within its NumPy header; fetch or save it again", path);
  header->offset = begin + length;
  cursor in = {path, bytes, bytes + begin, bytes + header->offset, error};
  return take_dictionary(&in, header);
}
