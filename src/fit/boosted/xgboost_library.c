/* xgboost_library.c: finds XGBoost's library and its functions, once. */
#define _POSIX_C_SOURCE 200809L
#include "fit/boosted/xgboost_library.h"

#include "base/error.h"

#include <string.h>

enum { PATH_SIZE = 4096 };

static sy_status check_path(const char *path, sy_error *error) {
  if (!path || strlen(path) < PATH_SIZE) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "the path of XGBoost's library has %zu bytes: at most "
                 "%d",
                 strlen(path), PATH_SIZE - 1);
}

#ifdef SY_XGBOOST

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static char located[PATH_SIZE];
static pthread_mutex_t locating = PTHREAD_MUTEX_INITIALIZER;

/* Debian's name and that of the makers; a test has others. */
#ifndef SY_XGBOOST_NAMES
#define SY_XGBOOST_NAMES "libxgboost.so.0", "libxgboost.so"
#endif

/* The copy that was there when this was built, then by name, then where the caller said. */
static const char *const NAMES[] = {
#ifdef SY_XGBOOST_PATH
    SY_XGBOOST_PATH,
#endif
    SY_XGBOOST_NAMES, located};

static sy_xgboost_library library;
static char version[40], absence[400];

static bool find_functions(void *handle) {
  struct {
    const char *name;
    void *member;
  } functions[] = {
#define SY_ENTRY(function) {#function, &library.function},
      SY_XGBOOST_FUNCTIONS(SY_ENTRY)
#undef SY_ENTRY
  };
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    void *found = dlsym(handle, functions[i].name);
    if (!found) return false;
    memcpy(functions[i].member, &found, sizeof found);
  }
  void *newer = dlsym(handle, "XGBoosterTrainOneIter");
  memcpy(&library.XGBoosterTrainOneIter, &newer, sizeof newer);
  return true;
}

/* An address of a function and one of an object are of one size: POSIX asks for it. */
_Static_assert(sizeof(void *) == sizeof(void (*)(void)), "dlsym");

/* A library does not print. */
static void ignore_log(const char *message) {
  (void)message;
}

/* Whether XGBoost is at this place. A copy that another part of the process uses keeps the log
 * that it was given there. */
static bool open_library(const char *name) {
  bool shared = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!handle) return false;
  if (!find_functions(handle)) {
    dlclose(handle);
    return false;
  }
  int major = 0, minor = 0, patch = 0;
  library.XGBoostVersion(&major, &minor, &patch);
  snprintf(version, sizeof version, "%d.%d.%d", major, minor, patch);
  if (!shared) library.XGBRegisterLogCallback(ignore_log);
  return true;
}

static void load(void) {
  char reason[200] = "";
  pthread_mutex_lock(&locating);
  for (size_t i = 0; !version[0] && i < sizeof NAMES / sizeof NAMES[0]; i++) {
    if (NAMES[i][0] == '\0' || open_library(NAMES[i])) continue;
    const char *said = dlerror();
    if (!reason[0] && said) snprintf(reason, sizeof reason, "%s", said);
  }
  pthread_mutex_unlock(&locating);
  if (version[0]) return;
  snprintf(absence, sizeof absence,
           "growing trees needs XGBoost: install its library (Debian: libxgboost0; for Python: pip "
           "install xgboost); it cannot be loaded (%s)",
           reason);
}

static void load_once(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  (void)pthread_once(&once, load);
}

const sy_xgboost_library *sy_xgboost_load(void) {
  load_once();
  return version[0] ? &library : NULL;
}

const char *sy_xgboost_absence(void) {
  load_once();
  return version[0] ? NULL : absence;
}

const char *sy_xgboost_version(void) {
  load_once();
  return version[0] ? version : NULL;
}

sy_status sy_xgboost_locate(const char *path, sy_error *error) {
  sy_status status = check_path(path, error);
  if (status != SY_OK) return status;
  pthread_mutex_lock(&locating);
  strcpy(located, path ? path : "");
  pthread_mutex_unlock(&locating);
  return SY_OK;
}

#else

const char *sy_xgboost_absence(void) {
  return "this steelyard was built without XGBoost: install its headers (Debian: libxgboost-dev) "
         "and build it anew";
}

const char *sy_xgboost_version(void) {
  return NULL;
}

sy_status sy_xgboost_locate(const char *path, sy_error *error) {
  return check_path(path, error);
}

#endif
