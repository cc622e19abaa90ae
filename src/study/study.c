#include <steelyard/study.h>

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "study/hints.h"
#include "study/leak.h"
#include "study/train.h"
#include "study/ways.h"

sy_study_options sy_study_options_default(void) {
  sy_fit_options fit = sy_fit_options_default();
  return (sy_study_options){.positive = -1,
                            .l2 = -1,
                            .tolerance = fit.tolerance,
                            .max_iterations = fit.max_iterations,
                            .encoder = sy_encoder_options_default(),
                            .test = SY_TEST_FOLDS,
                            .folds = 5,
                            .share = 0.2};
}

/* A study under way; run_steps reads as its steps. */
typedef struct run {
  const sy_study_data *data;
  const sy_study_options *options;
  sy_study *study;
  sy_bench bench;
  sy_trained kept;       /* the fit on all rows */
  sy_policy *comparison; /* "balanced", where costs are given without weights */
  int positive;
  const double *cost;  /* given costs, or NULL */
  double *own_cost;    /* (K, K) scratch: the costs a fold's weights imply */
  double *plain;       /* (K, K) */
  double *scratch;     /* (K) */
  int fits_done, fits; /* for the progress */
  char stage[48];
} run;

static bool is_weighted(const run *r) {
  return r->options->policy && !sy_policy_is_none(r->options->policy);
}

/* One fit's progress as a part of the whole. */
static bool relay(void *context, const char *stage, double fraction) {
  run *r = context;
  (void)stage;
  double done = (r->fits_done + fraction) / r->fits;
  return r->options->progress.call(r->options->progress.context, r->stage, done);
}

static sy_progress progress_of(run *r) {
  if (!r->options->progress.call) return (sy_progress){NULL, NULL};
  return (sy_progress){relay, r};
}

static int rarer_class(const sy_counts *counts) {
  return sy_counts_weight(counts, 1) <= sy_counts_weight(counts, 0) ? 1 : 0;
}

static sy_status check(const sy_study_data *data, const sy_study_options *options,
                       sy_error *error) {
  if (sy_labels_rows(data->labels) != data->frame->rows) {
    return sy_fail(error, SY_INVALID_SHAPE, "%zu labels for %zu rows", sy_labels_rows(data->labels),
                   data->frame->rows);
  }
  if (options->positive >= (int)sy_labels_n_classes(data->labels)) {
    return sy_fail(error, SY_INVALID_ARGUMENT, "there is no class %d", options->positive);
  }
  if (sy_labels_n_classes(data->labels) < 2) {
    return sy_fail(error, SY_TOO_FEW_CLASSES,
                   "all rows are of class '%s': there is nothing to tell apart",
                   sy_labels_n_classes(data->labels) ? sy_labels_classes(data->labels)[0] : "");
  }
  if (options->test == SY_TEST_MASK && !data->test_mask) {
    return sy_fail(error, SY_INVALID_ARGUMENT, "the test rows are to be marked: give test_mask");
  }
  if (options->test == SY_TEST_OTHER && (!data->test_frame || !data->test_labels)) {
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the test rows are another source's: give test_frame and test_labels");
  }
  return SY_OK;
}

static sy_status prepare(run *r, sy_error *error) {
  size_t n_classes = sy_labels_n_classes(r->data->labels);
  r->own_cost = sy_alloc(n_classes, n_classes * sizeof(double));
  r->plain = sy_alloc(n_classes, n_classes * sizeof(double));
  r->scratch = sy_alloc(n_classes, sizeof(double));
  r->study->messages = sy_messages_new();
  if (!r->own_cost || !r->plain || !r->scratch || !r->study->messages) {
    return sy_fail_memory(error);
  }
  sy_cost_plain(n_classes, r->plain);
  r->cost = r->options->cost;
  sy_study *study = r->study;
  study->test_kind = r->options->test;
  study->folds = r->options->folds;
  study->share = r->options->share;
  study->l2_default = r->options->l2 < 0;
  const char *policy = r->options->policy ? sy_policy_text(r->options->policy) : "none";
  snprintf(study->policy, sizeof study->policy, "%s", policy);
  sy_status status = SY_OK;
  if (r->cost) {
    status = sy_cost_check(r->cost, sy_labels_classes(r->data->labels), n_classes, study->messages,
                           error);
  }
  if (status == SY_OK && r->cost && !is_weighted(r)) {
    status = sy_policy_parse("balanced", &r->comparison, error);
  }
  if (status != SY_OK) return status;
  return sy_bench_make(&r->bench, r->data, r->options, study->messages, error);
}

