/* class_folders.c: files of class folders, counted by their names. */
#define _DEFAULT_SOURCE /* d_type: what an entry is, without asking for each */

#include "base/error.h"
#include "base/memory.h"
#include "store/folder_notes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <steelyard/store.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const char images[] = "bmp,gif,jpeg,jpg,png,ppm,tif,tiff,webp";

/* Texts, owned. */
typedef struct list {
  char **items;
  size_t n, capacity;
} list;

typedef struct walk {
  const char *root;
  list extensions; /* without dots; none = every file counts */
  list classes;
  list pending; /* folders of the class still to be read, from the root on */
  uint64_t *files;
  sy_folder_notes notes;
  sy_progress progress;
  char *stage;
  size_t entries; /* seen, for asking now and then */
  size_t k;       /* class under way */
  sy_error *error;
} walk;

static bool list_add(list *to, const char *text, size_t length) {
  if (to->n == to->capacity) {
    size_t capacity = to->capacity ? 2 * to->capacity : 16;
    char **items = sy_realloc(to->items, capacity, sizeof *items);
    if (!items) return false;
    to->items = items;
    to->capacity = capacity;
  }
  to->items[to->n] = sy_copy_bytes(text, length);
  return to->items[to->n] && ++to->n;
}

static void list_clear(list *of) {
  for (size_t i = 0; i < of->n; i++) free(of->items[i]);
  free(of->items);
  *of = (list){0};
}

