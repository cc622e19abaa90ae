/* label_boosted.c: several labels a row by boosted trees: a forest of two classes for each label,
 * joined into one. Each label ends in its own time. */
#include "study/label_train.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "study/trainings.h"

/* The training of one label among all. */
typedef struct label_fit {
  sy_label_bench *bench;
  const sy_label_training *training;
  sy_label_trained *trained;
  sy_predictor **predictors; /* (L) NULL = a constant */
  double *constants;         /* (L) */
  uint8_t *held;             /* (n) */
  size_t label;
} label_fit;

static bool relay(void *context, const char *stage, double fraction) {
  const label_fit *fit = context;
  const sy_progress *to = &fit->training->progress;
  double done = ((double)fit->label + fraction) / (double)fit->bench->n_labels;
  return to->call(to->context, stage, done);
}

/* Rows of a kind of which none would be left to train on are not held back. */
static void hold(const label_fit *fit) {
  const sy_label_bench *bench = fit->bench;
  bool trains[2] = {false, false};
  for (size_t i = 0; i < bench->n; i++) {
    bool held = fit->trained->held && bench->held[i];
    fit->held[i] = held;
    if (bench->weights[i] > 0 && !held) trains[bench->ids[i]] = true;
  }
  for (size_t i = 0; i < bench->n; i++)
    if (!trains[bench->ids[i]]) fit->held[i] = 0;
}

static bool take_rows(const label_fit *fit) {
  sy_label_bench *bench = fit->bench;
  const double *pair = fit->trained->weights + 2 * fit->label;
  bool varies[2] = {false, false};
  for (size_t i = 0; i < bench->n; i++) {
    bench->ids[i] = bench->data->truth[i * bench->n_labels + fit->label];
    double weight = bench->data->row_weights ? bench->data->row_weights[i] : 1;
    bench->weights[i] = bench->trains[i] ? weight : 0;
    if (bench->weights[i] * pair[bench->ids[i]] > 0) varies[bench->ids[i]] = true;
  }
  return varies[0] && varies[1];
}

static sy_status fit_label(label_fit *fit, sy_error *error) {
  sy_label_bench *bench = fit->bench;
  const sy_label_training *training = fit->training;
  size_t l = fit->label, n_labels = bench->n_labels;
  if (!take_rows(fit)) {
    fit->constants[l] = sy_label_constant(sy_counts_label(fit->trained->counts, l));
    return SY_OK;
  }
  hold(fit);
  const sy_boosted_options *given = bench->options->boosted;
  sy_boosted_options options = given ? *given : sy_boosted_options_default();
  sy_loss_options loss = options.loss ? *options.loss : sy_loss_options_default(2);
  loss.base = SY_LOSS_SOFTMAX; /* of two logits, one of them 0: the sigmoid of the other */
  loss.n_classes = 2;
  loss.class_weights = NULL;
  options.loss = &loss;
  options.seed = bench->options->seed;
  options.stop_after = training->rounds ? training->rounds[l] : 0;
  sy_training_data data = {.rows = {bench->encoded, SY_F32, bench->n, bench->width, bench->width},
                           .ids = bench->ids,
                           .n_outputs = 2,
                           .row_weights = bench->weights,
                           .class_weights = fit->trained->weights + 2 * l,
                           .held = fit->trained->held ? fit->held : NULL};
  sy_onlooker looks = {bench->options, (int)((size_t)(training->fit - 1) * n_labels + l + 1),
                       (int)((size_t)training->fits * n_labels)};
  sy_progress progress = {training->progress.call ? relay : NULL, fit};
  sy_training_hooks hooks = sy_onlooker_hooks(&looks, progress);
  return sy_fit_boosted(&data, &options, &hooks, &fit->predictors[l], &fit->trained->by_label[l],
                        error);
}

static void measure(const label_fit *fit, sy_forest *all) {
  *all = (sy_forest){.n_features = fit->bench->width, .n_outputs = fit->bench->n_labels};
  for (size_t l = 0; l < all->n_outputs; l++) {
    if (!fit->predictors[l]) continue;
    const sy_forest *one = sy_predictor_forest(fit->predictors[l]);
    all->n_nodes += one->n_nodes;
    all->n_trees += one->n_trees;
  }
}

/* The parts of a forest that is put together. */
typedef struct parts {
  double *base;
  sy_tree_node *nodes;
  size_t *roots;
  uint32_t *outputs;
} parts;

static void append(const label_fit *fit, parts *to) {
  size_t node = 0, tree = 0;
  for (size_t l = 0; l < fit->bench->n_labels; l++) {
    to->base[l] = fit->constants[l];
    if (!fit->predictors[l]) continue;
    const sy_forest *one = sy_predictor_forest(fit->predictors[l]);
    to->base[l] = one->base[0];
    for (size_t t = 0; t < one->n_trees; t++) {
      to->roots[tree + t] = node + one->roots[t];
      to->outputs[tree + t] = (uint32_t)l;
    }
    for (size_t i = 0; i < one->n_nodes; i++) {
      to->nodes[node + i] = one->nodes[i];
      if (one->nodes[i].feature == SY_TREE_LEAF) continue;
      to->nodes[node + i].left += (uint32_t)node;
      to->nodes[node + i].right += (uint32_t)node;
    }
    node += one->n_nodes;
    tree += one->n_trees;
  }
}