static void use_mask(sy_bench *bench, const uint8_t *mask) {
  for (size_t i = 0; i < bench->n; i++) {
    bench->fold[i] = mask[i] && bench->ids[i] != SY_IGNORED ? 0 : -1;
  }
  bench->n_folds = 1;
}

/* Who judges which row: fold[i] is the fold without row i, -1 for rows that always train. */
static sy_status plan_test(run *r, sy_error *error) {
  sy_bench *bench = &r->bench;
  const sy_study_options *options = r->options;
  if (options->test == SY_TEST_FOLDS) {
    bench->n_folds = options->folds;
    return sy_split_folds(bench->ids, bench->n, bench->n_classes, r->data->groups, options->folds,
                          options->seed, bench->fold, error);
  }
  if (options->test == SY_TEST_MASK) use_mask(bench, r->data->test_mask);
  if (options->test != SY_TEST_SHARE) return SY_OK;
  uint8_t *test = sy_alloc(bench->n, 1);
  if (!test) return sy_fail_memory(error);
  sy_status status = sy_split_share(bench->ids, bench->n, bench->n_classes, r->data->groups,
                                    options->share, options->seed, test, error);
  if (status == SY_OK) use_mask(bench, test);
  free(test);
  return status;
}

static size_t count_judged(const sy_bench *bench) {
  size_t count = 0;
  for (size_t i = 0; i < bench->n; i++) count += bench->fold[i] >= 0;
  return count;
}

static size_t count_present(const sy_bench *bench) {
  size_t count = 0;
  for (size_t i = 0; i < bench->n; i++) count += bench->ids[i] != SY_IGNORED;
  return count;
}

/* Lists the judged rows fold by fold, so that each fold's rows are one run of the list. */
static void list_judged(const sy_bench *bench, sy_judged *judged) {
  size_t at = 0;
  for (int f = 0; f < bench->n_folds; f++) {
    for (size_t i = 0; i < bench->n; i++) {
      if (bench->fold[i] != f) continue;
      judged->rows[at] = i;
      judged->ids[at] = bench->ids[i];
      if (judged->row_weights) judged->row_weights[at] = bench->row_weights[i];
      at++;
    }
  }
}

static size_t fold_end(const sy_bench *bench, const sy_judged *judged, size_t begin) {
  size_t end = begin;
  while (end < judged->n && bench->fold[judged->rows[end]] == bench->fold[judged->rows[begin]]) {
    end++;
  }
  return end;
}

static sy_status decide_range(run *r, const sy_trained *trained, sy_judged *judged, size_t begin,
                              size_t end, sy_error *error) {
  size_t n_classes = judged->n_classes;
  sy_status status = sy_trained_score(&r->bench, trained, judged->rows + begin, end - begin,
                                      judged->log_probabilities + begin * n_classes, error);
  if (status != SY_OK) return status;
  sy_judged_decide(judged, SY_WAY_DEFAULT, begin, end, r->plain, r->scratch);
  if (judged->decisions[SY_WAY_WEIGHTED]) {
    sy_cost_implied(trained->class_weights, n_classes, r->own_cost);
    sy_judged_decide(judged, SY_WAY_WEIGHTED, begin, end, r->own_cost, r->scratch);
  }
  if (r->cost) sy_judged_decide(judged, SY_WAY_COST, begin, end, r->cost, r->scratch);
  return SY_OK;
}

/* The line "weighted 'balanced'" beside given costs needs a weighted model of its own. It scores
 * first; the study's own model then overwrites all but its decisions. */
static sy_status compare_weighted(run *r, int fold, sy_judged *judged, size_t begin, size_t end,
                                  sy_error *error) {
  sy_trained weighted;
  sy_status status = sy_train(&r->bench, r->comparison, fold, progress_of(r), &weighted, error);
  if (status != SY_OK) return status;
  r->fits_done++;
  status = decide_range(r, &weighted, judged, begin, end, error);
  sy_trained_clear(&weighted);
  return status;
}

