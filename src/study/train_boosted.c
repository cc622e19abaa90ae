/* train_boosted.c: one training of boosted trees on some of the rows of a study. */
#include "study/trainings.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static sy_status fit(const sy_bench *bench, const sy_training *training, sy_trained *trained,
                     sy_error *error) {
  sy_trainings *trainings = bench->trainings;
  sy_boosted_options options = trainings->boosted;
  sy_onlooker looks = {bench->options, trainings->done + 1, trainings->total};
  sy_training_hooks hooks = sy_onlooker_hooks(&looks, training->progress);
  options.stop_after = training->epochs;
  sy_training_data data = {.rows = sy_bench_rows(bench),
                           .ids = bench->ids,
                           .n_outputs = bench->n_classes,
                           .row_weights = bench->weights,
                           .class_weights = trained->class_weights,
                           .row_costs = trainings->row_costs,
                           .held = trained->held ? trainings->held : NULL};
  trainings->done++;
  return sy_fit_boosted(&data, &options, &hooks, &trained->predictor, &trained->training, error);
}

/* A base of -inf stays, of a class that was not learnt. */
static void steepen_parts(const sy_forest *forest, const double *slopes, sy_tree_node *nodes,
                          double *base) {
  const double *own = forest->n_outputs == 1 ? slopes + 1 : slopes;
  memcpy(nodes, forest->nodes, forest->n_nodes * sizeof *nodes);
  for (size_t o = 0; o < forest->n_outputs; o++)
    base[o] = isfinite(forest->base[o]) ? forest->base[o] * own[o] : forest->base[o];
  for (size_t t = 0; t < forest->n_trees; t++) {
    size_t end = t + 1 < forest->n_trees ? forest->roots[t + 1] : forest->n_nodes;
    for (size_t i = forest->roots[t]; i < end; i++)
      if (nodes[i].feature == SY_TREE_LEAF)
        nodes[i].value = (float)((double)nodes[i].value * own[forest->outputs[t]]);
  }
}

/* Of two classes the logit of class 0 is 0 under any slope, and what its offset moves is undone as
 * a class weight. */
sy_status sy_trees_steepen(sy_predictor **predictor, const double *slopes, sy_error *error) {
  sy_forest forest = *sy_predictor_forest(*predictor);
  sy_tree_node *nodes = sy_alloc(forest.n_nodes, sizeof *nodes);
  double *base = sy_alloc(forest.n_outputs, sizeof *base);
  sy_predictor *steep = NULL;
  sy_status status = nodes && base ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK) {
    steepen_parts(&forest, slopes, nodes, base);
    forest.nodes = nodes;
    forest.base = base;
    status = sy_predictor_boosted(&forest, sy_predictor_n_classes(*predictor), &steep, error);
  }
  free(nodes);
  free(base);
  if (status != SY_OK) return status;
  sy_predictor_free(*predictor);
  *predictor = steep;
  return SY_OK;
}

sy_status sy_train_boosted(sy_bench *bench, const sy_training *training, sy_trained *trained,
                           sy_error *error) {
  sy_trainings *trainings = bench->trainings;
  sy_status status = SY_OK;
  if (training->epochs == 0)
    status = sy_trainings_hold(bench, trained->class_weights, &trained->held, error);
  sy_trainings_count(trainings, trained->counts);
  if (status == SY_OK) status = fit(bench, training, trained, error);
  if (status == SY_OK)
    status = sy_trainings_undo(trainings, trained->counts, false, trained->class_weights,
                               &trained->predictor, error);
  if (status == SY_OK) sy_trainings_tell(bench, training, trained);
  return status;
}
