/* xgboost_library.c: finds XGBoost's library and its functions, once. */
#define _POSIX_C_SOURCE 200809L
#include "fit/boosted/xgboost_library.h"

#ifdef SY_XGBOOST

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* The copy that was there when this was built, then Debian's name, then that of the makers. */
static const char *const NAMES[] = {
#ifdef SY_XGBOOST_PATH
    SY_XGBOOST_PATH,
#endif
    "libxgboost.so.0", "libxgboost.so"};

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

static void load(void) {
  char reason[200] = "";
  for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
    void *handle = dlopen(NAMES[i], RTLD_NOW | RTLD_LOCAL);
    if (handle && find_functions(handle)) {
      int major = 0, minor = 0, patch = 0;
      library.XGBoostVersion(&major, &minor, &patch);
      snprintf(version, sizeof version, "%d.%d.%d", major, minor, patch);
      return;
    }
    const char *said = dlerror();
    if (!reason[0] && said) snprintf(reason, sizeof reason, "%s", said);
    if (handle) dlclose(handle);
  }
  snprintf(absence, sizeof absence,
           "growing trees needs XGBoost: install its library (Debian: libxgboost0); it cannot be "
           "loaded (%s)",
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

#else

const char *sy_xgboost_absence(void) {
  return "this steelyard was built without XGBoost: install its headers (Debian: libxgboost-dev) "
         "and build it anew";
}

const char *sy_xgboost_version(void) {
  return NULL;
}

#endif
