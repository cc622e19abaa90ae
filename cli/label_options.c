#include "label_options.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/store.h>

#include "say.h"

/* Names one a line, or with commas. */
static void plain_classes(char *text, text_list *classes) {
  text_list pieces = {NULL, 0};
  for (char *c = text; *c; c++)
    if (*c == '\n') *c = ',';
  text_list_split(&pieces, text, ',');
  text_list_unquote(&pieces);
  for (size_t i = 0; i < pieces.n; i++) text_list_add(classes, pieces.items[i]);
  text_list_free(&pieces);
}

/* Whether a file is a JSON list, and no list of names as "[PAD]". */
static bool is_json_list(const char *text) {
  static const char blanks[] = " \t\r\n";
  text += strspn(text, blanks);
  if (*text != '[') return false;
  text += 1 + strspn(text + 1, blanks);
  return *text && strchr("\"-0123456789]", *text);
}

static int json_classes(const char *path, const char *text, text_list *classes) {
  json_error_t problem;
  json_t *root = json_loads(text, 0, &problem), *entry;
  size_t i;
  int code = EXIT_DONE;
  if (!root) return say_failed("%s, line %d: %s", path, problem.line, problem.text);
  json_array_foreach(root, i, entry) {
    char number[SY_NUMBER_SIZE];
    if (json_is_number(entry)) sy_number_format(json_number_value(entry), number);
    if (json_is_number(entry) || json_is_string(entry))
      text_list_add(classes, json_is_string(entry) ? json_string_value(entry) : number);
    else
      code = say_failed("%s: entry %zu of the list is neither a name nor a number", path, i + 1);
    if (code != EXIT_DONE) break;
  }
  json_decref(root);
  return code;
}

/* --classes A,B or @file (one a line, with commas, or a JSON list), as one list. */
static int classes_read(const settings *given, text_list *classes) {
  for (size_t i = 0; i < given->classes.n; i++) {
    const char *text = given->classes.items[i];
    void *bytes = NULL;
    size_t size;
    sy_error error;
    if (strcmp(text, "@") == 0) return say_usage("--classes @ names no file: @classes.txt");
    if (text[0] == '@' && sy_file_read(text + 1, &bytes, &size, &error) != SY_OK)
      return say_error(&error);
    char *read = text_copy(bytes ? text_past_mark(bytes) : text);
    free(bytes);
    int code = EXIT_DONE;
    if (text[0] == '@' && is_json_list(read))
      code = json_classes(text + 1, read, classes);
    else
      plain_classes(read, classes);
    free(read);
    if (code != EXIT_DONE) return code;
  }
  if (given->classes.n && !classes->n) return say_usage("--classes names no class");
  return EXIT_DONE;
}

static int group_read(char *text, group_list *list) {
  char *equals = text_find_outside_quotes(text, '=');
  if (!equals) return say_usage("--group-classes takes NAME=LABEL,LABEL, not '%s'", text);
  *equals = 0;
  size_t i = list->n++;
  list->names[i] = text_unquote(text_copy(text));
  text_list_split(&list->members[i], equals + 1, ',');
  text_list_unquote(&list->members[i]);
  if (!*list->names[i] || !list->members[i].n)
    return say_usage("--group-classes takes NAME=LABEL,LABEL, not '%s=%s'", text, equals + 1);
  list->groups[i] =
      (sy_class_group){list->names[i], text_list_view(&list->members[i]), list->members[i].n};
  return EXIT_DONE;
}

static int groups_read(const settings *given, group_list *list) {
  text_list pieces = {NULL, 0};
  for (size_t i = 0; i < given->group_classes.n; i++)
    text_list_split(&pieces, given->group_classes.items[i], ';');
  *list = (group_list){.groups = grab(pieces.n, sizeof *list->groups),
                       .names = grab(pieces.n, sizeof *list->names),
                       .members = grab(pieces.n, sizeof *list->members)};
  int code = EXIT_DONE;
  for (size_t i = 0; i < pieces.n && code == EXIT_DONE; i++) {
    bool blank = pieces.items[i][strspn(pieces.items[i], " \t")] == 0;
    if (!blank) code = group_read(pieces.items[i], list);
  }
  text_list_free(&pieces);
  list->n_present = list->n;
  return code;
}

int label_options_read(const settings *given, label_options *read) {
  *read = (label_options){0};
  int code = classes_read(given, &read->classes);
  return code == EXIT_DONE ? groups_read(given, &read->groups) : code;
}

void label_options_clear(label_options *read) {
  group_list *list = &read->groups;
  for (size_t i = 0; i < list->n; i++) {
    free(list->names[i]);
    text_list_free(&list->members[i]);
  }
  free(list->groups);
  free(list->names);
  free(list->members);
  text_list_free(&read->classes);
  *read = (label_options){0};
}

sy_labels_options label_options_view(const settings *given, const label_options *read) {
  sy_labels_options view = sy_labels_options_default();
  view.n_classes = read->classes.n;
  if (view.n_classes) view.classes = text_list_view(&read->classes);
  view.groups = read->groups.groups;
  view.n_groups = read->groups.n_present;
  view.ignore = given->ignore;
  view.separator = given->label_separator;
  return view;
}

int label_kind_read(const settings *given, sy_label_kind fallback, sy_label_kind *kind) {
  static const sy_label_kind kinds[] = {SY_LABEL_INDEX, SY_LABEL_NAME, SY_LABEL_ONE_HOT,
                                        SY_LABEL_MULTI_HOT};
  *kind = fallback;
  if (!given->label_kind) return EXIT_DONE;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (strcmp(given->label_kind, sy_label_kind_name(kinds[i])) != 0) continue;
    *kind = kinds[i];
    return EXIT_DONE;
  }
  return say_usage("--label-kind is index, name, one-hot or multi-hot, not '%s'",
                   given->label_kind);
}
