/* explicit.c: weights given by class name, "NAME=W,NAME=W,default=W". */
#include "base/error.h"
#include "base/memory.h"
#include "labels/name.h"
#include "weights/policy.h"

#include <math.h>
#include <string.h>

static const char default_name[] = "default";

static sy_status check_weight(const char *name, double weight, sy_error *error) {
  if (weight >= 0 && isfinite(weight)) return SY_OK;
  char shown[SY_SHOWN_SIZE], text[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "the weight %s of class '%s' is not usable; it must be 0 or more and finite",
                 sy_number_format(weight, text), sy_shown(name, shown));
}

/* Adds one class; policy->weights has room. */
static sy_status add_class(sy_policy *policy, const char *name, double weight, sy_error *error) {
  sy_status status = check_weight(name, weight, error);
  if (status != SY_OK) return status;
  char shown[SY_SHOWN_SIZE];
  char *canonical = sy_name_canonical(name);
  if (!canonical) return sy_fail_memory(error);
  size_t before = policy->names.n;
  if (*canonical == 0) {
    status = sy_fail(error, SY_INVALID_WEIGHT, "class weight %zu has no class name", before + 1);
  } else if (sy_dictionary_add(&policy->names, canonical, strlen(canonical)) == SY_NOT_FOUND) {
    status = sy_fail_memory(error);
  } else if (policy->names.n == before) {
    status = sy_fail(error, SY_INVALID_WEIGHT, "the weight of class '%s' is given twice",
                     sy_shown(name, shown));
  } else {
    policy->weights[before] = weight + 0.0; /* no negative zero */
  }
  free(canonical);
  return status;
}

static sy_status set_default(sy_policy *policy, double weight, sy_error *error) {
  sy_status status = check_weight(default_name, weight, error);
  if (status != SY_OK) return status;
  if (policy->has_default)
    return sy_fail(error, SY_INVALID_WEIGHT, "the default weight is given twice");
  policy->has_default = true;
  policy->default_weight = weight + 0.0;
  return SY_OK;
}

/* Names that could be read as anything but a name are quoted, quotes in them doubled. */
static void write_name(sy_text *text, const char *name) {
  if (!strpbrk(name, ",\"=:") && strcmp(name, default_name) != 0) {
    sy_text_put(text, name);
    return;
  }
  sy_text_put(text, "\"");
  for (; *name; name++) sy_text_put_bytes(text, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
  sy_text_put(text, "\"");
}

/* Writes policy->text from what was read. */
static sy_status write_text(sy_policy *policy, sy_error *error) {
  sy_text text = {0};
  char number[SY_NUMBER_SIZE];
  for (size_t k = 0; k < policy->names.n; k++) {
    if (k > 0) sy_text_put(&text, ",");
    write_name(&text, policy->names.values[k]);
    sy_text_add(&text, "=%s", sy_number_format(policy->weights[k], number));
  }
  if (policy->has_default)
    sy_text_add(&text, "%sdefault=%s", policy->names.n > 0 ? "," : "",
                sy_number_format(policy->default_weight, number));
  policy->text = text.failed ? NULL : text.data;
  if (text.failed) free(text.data);
  return text.failed ? sy_fail_memory(error) : SY_OK;
}

static sy_status finish(sy_policy *policy, sy_error *error) {
  if (policy->names.n == 0 && !policy->has_default)
    return sy_fail(error, SY_INVALID_WEIGHT, "no class weights are given");
  return write_text(policy, error);
}

static sy_status fill_explicit(sy_policy *policy, const char *const *names, const double *weights,
                               size_t n, sy_error *error) {
  policy->weights = sy_alloc(n, sizeof *policy->weights);
  if (!policy->weights) return sy_fail_memory(error);
  for (size_t k = 0; k < n; k++) {
    sy_status status = add_class(policy, names[k], weights[k], error);
    if (status != SY_OK) return status;
  }
  return SY_OK;
}

sy_status sy_policy_explicit(const char *const *names, const double *weights, size_t n,
                             bool has_default, double default_weight, sy_policy **policy,
                             sy_error *error) {
  *policy = NULL;
  sy_policy *made = sy_alloc_zero(1, sizeof *made);
  if (!made) return sy_fail_memory(error);
  sy_status status = fill_explicit(made, names, weights, n, error);
  if (status == SY_OK && has_default) status = set_default(made, default_weight, error);
  if (status == SY_OK) status = finish(made, error);
  if (status == SY_OK) {
    *policy = made;
  } else {
    sy_policy_free(made);
  }
  return status;
}

/* --- reading --- */

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
  bool is_default = !quoted && strcmp(name, default_name) == 0;
  return is_default ? set_default(policy, weight, error) : add_class(policy, name, weight, error);
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

sy_status sy_explicit_parse(const char *text, sy_policy *policy, sy_error *error) {
  policy->weights = sy_alloc(count_commas(text) + 1, sizeof *policy->weights);
  if (!policy->weights) return sy_fail_memory(error);
  sy_status status = parse_pieces(text, policy, error);
  return status == SY_OK ? finish(policy, error) : status;
}

/* --- weighing --- */

static sy_status fail_class(const char *name, const sy_dictionary *classes, sy_error *error) {
  char shown[SY_SHOWN_SIZE], shown_nearest[SY_SHOWN_SIZE];
  const char *nearest = sy_nearest_name(name, (const char *const *)classes->values, classes->n);
  if (nearest)
    return sy_fail(error, SY_INVALID_WEIGHT,
                   "a weight is given for class '%s', which is not there; did you mean '%s'?",
                   sy_shown(name, shown), sy_shown(nearest, shown_nearest));
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "a weight is given for class '%s', which is none of the %zu classes",
                 sy_shown(name, shown), classes->n);
}

static sy_status look_up_weights(const sy_policy *policy, const sy_dictionary *classes,
                                 const double *counts, double *weights, sy_error *error) {
  for (size_t c = 0; c < policy->names.n; c++)
    if (sy_names_find(classes, policy->names.values[c]) == SY_NOT_FOUND)
      return fail_class(policy->names.values[c], classes, error);
  for (size_t k = 0; k < classes->n; k++) {
    uint32_t c = sy_names_find(&policy->names, classes->values[k]);
    weights[k] = c == SY_NOT_FOUND ? policy->default_weight : policy->weights[c];
    if (c != SY_NOT_FOUND || policy->has_default || counts[k] == 0) continue;
    char shown[SY_SHOWN_SIZE];
    return sy_fail(error, SY_INVALID_WEIGHT,
                   "class '%s' has no weight; name it, or add default=W for all that are not named",
                   sy_shown(classes->values[k], shown));
  }
  return SY_OK;
}

sy_status sy_explicit_weigh(const sy_policy *policy, const char *const *classes,
                            const double *counts, size_t n_classes, double *weights,
                            sy_error *error) {
  sy_dictionary known = {0};
  sy_status status = sy_names_declare(classes, n_classes, &known, error);
  if (status == SY_OK) status = look_up_weights(policy, &known, counts, weights, error);
  sy_dictionary_clear(&known);
  return status;
}
