/* A service of somebody else's: decides by a model that is there, with libsteelyard-score alone. */
#include "decide.h"

int main(int argc, char **argv) {
  sy_error error = {0};
  if (argc != 2) return 2;
  if (decide(argv[1], &error) == SY_OK) return 0;
  fprintf(stderr, "%s\n", error.text);
  return 1;
}