/* Decides by the study's own model, but for the line that the comparison has decided already. */
static sy_status decide_beside(run *r, const sy_trained *trained, sy_judged *judged, size_t begin,
                               size_t end, sy_error *error) {
  int32_t *compared = judged->decisions[SY_WAY_WEIGHTED];
  if (r->comparison) judged->decisions[SY_WAY_WEIGHTED] = NULL;
  sy_status status = decide_range(r, trained, judged, begin, end, error);
  judged->decisions[SY_WAY_WEIGHTED] = compared;
  return status;
}

static sy_status judge_fold(run *r, int fold, sy_judged *judged, size_t begin, size_t end,
                            sy_error *error) {
  sy_trained trained;
  snprintf(r->stage, sizeof r->stage,
           r->bench.n_folds > 1 ? "fold %d of %d" : "training for the test", fold + 1,
           r->bench.n_folds);
  sy_status status = sy_train(&r->bench, r->options->policy, fold, progress_of(r), &trained, error);
  if (status == SY_TOO_FEW_CLASSES && error) /* of the data there are enough: say where not */
    return sy_fail(error, status, "%s: among the rows left to train on %s", r->stage, error->text);
  if (status != SY_OK) return status;
  r->fits_done++;
  if (r->comparison) status = compare_weighted(r, fold, judged, begin, end, error);
  if (status == SY_OK) status = decide_beside(r, &trained, judged, begin, end, error);
  sy_trained_clear(&trained);
  return status;
}

static sy_review_frame review_frame(const run *r) {
  return (sy_review_frame){.classes = r->bench.classes,
                           .cost = r->cost,
                           .stored_cost = sy_model_cost(r->study->model),
                           .policy = r->comparison ? "balanced" : r->study->policy,
                           .positive = r->positive,
                           .stored = r->cost          ? SY_WAY_COST
                                     : is_weighted(r) ? SY_WAY_WEIGHTED
                                                      : SY_WAY_DEFAULT};
}

static sy_status make_judged(const run *r, size_t n, bool compare, sy_judged *judged,
                             sy_error *error) {
  bool wanted[SY_WAY_COUNT] = {[SY_WAY_DEFAULT] = true,
                               [SY_WAY_WEIGHTED] = is_weighted(r) || (compare && r->comparison),
                               [SY_WAY_COST] = r->cost != NULL};
  return sy_judged_make(judged, n, r->bench.n_classes, r->bench.row_weights != NULL, wanted, error);
}

static sy_status judge_folds(run *r, sy_judged *judged, sy_error *error) {
  size_t n = count_judged(&r->bench);
  if (n == 0)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "no row is left to test on: give more rows, or test nothing (--test none)");
  if (r->bench.n_folds == 1 && n == count_present(&r->bench)) {
    return sy_fail(error, SY_INVALID_ARGUMENT, "every row is a test row: none is left to train on");
  }
  sy_status status = make_judged(r, n, true, judged, error);
  if (status != SY_OK) return status;
  list_judged(&r->bench, judged);
  for (size_t begin = 0; status == SY_OK && begin < n;) {
    size_t end = fold_end(&r->bench, judged, begin);
    status = judge_fold(r, r->bench.fold[judged->rows[begin]], judged, begin, end, error);
    begin = end;
  }
  return status;
}

static sy_status fit_all(run *r, sy_error *error) {
  sy_trained trained;
  snprintf(r->stage, sizeof r->stage, "training on all rows");
  sy_status status = sy_train(&r->bench, r->options->policy, -1, progress_of(r), &trained, error);
  if (status != SY_OK) return status;
  r->kept = trained;
  r->study->fit = trained.result;
  r->study->l2 = trained.l2;
  r->positive = r->options->positive;
  if (r->bench.n_classes == 2 && r->positive < 0) r->positive = rarer_class(trained.counts);
  if (r->bench.n_classes != 2) r->positive = -1;
  return sy_audit_make(r->options->policy, r->bench.classes, trained.counts, trained.class_weights,
                       r->bench.n_classes, &r->study->audit, error);
}

