/* fork_at_call.h: a copy of the running program, to see what comes of it when a call fails.
 *
 * A program that is started anew for each of its calls walks all of its way up to the call each
 * time; a copy begins there. What both would share is parted: the copy goes on in a folder of its
 * own, TRUST_RUNS/N, with copies of the files that were in the working folder, and each file and
 * folder that is open is opened once more, at the same place. stdout and stderr part likewise if
 * they are files in the working folder. "N STATUS" goes to TRUST_RUNS/ended, with what waitpid
 * says. */
#ifndef TRUST_FORK_AT_CALL_H
#define TRUST_FORK_AT_CALL_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 60, CANNOT_FORK = 97, PATH_BYTES = 4096 };

/* Ends the process with a code that the script takes for no answer. */
static void require(bool holds, const char *what) {
  if (holds) return;
  dprintf(STDERR_FILENO, "trust: %s: %s\n", what, strerror(errno));
  _exit(CANNOT_FORK);
}

static void join(char path[PATH_BYTES], const char *folder, const char *name) {
  require(snprintf(path, PATH_BYTES, "%s/%s", folder, name) < PATH_BYTES, "a long path");
}

static void require_one_thread(void) {
  struct stat status;
  require(stat("/proc/self/task", &status) == 0 && status.st_nlink == 3, "more than one thread");
}

static void copy_file(const char *name, const char *folder) {
  char path[PATH_BYTES];
  join(path, folder, name);
  struct stat status;
  require(stat(name, &status) == 0 && S_ISREG(status.st_mode), "more than files in the folder");
  int from = open(name, O_RDONLY), to = open(path, O_WRONLY | O_CREAT | O_EXCL, status.st_mode);
  for (off_t left = status.st_size; left > 0;) {
    ssize_t copied = sendfile(to, from, NULL, (size_t)left);
    require(copied > 0, "sendfile");
    left -= copied;
  }
  require(from >= 0 && to >= 0, path);
  close(from);
  close(to);
}

static void copy_files(const char *folder) {
  require(mkdir(folder, 0777) == 0, folder);
  DIR *files = opendir(".");
  require(files != NULL, "opendir");
  for (struct dirent *file; (file = readdir(files)) != NULL;)
    if (strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0)
      copy_file(file->d_name, folder);
  closedir(files);
}

/* Pipes and devices stay shared. */
static void open_again(int file, const char *here, const char *folder) {
  struct stat status;
  if (fstat(file, &status) != 0 || !(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))) return;
  char link[64], path[PATH_BYTES], copy[PATH_BYTES];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  require(length > 0, link);
  path[length] = 0;
  size_t above = strlen(here);
  bool is_here = strncmp(path, here, above) == 0 && path[above] == '/';
  join(copy, is_here ? folder : "", path + (is_here ? above + 1 : 1));
  int opened = open(copy, fcntl(file, F_GETFL) & (O_ACCMODE | O_APPEND));
  require(opened >= 0, copy);
  require(lseek(opened, lseek(file, 0, SEEK_CUR), SEEK_SET) >= 0, copy);
  require(dup3(opened, file, fcntl(file, F_GETFD) & FD_CLOEXEC ? O_CLOEXEC : 0) == file, copy);
  close(opened);
}

static void open_all_again(const char *folder) {
  char here[PATH_BYTES];
  require(getcwd(here, sizeof here) != NULL, "getcwd");
  DIR *files = opendir("/proc/self/fd");
  require(files != NULL, "opendir");
  for (struct dirent *file; (file = readdir(files)) != NULL;) {
    int number = atoi(file->d_name);
    if (file->d_name[0] != '.' && number != dirfd(files)) open_again(number, here, folder);
  }
  closedir(files);
}

static void note_end(size_t nth, int status, const char *runs) {
  char path[PATH_BYTES];
  join(path, runs, "ended");
  int file = open(path, O_WRONLY | O_APPEND | O_CREAT, 0666);
  require(file >= 0, path);
  dprintf(file, "%zu %d\n", nth, status);
  close(file);
}

/* true in the copy. A copy that hangs is killed, and then no more are made. */
static bool fork_at_call(size_t nth, const char *runs) {
  int reason = errno;
  require_one_thread();
  pid_t copy = fork();
  require(copy >= 0, "fork");
  if (copy == 0) {
    char name[32], folder[PATH_BYTES];
    snprintf(name, sizeof name, "%zu", nth);
    join(folder, runs, name);
    copy_files(folder);
    open_all_again(folder);
    require(chdir(folder) == 0, folder);
    alarm(PATIENCE_SECONDS);
    return true;
  }
  int status;
  require(waitpid(copy, &status, 0) == copy, "waitpid");
  note_end(nth, status, runs);
  require(!WIFSIGNALED(status) || WTERMSIG(status) != SIGALRM, "a copy hung");
  errno = reason;
  return false;
}

#endif
