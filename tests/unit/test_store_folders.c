/* test_store_folders.c: class folders, counted by the names of their files. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "scratch_folder.h"

#include <fcntl.h>
#include <steelyard/store.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Makes folders ("a/") and files ("a/b.jpg"), apart by blanks, in this order. */
static void make(const char *entries) {
  char *copy = strdup(entries);
  for (char *path = strtok(copy, " "); path; path = strtok(NULL, " ")) {
    bool folder = path[strlen(path) - 1] == '/';
    int file = folder ? 0 : open(path, O_CREAT | O_WRONLY | O_EXCL, 0644);
    if (folder ? mkdir(path, 0755) != 0 : file < 0) fail_msg("%s cannot be made", path);
    if (!folder) close(file);
  }
  free(copy);
}

/* What came, as "cats 3, dogs 0; note; note". */
static void check(const char *path, const char *extensions, const char *wanted) {
  sy_class_folders folders;
  sy_error error;
  char text[2000] = "";
  if (sy_class_folders_read(path, extensions, (sy_progress){0}, &folders, &error) != SY_OK)
    fail_msg("%s", error.text);
  for (size_t k = 0; k < folders.n_classes; k++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s %llu", k ? ", " : "",
             folders.classes[k], (unsigned long long)folders.files[k]);
  for (size_t i = 0; i < sy_messages_count(folders.notes); i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "; %s",
             sy_messages_get(folders.notes, i));
  sy_class_folders_clear(&folders);
  assert_null(folders.classes);
  assert_string_equal(text, wanted);
}

static void check_fails(const char *path, const char *extensions, sy_status status,
                        const char *wanted) {
  sy_class_folders folders = {.n_classes = 7};
  sy_error error = {0};
  assert_int_equal(sy_class_folders_read(path, extensions, (sy_progress){0}, &folders, &error),
                   status);
  assert_string_equal(error.text, wanted);
  assert_true(folders.n_classes == 0 && !folders.classes && !folders.files && !folders.notes);
}

static void classes_are_counted_in_the_order_of_bytes(void **state) {
  (void)state;
  make("p/ p/b/ p/a/ p/B/ p/10/ p/9/ p/\xC3\xA9/ p/b/1.jpg p/b/2.PNG p/a/1.jpeg p/B/x.webp "
       "p/9/1.gif p/\xC3\xA9/1.bmp p/\xC3\xA9/2.tif p/\xC3\xA9/3.tiff p/\xC3\xA9/4.ppm");
  check("p", NULL, "10 0, 9 1, B 1, a 1, b 2, \xC3\xA9 4");
  check("p//", NULL, "10 0, 9 1, B 1, a 1, b 2, \xC3\xA9 4");
}

static void other_extensions_are_told(void **state) {
  (void)state;
  make(
      "p/ p/cats/ p/cats/1.jpg p/cats/a.txt p/cats/b.TXT p/cats/Thumbs.db p/cats/jpg p/cats/x.jpg~ "
      "p/dogs/ p/dogs/2.jpg");
  check("p", NULL,
        "cats 1, dogs 1; p/cats: 5 files are not counted: .txt 2, without extension 1, .db 1, "
        ".jpg~ 1; --extensions '*' counts every file");
  check("p", "*", "cats 6, dogs 1");
  check("p", "txt,.DB",
        "cats 3, dogs 0; p: 4 files in 2 classes are not counted: .jpg 2, without extension "
        "1, .jpg~ 1; --extensions '*' counts every file");
}

