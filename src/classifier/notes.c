/* notes.c: texts that travel with a classifier. */
#include "classifier/classifier.h"

#include "base/error.h"
#include "base/memory.h"
#include <string.h>

static sy_note *find_note(const sy_model *model, const char *key) {
  for (size_t i = 0; i < model->n_notes; i++)
    if (strcmp(model->notes[i].key, key) == 0) return &model->notes[i];
  return NULL;
}

/* A new last note without a value. */
static sy_note *add_note(sy_model *model, const char *key) {
  sy_note *notes = sy_realloc(model->notes, model->n_notes + 1, sizeof *notes);
  if (!notes) return NULL;
  model->notes = notes;
  sy_note *note = &notes[model->n_notes];
  *note = (sy_note){.key = sy_copy_text(key)};
  if (!note->key) return NULL;
  model->n_notes++;
  return note;
}

/* The others keep their order. */
static void remove_note(sy_model *model, const char *key) {
  sy_note *note = find_note(model, key);
  if (!note) return;
  free(note->key);
  free(note->value);
  size_t after = (size_t)(model->notes + model->n_notes - note) - 1;
  memmove(note, note + 1, after * sizeof *note);
  model->n_notes--;
}

sy_status sy_model_set_note(sy_model *model, const char *key, const char *value, sy_error *error) {
  if (!value) {
    remove_note(model, key);
    return SY_OK;
  }
  char *copy = sy_copy_text(value);
  sy_note *note = copy ? find_note(model, key) : NULL;
  if (copy && !note) note = add_note(model, key);
  if (!note) {
    free(copy);
    return sy_fail_memory(error);
  }
  free(note->value);
  note->value = copy;
  return SY_OK;
}

const char *sy_model_note(const sy_model *model, const char *key) {
  const sy_note *note = find_note(model, key);
  return note ? note->value : NULL;
}

size_t sy_model_n_notes(const sy_model *model) {
  return model->n_notes;
}

const char *sy_model_note_key(const sy_model *model, size_t index) {
  return index < model->n_notes ? model->notes[index].key : NULL;
}
