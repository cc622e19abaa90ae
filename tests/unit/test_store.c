/* test_store.c: files whole or not at all. */
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

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <steelyard/store.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_text(const char *path, const char *text) {
  sy_error error;
  if (sy_file_write(path, text, strlen(text), &error) != SY_OK) fail_msg("%s", error.text);
}

static void check_text(const char *path, const char *wanted) {
  void *bytes;
  size_t size;
  sy_error error;
  if (sy_file_read(path, &bytes, &size, &error) != SY_OK) fail_msg("%s", error.text);
  assert_int_equal(size, strlen(wanted));
  assert_string_equal(bytes, wanted);
  free(bytes);
}

/* Number of entries of a folder, hidden ones included. */
static size_t entries(const char *folder) {
  size_t n = 0;
  DIR *listing = opendir(folder);
  while (readdir(listing)) n++;
  closedir(listing);
  return n - 2;
}

static mode_t mode_of(const char *path) {
  struct stat status;
  assert_int_equal(stat(path, &status), 0);
  return status.st_mode & 07777;
}

static void check_not_written(const char *path, const char *wanted) {
  sy_error error = {0};
  assert_int_equal(sy_file_check_writable(path, &error), SY_FILE_NOT_WRITTEN);
  if (!strstr(error.text, wanted)) fail_msg("'%s' does not hold '%s'", error.text, wanted);
  error = (sy_error){0};
  assert_int_equal(sy_file_write(path, "x", 1, &error), SY_FILE_NOT_WRITTEN);
  if (!strstr(error.text, wanted)) fail_msg("'%s' does not hold '%s'", error.text, wanted);
}

static void what_is_written_is_read(void **state) {
  (void)state;
  write_text("a.txt", "first");
  check_text("a.txt", "first");
  write_text("./a.txt", "second, longer");
  check_text("a.txt", "second, longer");
  write_text("a.txt", "");
  check_text("a.txt", "");
  size_t size = 3 << 20;
  unsigned char *bytes = malloc(size);
  for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)(i * 7 + i / 256);
  assert_int_equal(sy_file_write("large", bytes, size, NULL), SY_OK);
  void *read;
  size_t read_size;
  assert_int_equal(sy_file_read("large", &read, &read_size, NULL), SY_OK);
  assert_int_equal(read_size, size);
  assert_memory_equal(read, bytes, size);
  assert_int_equal(((char *)read)[size], 0);
  free(read);
  free(bytes);
  assert_int_equal(entries("."), 2);
}

static void long_names_are_written(void **state) {
  (void)state;
  char name[256];
  memset(name, 'n', 255);
  name[255] = 0;
  write_text(name, "long");
  check_text(name, "long");
}

static void modes_are_kept(void **state) {
  (void)state;
  mode_t before = umask(027);
  write_text("new", "x");
  assert_int_equal(mode_of("new"), 0640);
  assert_int_equal(chmod("new", 0604), 0);
  write_text("new", "y");
  assert_int_equal(mode_of("new"), 0604);
  umask(before);
}

static void links_are_written_through(void **state) {
  (void)state;
  struct stat status;
  assert_int_equal(mkdir("folder", 0755), 0);
  write_text("folder/target", "old");
  assert_int_equal(symlink("folder/target", "link"), 0);
  assert_int_equal(symlink("link", "link-to-link"), 0);
  write_text("link-to-link", "new");
  check_text("folder/target", "new");
  assert_int_equal(lstat("link-to-link", &status), 0);
  assert_true(S_ISLNK(status.st_mode));
  assert_int_equal(symlink("folder/not-yet", "dangling"), 0);
  write_text("dangling", "made");
  check_text("folder/not-yet", "made");
  assert_int_equal(entries("folder"), 2);
  assert_int_equal(symlink("loop", "loop"), 0);
  check_not_written("loop", "loop: cannot be written: ");
}

static void what_cannot_be_written_is_told(void **state) {
  (void)state;
  write_text("file", "kept");
  assert_int_equal(mkdir("folder", 0755), 0);
  check_not_written("folder", "folder: cannot be written: this is a folder");
  check_not_written("absent/file", "its folder cannot be used: No such file");
  check_not_written("file/below", "Not a directory");
  check_not_written("folder/", "this is a folder");
  check_not_written("absent/", "this names no file");
  check_not_written("", "this names no file");
  assert_int_equal(entries("."), 2);
  assert_int_equal(sy_file_check_writable("new", NULL), SY_OK);
  assert_int_equal(sy_file_check_writable("file", NULL), SY_OK);
  assert_int_equal(entries("."), 2);
  if (geteuid() == 0) return; /* to whom all is permitted */
  assert_int_equal(chmod("file", 0444), 0);
  check_not_written("file", "Permission denied");
  assert_int_equal(chmod("folder", 0555), 0);
  check_not_written("folder/file", "its folder cannot be used: Permission denied");
}

/* A full disk, as far as a test can have one: files may not grow over 1000 bytes. */
static void failure_leaves_the_old_file(void **state) {
  (void)state;
  write_text("file", "old");
  pid_t child = fork();
  if (child == 0) {
    struct rlimit limit = {1000, 1000};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    char bytes[5000] = {0};
    sy_error error;
    sy_status status = sy_file_write("file", bytes, sizeof bytes, &error);
    _exit(status == SY_FILE_NOT_WRITTEN && strstr(error.text, "File too large") ? 0 : 1);
  }
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  check_text("file", "old");
  assert_int_equal(entries("."), 1);
}

