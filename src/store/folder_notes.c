/* folder_notes.c: what a walk through class folders passes over, and the words for it. */
#include "store/folder_notes.h"

#include "base/memory.h"

#include <inttypes.h>
#include <string.h>

/* --- noticing --- */

void sy_folder_notice(sy_folder_notes *notes, sy_notice what, const char *folder,
                      const char *name) {
  sy_text path = {0};
  notes->n[what]++;
  sy_text_add(&path, "%s%s%s", folder, *folder ? "/" : "", name);
  if (path.failed) {
    notes->failed = true;
    return;
  }
  char **example = &notes->examples[what];
  bool first = !*example || strcmp(path.data, *example) < 0;
  free(first ? *example : path.data);
  if (first) *example = path.data;
}

/* ".txt" of "notes.TXT", "" of a name without an ending. */
static void find_extension(const char *name, char extension[32]) {
  const char *dot = strrchr(name, '.');
  size_t length = dot && dot > name ? strlen(dot) : 0;
  if (length < 2 || length > 31) length = 0;
  for (size_t i = 0; i < length; i++)
    extension[i] = dot[i] >= 'A' && dot[i] <= 'Z' ? (char)(dot[i] - 'A' + 'a') : dot[i];
  extension[length] = 0;
}

static bool reserve_extensions(sy_folder_notes *notes) {
  if (notes->extensions.n < notes->extension_capacity) return true;
  size_t capacity = notes->extension_capacity ? 2 * notes->extension_capacity : 16;
  uint64_t *files = sy_realloc(notes->extension_files, capacity, sizeof *files);
  if (!files) return false;
  memset(files + notes->extension_capacity, 0,
         (capacity - notes->extension_capacity) * sizeof *files);
  notes->extension_files = files;
  notes->extension_capacity = capacity;
  return true;
}

void sy_folder_uncounted(sy_folder_notes *notes, size_t k, const char *name) {
  char extension[32];
  find_extension(name, extension);
  uint32_t code = SY_NOT_FOUND;
  if (reserve_extensions(notes))
    code = sy_dictionary_add(&notes->extensions, extension, strlen(extension));
  if (code == SY_NOT_FOUND) {
    notes->failed = true;
    return;
  }
  notes->extension_files[code]++;
  notes->uncounted++;
  notes->uncounted_classes += notes->uncounted_class != k + 1;
  notes->uncounted_class = k + 1;
}

void sy_folder_notes_clear(sy_folder_notes *notes) {
  for (size_t i = 0; i < SY_NOTICES; i++) free(notes->examples[i]);
  sy_dictionary_clear(&notes->extensions);
  free(notes->extension_files);
  *notes = (sy_folder_notes){0};
}

/* --- words --- */

/* The next extension to be told: of those not told yet the one with the most files, then the first
 * by bytes. */
static size_t next_extension(const sy_folder_notes *notes) {
  size_t best = 0;
  for (size_t i = 1; i < notes->extensions.n; i++) {
    uint64_t a = notes->extension_files[i], b = notes->extension_files[best];
    char *const *names = notes->extensions.values;
    if (a > b || (a == b && strcmp(names[i], names[best]) < 0)) best = i;
  }
  return best;
}

void sy_folder_extensions(sy_folder_notes *notes, sy_text *words) {
  enum { MOST_TOLD = 5 };
  uint64_t left = notes->uncounted;
  for (size_t told = 0; left > 0 && told < MOST_TOLD; told++) {
    size_t next = next_extension(notes);
    const char *name = notes->extensions.values[next];
    sy_text_add(words, "%s%s %" PRIu64, told ? ", " : "", *name ? name : "without extension",
                notes->extension_files[next]);
    left -= notes->extension_files[next];
    notes->extension_files[next] = 0;
  }
  if (left > 0) sy_text_add(words, ", others %" PRIu64, left);
}

static void tell_uncounted(sy_folder_notes *notes, const char *root, char *const *classes,
                           sy_messages *messages) {
  if (notes->uncounted == 0) return;
  sy_text words = {0};
  bool alone = notes->uncounted_classes == 1, one = notes->uncounted == 1;
  sy_text_add(&words, "%s%s%s: %" PRIu64 " file%s", root, alone ? "/" : "",
              alone ? classes[notes->uncounted_class - 1] : "", notes->uncounted, one ? "" : "s");
  if (!alone) sy_text_add(&words, " in %zu classes", notes->uncounted_classes);
  sy_text_add(&words, " %s not counted: ", one ? "is" : "are");
  sy_folder_extensions(notes, &words);
  if (words.failed)
    notes->failed = true;
  else
    sy_messages_add(messages, "%s; --extensions '*' counts every file", words.data);
  free(words.data);
}

/* A folder of folders of classes, as of training and test images, was given by its outer name. */
static bool tell_too_deep(const sy_folder_notes *notes, const char *root, char *const *classes,
                          uint64_t counted, sy_messages *messages) {
  if (notes->n[SY_NOTICE_NESTED] != counted) return false;
  sy_messages_add(messages,
                  "%s: every file lies a folder deeper (%s); if those folders are the classes, "
                  "give %s/%s",
                  root, notes->examples[SY_NOTICE_NESTED], root, classes[0]);
  return true;
}

void sy_folder_notes_tell(sy_folder_notes *notes, const char *root, char *const *classes,
                          size_t n_classes, uint64_t counted, sy_messages *messages) {
  static const char *const words[SY_NOTICES][2] = {
      [SY_NOTICE_HIDDEN] = {"hidden entry is passed over", "hidden entries are passed over"},
      [SY_NOTICE_NOWHERE] = {"link leads nowhere and is passed over",
                             "links lead nowhere and are passed over"},
      [SY_NOTICE_LINKED] = {"link to a folder within a class is not followed",
                            "links to folders within classes are not followed"},
      [SY_NOTICE_SPECIAL] = {"pipe, socket or device is passed over",
                             "pipes, sockets or devices are passed over"},
      [SY_NOTICE_BESIDE] = {"file lies beside the class folders and belongs to none",
                            "files lie beside the class folders and belong to none"},
      [SY_NOTICE_NESTED] = {"file lies in a sub-folder of its class and counts to it",
                            "files lie in sub-folders of their classes and count to them"}};
  bool deep = n_classes > 0 && tell_too_deep(notes, root, classes, counted, messages);
  tell_uncounted(notes, root, classes, messages);
  for (size_t i = 0; i < SY_NOTICES; i++) {
    if (notes->n[i] == 0 || (i == SY_NOTICE_NESTED && deep)) continue;
    bool one = notes->n[i] == 1;
    sy_messages_add(messages, "%s: %" PRIu64 " %s (%s%s)", root, notes->n[i], words[i][!one],
                    notes->examples[i], one ? "" : " is one");
  }
}
