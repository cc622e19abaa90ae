/* choice.c: see choice.h. */
#include "base/choice.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

sy_status sy_fail_choice(const sy_choices *choices, const char *typed, sy_status status,
                         sy_error *error) {
  sy_text all = {0};
  for (size_t i = 0; i < choices->n; i++)
    sy_text_add(&all, "%s%s", i > 0 ? ", " : "", choices->forms[i]);
  if (all.failed) {
    free(all.data);
    return sy_fail_memory(error);
  }
  char shown[SY_SHOWN_SIZE], head[SY_SHOWN_SIZE];
  sy_shown(typed, head);
  head[strcspn(head, ":")] = 0;
  const char *nearest = sy_nearest_name(head, choices->names, choices->n);
  sy_fail(error, status, "there is no %s '%s'%s%s%s there are %s%s", choices->what,
          sy_shown(typed, shown), nearest ? "; did you mean '" : "", nearest ? nearest : "",
          nearest ? "'?" : ";", all.data, choices->more);
  free(all.data);
  return status;
}