static void hidden_entries_and_links_are_told(void **state) {
  (void)state;
  make("p/ p/.git/ p/.git/1.jpg p/cats/ p/cats/1.jpg p/cats/.2.jpg far/ far/3.jpg far/4.jpg "
       "far/deep/ far/deep/5.jpg p/beside.jpg p/labels.csv");
  assert_int_equal(symlink("../far", "p/dogs"), 0);         /* a class */
  assert_int_equal(symlink("../../far", "p/cats/more"), 0); /* not followed */
  assert_int_equal(symlink("../../far/3.jpg", "p/cats/3.jpg"), 0);
  assert_int_equal(symlink("absent", "p/cats/4.jpg"), 0);
  assert_int_equal(symlink("self", "p/self"), 0);
  assert_int_equal(mkfifo("p/cats/5.jpg", 0600), 0);
  check("p", NULL,
        "cats 2, dogs 3; p: 2 hidden entries are passed over (.git is one); p: 2 links lead "
        "nowhere and are passed over (cats/4.jpg is one); p: 1 link to a folder within a class is "
        "not followed (cats/more); p: 1 pipe, socket or device is passed over (cats/5.jpg); p: 1 "
        "file lies beside the class folders and belongs to none (beside.jpg); p: 1 file lies in a "
        "sub-folder of its class and counts to it (dogs/deep/5.jpg)");
}

/* Links cannot make a walk go round. */
static void loops_end(void **state) {
  (void)state;
  make("p/ p/a/ p/a/b/ p/a/b/1.jpg p/a/2.jpg");
  assert_int_equal(symlink("../..", "p/a/b/up"), 0);
  assert_int_equal(symlink(".", "p/whole"), 0);
  check("p", NULL,
        "a 2, whole 2; p: 3 links to folders within classes are not followed (a/b/up is one); p: 3 "
        "files lie in sub-folders of their classes and count to them (a/b/1.jpg is one)");
}

static void a_folder_too_high_is_told(void **state) {
  (void)state;
  make("p/ p/test/ p/test/cat/ p/test/cat/1.jpg p/train/ p/train/cat/ p/train/cat/2.jpg "
       "p/train/dog/ p/train/dog/3.jpg");
  check("p", NULL,
        "test 1, train 2; p: every file lies a folder deeper (test/cat/1.jpg); if those folders "
        "are the classes, give p/test");
  check("p/train", NULL, "cat 1, dog 1");
}

/* Names that are no UTF-8, or hold line ends, are names. */
static void odd_names_are_names(void **state) {
  (void)state;
  make("p/ p/\xFF\xFE/ p/\xFF\xFE/\x80.jpg p/\xFF\xFE/\xE9t\xE9 p/a\nb/ p/a\nb/-.jpg");
  check("p", NULL,
        "a\nb 1, \xFF\xFE 1; p/\xFF\xFE: 1 file is not counted: without extension 1; --extensions "
        "'*' counts every file");
}

static void nothing_to_count_is_told(void **state) {
  (void)state;
  make("empty/ files/ files/1.jpg file two/ two/a/ two/b/ three/ three/a/ three/a/1.txt "
       "three/a/2.txt three/a/3.md");
  check_fails("absent", NULL, SY_FILE_NOT_READ,
              "absent: cannot be read: No such file or directory");
  check_fails("file", NULL, SY_FILE_NOT_READ,
              "file: is no folder; one whose sub-folders are the classes would be right");
  check_fails("empty", NULL, SY_NO_ROWS, "empty: has no sub-folders, which would be the classes");
  check_fails("files", NULL, SY_NO_ROWS,
              "files: has no sub-folders, which would be the classes; a file beside them belongs "
              "to none");
  check_fails("two", "jpg", SY_NO_ROWS, "two: no file of the extensions jpg in its 2 sub-folders");
  check_fails("two", "*", SY_NO_ROWS, "two: no file in its 2 sub-folders");
  check_fails("three", "jpg, .png", SY_NO_ROWS,
              "three: no file of the extensions jpg, png in its 1 sub-folder, but .txt 2, .md 1; "
              "--extensions names those that count, '*' is all");
  check_fails("three", " , .", SY_INVALID_ARGUMENT,
              "extensions: none is named; \"jpg,png\", or \"*\" for every file, would be right");
}

