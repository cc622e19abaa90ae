/* parts.c: parts of losses by name: listing, reading, applying. */
#include "loss/parts.h"

#include "base/choice.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#include <string.h>

static const sy_loss_part *const parts[] = {
#define X(name) &sy_loss_part_##name,
    SY_LOSS_PART_TABLE(X)
#undef X
};

enum { N_PARTS = sizeof parts / sizeof parts[0] };

/* A text of parts being applied. */
typedef struct reading {
  const double *counts;
  sy_loss *loss;
  bool given[N_PARTS];
  const sy_loss_part *bent; /* the part that bends the loss, or NULL */
} reading;

const char *sy_loss_part_form(size_t index) {
  return index < N_PARTS ? parts[index]->form : NULL;
}

const char *sy_loss_part_formula(size_t index) {
  return index < N_PARTS ? parts[index]->formula : NULL;
}

/* Cuts blanks off both ends, in place. */
static char *trim(char *text) {
  static const char blanks[] = " \t\n\v\f\r";
  text += strspn(text, blanks);
  size_t length = strlen(text);
  while (length > 0 && strchr(blanks, text[length - 1])) length--;
  text[length] = 0;
  return text;
}

/* Where the next part begins: after a '+' that is none of a number's ("1e+3"), else the end. */
static char *find_plus(char *text) {
  char *plus = strchr(text, '+');
  while (plus && plus[1] && strchr("0123456789.", plus[1])) plus = strchr(plus + 1, '+');
  return plus ? plus : text + strlen(text);
}

/* Ends the text at `end`; what follows, or NULL where that was the end of all. */
static char *cut(char *end) {
  if (!*end) return NULL;
  *end = 0;
  return end + 1;
}

static size_t count_parameters(const sy_loss_part *part) {
  size_t n = 0;
  while (n < SY_PART_PARAMETERS && part->parameters[n].name) n++;
  return n;
}

static size_t find_part(const char *name) {
  size_t i = 0;
  while (i < N_PARTS && strcmp(parts[i]->name, name) != 0) i++;
  return i;
}

static sy_status fail_unknown(const char *name, sy_error *error) {
  const char *names[N_PARTS], *forms[N_PARTS];
  for (size_t i = 0; i < N_PARTS; i++) {
    names[i] = parts[i]->name;
    forms[i] = parts[i]->form;
  }
  sy_choices choices = {"loss part", "", names, forms, N_PARTS};
  return sy_fail_choice(&choices, name, SY_INVALID_ARGUMENT, error);
}

/* Reads "NAME=VALUE", or "VALUE" of a part with one parameter. */
static sy_status read_value(const sy_loss_part *part, char *text, double *values, bool *given,
                            sy_error *error) {
  char *equals = strchr(text, '='), *name = trim(text), *number = name;
  char shown[SY_SHOWN_SIZE], low[SY_NUMBER_SIZE], high[SY_NUMBER_SIZE];
  size_t n = count_parameters(part), i = 0;
  if (equals) {
    number = trim(cut(equals));
    name = trim(text);
    while (i < n && strcmp(part->parameters[i].name, name) != 0) i++;
  } else if (n != 1) {
    i = n;
  }
  if (i == n)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "loss part '%s' has no parameter '%s'; it is written %s", part->name,
                   sy_shown(name, shown), part->form);
  const sy_part_parameter *parameter = &part->parameters[i];
  if (given[i])
    return sy_fail(error, SY_INVALID_ARGUMENT, "loss part '%s' is given its %s twice", part->name,
                   parameter->name);
  given[i] = true;
  if (sy_number_parse(number, &values[i]) && values[i] >= parameter->low &&
      values[i] <= parameter->high)
    return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "the %s '%s' of loss part '%s' is not usable; it must be a number from %s to %s",
                 parameter->name, sy_shown(number, shown), part->name,
                 sy_number_format(parameter->low, low), sy_number_format(parameter->high, high));
}

/* Reads what follows the ':', or takes what is usual where `text` is NULL. */
static sy_status read_values(const sy_loss_part *part, char *text, double *values,
                             sy_error *error) {
  bool given[SY_PART_PARAMETERS] = {false};
  sy_status status = SY_OK;
  for (size_t i = 0; i < count_parameters(part); i++) values[i] = part->parameters[i].usual;
  while (text && status == SY_OK) {
    char *rest = cut(text + strcspn(text, ","));
    status = read_value(part, text, values, given, error);
    text = rest;
  }
  return status;
}

/* A transform goes by how many rows each class has. */
static sy_status check_transform(const sy_loss_part *part, const reading *so_far, sy_error *error) {
  if (so_far->loss->base == SY_LOSS_SIGMOID)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "loss part '%s' is for the softmax; a sigmoid takes slopes, offsets and margins "
                   "as numbers",
                   part->name);
  if (!so_far->counts)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "loss part '%s' goes by the rows of each class, and no counts are given",
                   part->name);
  return SY_OK;
}

static sy_status apply_part(const sy_loss_part *part, const double *values, reading *so_far,
                            sy_error *error) {
  if (part->transform) {
    sy_status status = check_transform(part, so_far, error);
    if (status == SY_OK) part->transform(values, so_far->counts, so_far->loss);
    return status;
  }
  if (so_far->bent)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "loss parts '%s' and '%s' do not go together: each says what becomes of p",
                   so_far->bent->name, part->name);
  so_far->bent = part;
  if (values[0] == 0) return SY_OK; /* cross-entropy itself, with its faster kernels */
  sy_bend *bend = &so_far->loss->bend;
  bend->apply = part->bend;
  memcpy(bend->parameters, values, sizeof bend->parameters);
  return SY_OK;
}

/* Reads and applies one "NAME:PARAMETER=V,..". */
static sy_status read_part(char *text, reading *so_far, sy_error *error) {
  char *parameters = cut(text + strcspn(text, ":"));
  const char *name = trim(text);
  size_t i = find_part(name);
  if (i == N_PARTS) return fail_unknown(name, error);
  if (so_far->given[i])
    return sy_fail(error, SY_INVALID_ARGUMENT, "loss part '%s' is given twice", name);
  so_far->given[i] = true;
  double values[SY_PART_PARAMETERS] = {0};
  sy_status status = read_values(parts[i], parameters, values, error);
  return status == SY_OK ? apply_part(parts[i], values, so_far, error) : status;
}

sy_status sy_loss_parts_apply(const char *text, const double *counts, sy_loss *loss,
                              sy_error *error) {
  if (!text) return SY_OK;
  char *copy = sy_copy_text(text), *rest = copy;
  if (!copy) return sy_fail_memory(error);
  reading so_far = {.counts = counts, .loss = loss};
  sy_status status = SY_OK;
  while (rest && status == SY_OK) {
    char *part = rest;
    rest = cut(find_plus(part));
    status = read_part(part, &so_far, error);
  }
  free(copy);
  return status;
}