static int compare_texts(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "jpg, .PNG" -> jpg, PNG. */
static sy_status read_extensions(walk *work, const char *text) {
  if (!text) text = images;
  if (strcmp(text, "*") == 0) return SY_OK;
  while (*text) {
    text += strspn(text, ", \t");
    size_t length = strcspn(text, ", \t");
    size_t dots = strspn(text, ".");
    if (dots < length && !list_add(&work->extensions, text + dots, length - dots))
      return sy_fail_memory(work->error);
    text += length;
  }
  if (work->extensions.n) return SY_OK;
  return sy_fail(work->error, SY_INVALID_ARGUMENT,
                 "extensions: none is named; \"jpg,png\", or \"*\" for every file, would be right");
}

static bool counts(const walk *work, const char *name) {
  size_t length = strlen(name);
  for (size_t i = 0; i < work->extensions.n; i++) {
    const char *extension = work->extensions.items[i];
    size_t size = strlen(extension);
    if (length > size + 1 && name[length - size - 1] == '.' &&
        strcasecmp(name + length - size, extension) == 0)
      return true;
  }
  return work->extensions.n == 0;
}

/* --- entries --- */

typedef enum kind { IS_FILE, IS_FOLDER, IS_NOWHERE, IS_SPECIAL } kind;

static kind kind_of_mode(mode_t mode) {
  return S_ISREG(mode) ? IS_FILE : S_ISDIR(mode) ? IS_FOLDER : IS_SPECIAL;
}

/* Says what an entry is, or what a link leads to; *linked tells a link. False with errno. */
static bool look_at(DIR *folder, const struct dirent *entry, kind *is, bool *linked) {
  struct stat facts;
  *linked = entry->d_type == DT_LNK;
  if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN) {
    *is = entry->d_type == DT_REG ? IS_FILE : entry->d_type == DT_DIR ? IS_FOLDER : IS_SPECIAL;
    return true;
  }
  if (entry->d_type == DT_UNKNOWN) { /* some file systems do not say */
    if (fstatat(dirfd(folder), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) return false;
    *linked = S_ISLNK(facts.st_mode);
  }
  bool found = fstatat(dirfd(folder), entry->d_name, &facts, 0) == 0;
  *is = found ? kind_of_mode(facts.st_mode) : IS_NOWHERE;
  return found || errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
}

static sy_status fail_read(const walk *work, const char *folder, const char *name, int reason) {
  return sy_fail(work->error, SY_FILE_NOT_READ, "%s%s%s%s%s: cannot be read: %s", work->root,
                 *folder ? "/" : "", folder, *name ? "/" : "", name, strerror(reason));
}

static sy_status take_file(walk *work, const char *folder, bool nested, const char *name) {
  if (!counts(work, name)) {
    sy_folder_uncounted(&work->notes, work->k, name);
  } else {
    work->files[work->k]++;
    if (nested) sy_folder_notice(&work->notes, SY_NOTICE_NESTED, folder, name);
  }
  return SY_OK;
}

/* An entry of a class's folder, or of one within. */
static sy_status take_within(walk *work, const char *folder, const char *name, kind is,
                             bool linked) {
  if (is == IS_FILE) return take_file(work, folder, strchr(folder, '/') != NULL, name);
  if (is == IS_FOLDER && linked) {
    sy_folder_notice(&work->notes, SY_NOTICE_LINKED, folder, name);
    return SY_OK;
  }
  if (is != IS_FOLDER) {
    sy_folder_notice(&work->notes, is == IS_NOWHERE ? SY_NOTICE_NOWHERE : SY_NOTICE_SPECIAL, folder,
                     name);
    return SY_OK;
  }
  sy_text path = {0};
  sy_text_add(&path, "%s/%s", folder, name);
  bool added = !path.failed && list_add(&work->pending, path.data, path.length);
  free(path.data);
  return added ? SY_OK : sy_fail_memory(work->error);
}

/* An entry of the root: a sub-folder is a class. */
static sy_status take_class(walk *work, const char *name, kind is) {
  if (is == IS_FOLDER)
    return list_add(&work->classes, name, strlen(name)) ? SY_OK : sy_fail_memory(work->error);
  if (is == IS_NOWHERE) sy_folder_notice(&work->notes, SY_NOTICE_NOWHERE, "", name);
  if (is == IS_FILE && counts(work, name))
    sy_folder_notice(&work->notes, SY_NOTICE_BESIDE, "", name);
  return SY_OK;
}

static sy_status take_entry(walk *work, DIR *opened, const struct dirent *entry,
                            const char *folder) {
  const char *name = entry->d_name;
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return SY_OK;
  if (name[0] == '.') {
    sy_folder_notice(&work->notes, SY_NOTICE_HIDDEN, folder, name);
    return SY_OK;
  }
  kind is;
  bool linked;
  if (!look_at(opened, entry, &is, &linked)) return fail_read(work, folder, name, errno);
  return *folder ? take_within(work, folder, name, is, linked) : take_class(work, name, is);
}

static sy_status ask(walk *work) {
  enum { OFTEN = 4096 };
  if (++work->entries % OFTEN != 0) return SY_OK;
  double done = work->classes.n ? (double)work->k / (double)work->classes.n : 0;
  return sy_progress_tell(work->progress, work->stage, done, work->error);
}

/* Reads the folder `folder` of the root; "" is the root itself. */
static sy_status read_folder(walk *work, const char *folder) {
  sy_text path = {0};
  sy_text_add(&path, "%s%s%s", work->root, *folder ? "/" : "", folder);
  if (path.failed) return sy_fail_memory(work->error);
  DIR *opened = opendir(path.data);
  int reason = errno;
  free(path.data);
  if (!opened) return fail_read(work, folder, "", reason);
  sy_status status = SY_OK;
  while (status == SY_OK) {
    errno = 0;
    struct dirent *entry = readdir(opened);
    if (!entry && errno) status = fail_read(work, folder, "", errno);
    if (!entry) break;
    status = take_entry(work, opened, entry, folder);
    if (status == SY_OK) status = ask(work);
  }
  closedir(opened);
  return status;
}

/* --- the walk --- */

static sy_status read_class(walk *work) {
  const char *name = work->classes.items[work->k];
  if (!list_add(&work->pending, name, strlen(name))) return sy_fail_memory(work->error);
  sy_status status = SY_OK;
  while (work->pending.n > 0 && status == SY_OK) {
    char *folder = work->pending.items[--work->pending.n];
    status = read_folder(work, folder);
    free(folder);
  }
  return status;
}

static sy_status read_root(walk *work) {
  struct stat facts;
  if (stat(work->root, &facts) == 0 && !S_ISDIR(facts.st_mode))
    return sy_fail(work->error, SY_FILE_NOT_READ,
                   "%s: is no folder; one whose sub-folders are the classes would be right",
                   work->root);
  sy_status status = read_folder(work, "");
  if (status != SY_OK) return status;
  uint64_t beside = work->notes.n[SY_NOTICE_BESIDE];
  if (work->classes.n == 0)
    return sy_fail(work->error, SY_NO_ROWS, "%s: has no sub-folders, which would be the classes%s",
                   work->root, beside ? "; a file beside them belongs to none" : "");
  qsort(work->classes.items, work->classes.n, sizeof *work->classes.items, compare_texts);
  work->files = sy_alloc_zero(work->classes.n, sizeof *work->files);
  return work->files ? SY_OK : sy_fail_memory(work->error);
}

static sy_status fail_empty(walk *work) {
  const char *plural = work->classes.n == 1 ? "" : "s";
  sy_text wanted = {0}, there = {0};
  for (size_t i = 0; i < work->extensions.n; i++)
    sy_text_add(&wanted, "%s%s", i ? ", " : " of the extensions ", work->extensions.items[i]);
  sy_folder_extensions(&work->notes, &there);
  sy_status status = SY_NO_ROWS;
  if (wanted.failed || there.failed)
    status = sy_fail_memory(work->error);
  else
    sy_fail(work->error, status, "%s: no file%s in its %zu sub-folder%s%s%s%s", work->root,
            wanted.data ? wanted.data : "", work->classes.n, plural, there.data ? ", but " : "",
            there.data ? there.data : "",
            there.data ? "; --extensions names those that count, '*' is all" : "");
  free(wanted.data);
  free(there.data);
  return status;
}

static sy_status count(walk *work, const char *extensions) {
  sy_status status = read_extensions(work, extensions);
  if (status == SY_OK) status = read_root(work);
  for (work->k = 0; work->k < work->classes.n && status == SY_OK; work->k++)
    status = read_class(work);
  if (status != SY_OK) return status;
  uint64_t total = 0;
  for (size_t k = 0; k < work->classes.n; k++) total += work->files[k];
  return total ? SY_OK : fail_empty(work);
}

static sy_status deliver(walk *work, sy_class_folders *folders) {
  uint64_t total = 0;
  for (size_t k = 0; k < work->classes.n; k++) total += work->files[k];
  sy_messages *messages = work->notes.failed ? NULL : sy_messages_new();
  if (!messages) return sy_fail_memory(work->error);
  sy_folder_notes_tell(&work->notes, work->root, work->classes.items, work->classes.n, total,
                       messages);
  sy_status status = sy_messages_check(messages, work->error);
  if (status == SY_OK && work->notes.failed) status = sy_fail_memory(work->error);
  if (status != SY_OK) {
    sy_messages_free(messages);
    return status;
  }
  *folders = (sy_class_folders){work->classes.n, work->classes.items, work->files, messages};
  work->classes = (list){0};
  work->files = NULL;
  return SY_OK;
}

sy_status sy_class_folders_read(const char *path, const char *extensions, sy_progress progress,
                                sy_class_folders *folders, sy_error *error) {
  *folders = (sy_class_folders){0};
  sy_text root = {0}, stage = {0};
  sy_text_put(&root, path);
  while (root.length > 1 && root.data[root.length - 1] == '/') root.data[--root.length] = 0;
  sy_text_add(&stage, "counting the files of %s", root.data ? root.data : "");
  walk work = {.root = root.data, .progress = progress, .stage = stage.data, .error = error};
  sy_status status = root.failed || stage.failed ? sy_fail_memory(error) : SY_OK;
  if (status == SY_OK) status = count(&work, extensions);
  if (status == SY_OK) status = deliver(&work, folders);
  list_clear(&work.extensions);
  list_clear(&work.classes);
  list_clear(&work.pending);
  free(work.files);
  sy_folder_notes_clear(&work.notes);
  free(root.data);
  free(stage.data);
  return status;
}

void sy_class_folders_clear(sy_class_folders *folders) {
  for (size_t k = 0; k < folders->n_classes; k++) free(folders->classes[k]);
  free(folders->classes);
  free(folders->files);
  sy_messages_free(folders->notes);
  *folders = (sy_class_folders){0};
}
