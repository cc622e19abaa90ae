/* write_model_seeds.c: model files to start from: the small models of the tests and a few of random
 * columns, classes, costs, calibrations and priors. Usage: write_model_seeds FOLDER, which exists.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_labels.h"
#include <steelyard/onnx.h>

enum { MODELS = 24, LARGEST = 20000 };

/* Small ones only: they are changed a thousand times a second. */
static void write_seed(sy_model *model, const char *folder, const char *name) {
  char path[4096];
  void *bytes;
  size_t size;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  if (sy_model_to_onnx(model, &bytes, &size, NULL)) abort();
  free(bytes);
  if (size <= LARGEST && sy_model_save(model, path, NULL)) abort();
  sy_model_free(model);
}

/* One of several labels a row. */
static void write_label_seed(random_table *table, const char *folder, unsigned seed) {
  random_parts parts;
  char name[32];
  snprintf(name, sizeof name, "labels-%02u", seed);
  if (!random_parts_draw(table, &parts, (random_kind)(seed % RANDOM_KINDS))) return;
  write_seed(random_labels_model(table, &parts), folder, name);
  random_parts_clear(&parts);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  write_seed(small_model(), argv[1], "small");
  write_seed(decided_model(), argv[1], "decided");
  write_seed(small_network(), argv[1], "network");
  write_seed(small_labels(), argv[1], "labels");
  write_seed(small_forest(), argv[1], "forest");
  write_seed(small_label_trees(), argv[1], "label-trees");
  for (unsigned seed = 0; seed < MODELS; seed++) {
    random_table *table = random_table_new(seed);
    sy_model *model = random_any_new(table, seed);
    char name[32];
    snprintf(name, sizeof name, "random-%02u", seed);
    if (model && seed % 2) random_adjust(table, model);
    if (model) write_seed(model, argv[1], name);
    write_label_seed(table, argv[1], seed);
    free(table);
  }
  return 0;
}