/* As somebody to whom not all is permitted. */
static void unreadable_folders_are_named(void **state) {
  make("p/ p/cats/ p/cats/1.jpg p/dogs/ p/dogs/deep/");
  assert_int_equal(chmod(*state, 0755), 0);
  assert_int_equal(chmod("p/dogs/deep", 0), 0);
  pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && setuid(65534) != 0) _exit(2);
    sy_class_folders folders;
    sy_error error;
    sy_status status = sy_class_folders_read("p", NULL, (sy_progress){0}, &folders, &error);
    _exit(status == SY_FILE_NOT_READ &&
                  strcmp(error.text, "p/dogs/deep: cannot be read: Permission denied") == 0
              ? 0
              : 1);
  }
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Deeper than there are file descriptors to hold folders open with. */
static void deep_folders_are_read(void **state) {
  (void)state;
  char path[4000] = "p";
  make("p/ p/a/");
  strcat(path, "/a");
  for (int i = 0; i < 1500; i++) {
    strcat(path, "/d");
    assert_int_equal(mkdir(path, 0755), 0);
  }
  strcat(path, "/x.jpg");
  make(path);
  sy_class_folders folders;
  sy_error error;
  if (sy_class_folders_read("p", NULL, (sy_progress){0}, &folders, &error) != SY_OK)
    fail_msg("%s", error.text);
  assert_int_equal(folders.files[0], 1);
  sy_class_folders_clear(&folders);
}

typedef struct told {
  int calls, most;
} told;

static bool tell(void *context, const char *stage, double fraction) {
  told *seen = context;
  assert_string_equal(stage, "counting the files of p");
  assert_true(fraction >= 0 && fraction <= 1);
  return ++seen->calls >= seen->most;
}

static void many_files_are_counted_and_can_be_cancelled(void **state) {
  (void)state;
  make("p/ p/a/ p/b/");
  for (int i = 0; i < 10000; i++) {
    char path[40];
    snprintf(path, sizeof path, "p/%c/%05d.jpg", i % 3 ? 'a' : 'b', i);
    make(path);
  }
  sy_class_folders folders;
  sy_error error;
  told seen = {0, 1000};
  sy_progress progress = {tell, &seen};
  assert_int_equal(sy_class_folders_read("p", NULL, progress, &folders, &error), SY_OK);
  assert_true(folders.files[0] == 6666 && folders.files[1] == 3334);
  assert_int_equal(seen.calls, 2);
  sy_class_folders_clear(&folders);
  seen = (told){0, 1};
  assert_int_equal(sy_class_folders_read("p", NULL, progress, &folders, &error), SY_CANCELLED);
  assert_null(folders.classes);
}

static void folders_survive_no_memory(void **state) {
  (void)state;
  make("p/ p/a/ p/a/1.jpg p/a/2.txt p/a/b/ p/a/b/3.jpg p/.hidden p/c/ p/4.jpg");
  sy_status status;
  size_t nth = 0;
  do {
    sy_class_folders folders;
    sy_memory_fail_nth(++nth);
    status = sy_class_folders_read("p", NULL, (sy_progress){0}, &folders, NULL);
    sy_memory_fail_nth(0);
    if (status == SY_OK) assert_int_equal(sy_messages_count(folders.notes), 4);
    assert_true(status == SY_OK || (status == SY_OUT_OF_MEMORY && !folders.classes));
    sy_class_folders_clear(&folders);
  } while (status != SY_OK);
  assert_true(nth > 20);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(classes_are_counted_in_the_order_of_bytes),
      IN_FOLDER(other_extensions_are_told),
      IN_FOLDER(hidden_entries_and_links_are_told),
      IN_FOLDER(loops_end),
      IN_FOLDER(a_folder_too_high_is_told),
      IN_FOLDER(odd_names_are_names),
      IN_FOLDER(nothing_to_count_is_told),
      IN_FOLDER(unreadable_folders_are_named),
      IN_FOLDER(deep_folders_are_read),
      IN_FOLDER(many_files_are_counted_and_can_be_cancelled),
      IN_FOLDER(folders_survive_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
