/* explicit_parse.c: explicit weights as text, "NAME=W,NAME=W,default=W" or "[W,W,...]". */
#include "base/error.h"
#include "base/memory.h"
#include "weights/policy.h"

#include <string.h>

static const char *skip_blanks(const char *text) {
  return text + strspn(text, " \t\n\v\f\r");
}

/* After the closing quote of a quoted name at `text`; NULL where it is not closed. */
static const char *quoted_end(const char *text) {
  for (text++; *text; text++) {
    if (*text != '"') continue;
    if (text[1] != '"') return text + 1;
    text++;
  }
  return NULL;
}

/* Takes the quotes off a name in place. */
static void unquote(char *name, size_t length) {
  size_t kept = 0;
  for (size_t i = 1; i + 1 < length; i++) {
    name[kept++] = name[i];
    if (name[i] == '"') i++;
  }
  name[kept] = 0;
}

static sy_status fail_piece(const char *piece, sy_error *error) {
  char shown[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "'%s' is no class weight NAME=W; a name that holds a comma goes in \"quotes\"",
                 sy_shown(piece, shown));
}

static sy_status add_written(sy_policy *policy, const char *name, bool quoted, const char *number,
                             sy_error *error) {
  double weight;
  if (!sy_number_parse(number, &weight)) {
    char shown[SY_SHOWN_SIZE], shown_name[SY_SHOWN_SIZE];
    return sy_fail(error, SY_INVALID_WEIGHT, "the weight '%s' of class '%s' is no number",
                   sy_shown(number, shown), sy_shown(name, shown_name));
  }
  bool is_default = !quoted && strcmp(name, SY_EXPLICIT_DEFAULT) == 0;
  return is_default ? sy_explicit_set_default(policy, weight, error)
                    : sy_explicit_add(policy, name, weight, error);
}

static void trim_end(char *text) {
  size_t length = strlen(text);
  while (length > 0 && strchr(" \t\n\v\f\r", text[length - 1])) length--;
  text[length] = 0;
}

/* Reads one piece "NAME=W"; a quoted NAME ends at its quote, another at the last '='. */
static sy_status parse_piece(sy_policy *policy, char *piece, sy_error *error) {
  bool quoted = *piece == '"';
  const char *name_end = quoted ? quoted_end(piece) : NULL;
  char *equals = quoted ? strchr(name_end, '=') : strrchr(piece, '=');
  if (!equals || (quoted && skip_blanks(name_end) != equals)) return fail_piece(piece, error);
  *equals = 0;
  trim_end(piece);
  if (quoted) unquote(piece, (size_t)(name_end - piece));
  return add_written(policy, piece, quoted, equals + 1, error);
}

/* End of the piece at `text`: the first comma outside a quoted name; NULL where a quote is open. */
static const char *piece_end(const char *text) {
  const char *after_name = *text == '"' ? quoted_end(text) : text;
  return after_name ? after_name + strcspn(after_name, ",") : NULL;
}

static size_t count_commas(const char *text) {
  size_t commas = 0;
  for (; *text; text++) commas += *text == ',';
  return commas;
}

static sy_status parse_pieces(const char *text, sy_policy *policy, sy_error *error) {
  for (;;) {
    text = skip_blanks(text);
    const char *end = piece_end(text);
    if (!end)
      return sy_fail(error, SY_INVALID_WEIGHT, "a quote is not closed in the class weights");
    char *piece = sy_copy_bytes(text, (size_t)(end - text));
    if (!piece) return sy_fail_memory(error);
    sy_status status = parse_piece(policy, piece, error);
    free(piece);
    if (status != SY_OK || *end == 0) return status;
    text = end + 1;
  }
}

/* "[W, W, ...]", which begins with '[' and names nothing. */
static sy_status parse_list(const char *text, sy_policy *policy, sy_error *error) {
  const char *end = strchr(text, ']');
  if (!end || *skip_blanks(end + 1))
    return sy_fail(error, SY_INVALID_WEIGHT,
                   "class weights by position are written [W,W,...], ending in ']'");
  for (const char *at = text + 1; at <= end; at += strcspn(at, ",]") + 1) {
    char *piece = sy_copy_bytes(at, strcspn(at, ",]")), shown[SY_SHOWN_SIZE];
    if (!piece) return sy_fail_memory(error);
    double weight;
    sy_status status =
        sy_number_parse(piece, &weight)
            ? sy_explicit_add_position(policy, weight, error)
            : sy_fail(error, SY_INVALID_WEIGHT, "the weight '%s' at position %zu is no number",
                      sy_shown(piece, shown), policy->n_positions + 1);
    free(piece);
    if (status != SY_OK) return status;
  }
  return SY_OK;
}

sy_status sy_explicit_parse(const char *text, sy_policy *policy, sy_error *error) {
  policy->weights = sy_alloc(count_commas(text) + 1, sizeof *policy->weights);
  if (!policy->weights) return sy_fail_memory(error);
  bool by_position = *text == '[' && !strchr(text, '=');
  sy_status status =
      by_position ? parse_list(text, policy, error) : parse_pieces(text, policy, error);
  return status == SY_OK ? sy_explicit_finish(policy, error) : status;
}