static sy_status assemble(run *r, sy_error *error) {
  const sy_trained *trained = &r->kept;
  const double *cost = r->plain;
  sy_decision_source source = SY_DECISION_PLAIN;
  if (r->cost) {
    cost = r->cost;
    source = SY_DECISION_GIVEN;
  } else if (is_weighted(r)) {
    sy_cost_implied(trained->class_weights, r->bench.n_classes, r->own_cost);
    cost = r->own_cost;
    source = SY_DECISION_IMPLIED;
  }
  sy_model_parts parts = {r->bench.classes, r->bench.n_classes, trained->class_weights, cost,
                          source,           r->positive};
  sy_encoder *encoder = r->bench.encoder;
  sy_predictor *predictor = r->kept.predictor;
  r->bench.encoder = NULL; /* taken over, also on failure */
  r->kept.predictor = NULL;
  sy_status status = sy_model_new(encoder, predictor, &parts, &r->study->model, error);
  if (status != SY_OK) return status;
  return sy_model_set_note(r->study->model, "class weights", r->study->policy, error);
}

/* Figures of the rows that trained the model, by the model that saw them: before its parts move
 * into the classifier, since they work on the encoded rows. */
static sy_status judge_training(run *r, sy_judged *judged, sy_error *error) {
  size_t n = count_present(&r->bench);
  sy_status status = make_judged(r, n, false, judged, error);
  if (status != SY_OK) return status;
  size_t at = 0;
  for (size_t i = 0; i < r->bench.n; i++) {
    if (r->bench.ids[i] == SY_IGNORED) continue;
    judged->rows[at] = i;
    judged->ids[at] = r->bench.ids[i];
    if (judged->row_weights) judged->row_weights[at] = r->bench.row_weights[i];
    at++;
  }
  return decide_range(r, &r->kept, judged, 0, n, error);
}

static sy_status review_other(run *r, sy_error *error) {
  const sy_study_data *data = r->data;
  return sy_review_model(r->study->model, data->test_frame, data->test_labels,
                         data->test_row_weights, r->cost, &r->study->test, error);
}

static void count_fits(run *r) {
  r->fits = r->bench.n_folds * (r->comparison ? 2 : 1) + 1;
  r->fits_done = 0;
}

static sy_status run_steps(run *r, sy_judged *tested, sy_judged *seen, sy_error *error) {
  sy_status status = prepare(r, error);
  if (status == SY_OK) status = plan_test(r, error);
  if (status != SY_OK) return status;
  count_fits(r);
  if (r->bench.n_folds > 0) status = judge_folds(r, tested, error);
  if (status == SY_OK) status = fit_all(r, error);
  if (status == SY_OK) status = judge_training(r, seen, error);
  if (status == SY_OK) status = assemble(r, error);
  if (status != SY_OK) return status;
  sy_review_frame frame = review_frame(r);
  status = sy_review_make(seen, &frame, &r->study->train, error);
  if (status == SY_OK && r->bench.n_folds > 0) {
    status = sy_review_make(tested, &frame, &r->study->test, error);
  }
  if (status == SY_OK && r->options->test == SY_TEST_OTHER) status = review_other(r, error);
  if (status == SY_OK) {
    status = sy_study_leaks(r->data->frame, &r->bench, r->study->messages, error);
  }
  if (status != SY_OK) return status;
  sy_study_hints(r->study, &r->bench, r->cost);
  return sy_messages_check(r->study->messages, error);
}

sy_status sy_study_run(const sy_study_data *data, const sy_study_options *options, sy_study *study,
                       sy_error *error) {
  *study = (sy_study){0};
  sy_status status = check(data, options, error);
  if (status != SY_OK) return status;
  run r = {.data = data, .options = options, .study = study, .fits = 1};
  sy_judged tested = {0}, seen = {0};
  status = run_steps(&r, &tested, &seen, error);
  study->fit_seconds = r.bench.seconds;
  sy_judged_clear(&tested);
  sy_judged_clear(&seen);
  sy_trained_clear(&r.kept);
  sy_bench_clear(&r.bench);
  sy_policy_free(r.comparison);
  free(r.own_cost);
  free(r.plain);
  free(r.scratch);
  if (status != SY_OK) sy_study_clear(study);
  return status;
}

void sy_study_clear(sy_study *study) {
  sy_model_free(study->model);
  sy_audit_clear(&study->audit);
  sy_review_clear(&study->train);
  sy_review_clear(&study->test);
  sy_messages_free(study->messages);
  *study = (sy_study){0};
}