static sy_status join(const label_fit *fit, sy_error *error) {
  sy_forest all;
  measure(fit, &all);
  if (all.n_nodes >= UINT32_MAX)
    return sy_fail(error, SY_OUT_OF_MEMORY, "the trees of all labels have %zu nodes: too many",
                   all.n_nodes);
  parts to = {sy_alloc(all.n_outputs, sizeof *to.base), sy_alloc(all.n_nodes, sizeof *to.nodes),
              sy_alloc(all.n_trees, sizeof *to.roots), sy_alloc(all.n_trees, sizeof *to.outputs)};
  bool complete = to.base && to.nodes && to.roots && to.outputs;
  sy_status status = complete ? SY_OK : sy_fail_memory(error);
  if (!status) {
    append(fit, &to);
    all.base = to.base;
    all.nodes = to.nodes;
    all.roots = to.roots;
    all.outputs = to.outputs;
    status = sy_predictor_boosted(&all, all.n_outputs, &fit->trained->predictor, error);
  }
  free(to.base);
  free(to.nodes);
  free(to.roots);
  free(to.outputs);
  return status;
}

/* All labels as one fit: rounds of the longest, converged where all are. */
static void tell(const label_fit *fit) {
  sy_label_trained *trained = fit->trained;
  sy_fit_result *all = &trained->result;
  *all = (sy_fit_result){.gradient_norm = (double)NAN, .converged = true, .solver = "XGBoost"};
  for (size_t l = 0; l < fit->bench->n_labels; l++) {
    const sy_training_result *result = &trained->by_label[l];
    if (result->n_curve == 0) continue;
    int rounds = fit->training->rounds ? fit->training->rounds[l] : 0;
    sy_fit_result one = sy_trainings_result(fit->bench->options, result, rounds, trained->held);
    all->objective += one.objective;
    if (one.iterations > all->iterations) all->iterations = one.iterations;
    all->converged = all->converged && one.converged;
    if (!*trained->training.trouble)
      memcpy(trained->training.trouble, result->trouble, sizeof result->trouble);
  }
}

sy_status sy_label_train_boosted(sy_label_bench *bench, const sy_label_training *training,
                                 sy_label_trained *trained, sy_error *error) {
  label_fit fit = {.bench = bench, .training = training, .trained = trained};
  size_t n_labels = bench->n_labels;
  fit.predictors = sy_alloc_zero(n_labels, sizeof *fit.predictors);
  fit.constants = sy_alloc_zero(n_labels, sizeof *fit.constants);
  fit.held = sy_alloc_zero(bench->n, 1);
  trained->by_label = sy_alloc_zero(n_labels, sizeof *trained->by_label);
  bool complete = fit.predictors && fit.constants && fit.held && trained->by_label;
  sy_status status = complete ? SY_OK : sy_fail_memory(error);
  if (complete) trained->n_by_label = n_labels;
  for (; fit.label < n_labels && !status; fit.label++) status = fit_label(&fit, error);
  if (!status) status = join(&fit, error);
  if (!status) tell(&fit);
  for (size_t l = 0; l < n_labels && fit.predictors; l++) sy_predictor_free(fit.predictors[l]);
  free(fit.predictors);
  free(fit.constants);
  free(fit.held);
  return status;
}

/* A mean over the labels that know a figure; one that has ended counts as it ended. */
typedef struct mean {
  double sum, n;
} mean;

static void add(mean *to, double value) {
  if (isnan(value)) return;
  to->sum += value;
  to->n++;
}

static sy_epoch mean_round(const sy_label_trained *trained, size_t round) {
  mean loss = {0}, held = {0}, accuracy = {0};
  sy_epoch all = {.restart = 1, .epoch = (int)round + 1, .best = true, .is_round = true};
  for (size_t l = 0; l < trained->n_by_label; l++) {
    const sy_training_result *result = &trained->by_label[l];
    if (result->n_curve == 0) continue;
    size_t at = round < result->n_curve ? round : result->n_curve - 1;
    all.learning_rate = result->curve[at].learning_rate;
    all.seconds += result->curve[at].seconds;
    add(&loss, result->curve[at].loss);
    add(&held, result->curve[at].held_loss);
    add(&accuracy, result->curve[at].held_accuracy);
  }
  all.loss = loss.sum / loss.n;
  all.held_loss = held.sum / held.n; /* NaN where no label knows it */
  all.held_accuracy = accuracy.sum / accuracy.n;
  return all;
}

sy_status sy_label_join_curves(sy_label_trained *trained, sy_error *error) {
  sy_training_result *all = &trained->training;
  mean loss = {0};
  for (size_t l = 0; l < trained->n_by_label; l++) {
    const sy_training_result *result = &trained->by_label[l];
    if (result->n_curve == 0) continue;
    if (result->n_curve > all->n_curve) all->n_curve = result->n_curve;
    all->steps += result->steps;
    add(&loss, result->loss);
  }
  all->loss = loss.sum / loss.n;
  all->held_loss = (double)NAN;
  all->epochs = all->best_epoch = (int)all->n_curve;
  all->curve = sy_alloc(all->n_curve, sizeof *all->curve);
  if (!all->curve) {
    all->n_curve = 0;
    return sy_fail_memory(error);
  }
  for (size_t e = 0; e < all->n_curve; e++) all->curve[e] = mean_round(trained, e);
  return SY_OK;
}
