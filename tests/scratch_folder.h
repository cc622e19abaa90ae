/* scratch_folder.h: a new folder for each test to work in. */
#ifndef TESTS_SCRATCH_FOLDER_H
#define TESTS_SCRATCH_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Each test runs in a new folder, which its teardown removes. */
static char home[4096];

static inline int enter_folder(void **state) {
  char *folder = strdup("/tmp/steelyard-test-XXXXXX");
  *state = folder;
  return getcwd(home, sizeof home) && mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static inline int leave_folder(void **state) {
  char command[256];
  snprintf(command, sizeof command, "chmod -R u+rwx '%s' && rm -rf '%s'", (char *)*state,
           (char *)*state);
  free(*state);
  return chdir(home) == 0 ? system(command) : -1;
}

#endif