static void what_cannot_be_read_is_told(void **state) {
  (void)state;
  void *bytes = &bytes;
  size_t size = 1;
  sy_error error;
  assert_int_equal(sy_file_read("absent", &bytes, &size, &error), SY_FILE_NOT_READ);
  assert_string_equal(error.text, "absent: cannot be read: No such file or directory");
  assert_null(bytes);
  assert_int_equal(size, 0);
  assert_int_equal(sy_file_read(".", &bytes, &size, &error), SY_FILE_NOT_READ);
  assert_string_equal(error.text, ".: this is a folder, not a file");
}

static void *write_slowly(void *context) {
  (void)context;
  FILE *pipe = fopen("pipe", "w");
  for (int i = 0; i < 100000; i++) fprintf(pipe, "%05d", i);
  fclose(pipe);
  return NULL;
}

static void pipes_are_read(void **state) {
  (void)state;
  pthread_t writer;
  assert_int_equal(mkfifo("pipe", 0600), 0);
  assert_int_equal(pthread_create(&writer, NULL, write_slowly, NULL), 0);
  void *bytes;
  size_t size;
  assert_int_equal(sy_file_read("pipe", &bytes, &size, NULL), SY_OK);
  pthread_join(writer, NULL);
  assert_int_equal(size, 500000);
  assert_string_equal((char *)bytes + 499995, "99999");
  free(bytes);
}

static void *read_slowly(void *context) {
  void *bytes;
  size_t *size = context;
  if (sy_file_read("pipe", &bytes, size, NULL) == SY_OK) free(bytes);
  return NULL;
}

static void pipes_are_written_to(void **state) {
  (void)state;
  pthread_t reader;
  size_t size = 300000, received = 0;
  char *bytes = calloc(size, 1);
  assert_int_equal(mkfifo("pipe", 0600), 0);
  assert_int_equal(sy_file_check_writable("pipe", NULL), SY_OK);
  assert_int_equal(pthread_create(&reader, NULL, read_slowly, &received), 0);
  assert_int_equal(sy_file_write("pipe", bytes, size, NULL), SY_OK);
  pthread_join(reader, NULL);
  assert_int_equal(received, size);
  struct stat status;
  assert_int_equal(stat("pipe", &status), 0);
  assert_true(S_ISFIFO(status.st_mode));
  assert_int_equal(entries("."), 1);
  free(bytes);
}

/* /dev/stdout is what stdout is, at its position: `steelyard ... -o /dev/stdout >> log`. */
static void stdout_is_written_as_it_is(void **state) {
  (void)state;
  write_text("log", "before ");
  pid_t child = fork();
  if (child == 0) {
    int file = open("log", O_WRONLY | O_APPEND);
    dup2(file, STDOUT_FILENO);
    bool done = sy_file_check_writable("/dev/stdout", NULL) == SY_OK &&
                sy_file_write("/dev/stdout", "one ", 4, NULL) == SY_OK &&
                sy_file_write("/dev/fd/1", "two", 3, NULL) == SY_OK;
    close(STDOUT_FILENO);
    close(file);
    bool refused = sy_file_check_writable("/dev/stdout", NULL) == SY_FILE_NOT_WRITTEN &&
                   sy_file_write("/dev/stdout", "x", 1, NULL) == SY_FILE_NOT_WRITTEN;
    _exit(done && refused ? 0 : 1);
  }
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  check_text("log", "before one two");
}

static void devices_are_written_to(void **state) {
  (void)state;
  assert_int_equal(sy_file_write("/dev/null", "x", 1, NULL), SY_OK);
  sy_error error;
  assert_int_equal(sy_file_write("/dev/full", "x", 1, &error), SY_FILE_NOT_WRITTEN);
  assert_string_equal(error.text, "/dev/full: cannot be written: No space left on device");
}

static void files_survive_no_memory(void **state) {
  (void)state;
  void *bytes;
  size_t size;
  write_text("file", "old");
  assert_int_equal(symlink("file", "link"), 0);
  sy_memory_fail_nth(1);
  assert_int_equal(sy_file_read("file", &bytes, &size, NULL), SY_OUT_OF_MEMORY);
  assert_null(bytes);
  sy_status status;
  size_t nth = 0;
  do {
    sy_memory_fail_nth(++nth);
    status = sy_file_write("link", "new", 3, NULL);
    sy_memory_fail_nth(0);
    assert_true(status == SY_OK || status == SY_OUT_OF_MEMORY || status == SY_FILE_NOT_WRITTEN);
    check_text("file", status == SY_OK ? "new" : "old");
    assert_int_equal(entries("."), 2);
  } while (status != SY_OK);
  assert_true(nth > 3);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(what_is_written_is_read),
      IN_FOLDER(long_names_are_written),
      IN_FOLDER(modes_are_kept),
      IN_FOLDER(links_are_written_through),
      IN_FOLDER(what_cannot_be_written_is_told),
      IN_FOLDER(failure_leaves_the_old_file),
      IN_FOLDER(what_cannot_be_read_is_told),
      IN_FOLDER(pipes_are_read),
      IN_FOLDER(pipes_are_written_to),
      IN_FOLDER(stdout_is_written_as_it_is),
      IN_FOLDER(devices_are_written_to),
      IN_FOLDER(files_survive_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
