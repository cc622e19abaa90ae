/* status.c: status codes in words, and the version. */
#include <steelyard/base.h>

const char *sy_status_name(sy_status status) {
  switch (status) {
#define X(name, value, text)                                                                       \
  case name:                                                                                       \
    return #name;
    SY_STATUS_TABLE(X)
#undef X
  }
  return "SY_UNKNOWN";
}

const char *sy_status_text(sy_status status) {
  switch (status) {
#define X(name, value, text)                                                                       \
  case name:                                                                                       \
    return text;
    SY_STATUS_TABLE(X)
#undef X
  }
  return "unknown status";
}

const char *sy_version(void) {
  return SY_VERSION;
}
