/* costs.c: what decisions cost on rows that nothing saw: repeated cross-validation, all choices
 * made within the training rows of a fold. Prints a line of JSON a repeat: the total cost of
 * deciding all rows by their costs, by p >= 0.5, by 'balanced' class weights, and as one class.
 * Usage: costs FOLDS FIRST LAST LABEL COSTS EXCLUDE SOURCE [DELIMITER]
 * Repeats FIRST..LAST-1 are the seeds of the folds. EXCLUDE is a list of columns as --exclude takes
 * it, "" for none. Of each fold the training rows choose penalty and class weights: those of least
 * cost in a cross-validation among themselves. The two rules to compare with have the defaults. */
#include "repeat.h"

#include "table.h"

enum { INNER_FOLDS = 5, N_PENALTIES = 6, N_POLICIES = 2, N_CHOICES = N_PENALTIES * N_POLICIES };

/* From the library's default for a thousand rows up to where little but the intercept is left. */
static const double penalties[N_PENALTIES] = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3};
static const char *const policies[N_POLICIES] = {"none", "balanced"};

/* Ways of deciding the rows of a fold. */
enum { BY_COST, BY_DEFAULT, BY_BALANCED, N_WAYS };

/* A table with its costs, and what is under way on it. */
typedef struct costs_job {
  size_t n, n_classes;
  sy_table *table;
  sy_table_data *read;
  sy_frame features;
  sy_labels *labels;
  sy_cost_rule rule;
  double *cost_values; /* (n, expressions) */
  sy_policy *policies[N_POLICIES];
  double *row_weights; /* (n) 0 = a row of the fold that is judged */
  int32_t *folds, *scratch, *decisions[N_WAYS];
} costs_job;

static void *grab(size_t n, size_t size) {
  void *memory = calloc(n + 1, size);
  if (!memory) give_up("costs", "out of memory");
  return memory;
}

/* The features, then the label: all columns of the source but the excluded ones. */
static void read_features(costs_job *job, const char *label, const char *exclude) {
  sy_error error;
  size_t n = sy_table_n_columns(job->table), n_asked = 0, at;
  bool *excluded = grab(n, sizeof *excluded);
  sy_table_request *asked = grab(n + 1, sizeof *asked);
  if (*exclude) demand(sy_table_match(job->table, exclude, excluded, &error), &error);
  demand(sy_table_find(job->table, label, &at, &error), &error);
  for (size_t i = 0; i < n; i++)
    if (i != at && !excluded[i]) asked[n_asked++] = (sy_table_request){.column = i};
  asked[n_asked] = (sy_table_request){.column = at, .as = SY_AS_TEXT};
  demand(
      sy_table_read(job->table, asked, n_asked + 1, (sy_progress){NULL, NULL}, &job->read, &error),
      &error);
  const sy_frame *frame = sy_table_frame(job->read);
  const sy_column *names = &frame->columns[n_asked];
  job->n = frame->rows;
  job->features = (sy_frame){.columns = frame->columns, .n_columns = n_asked, .rows = job->n};
  sy_labels_options options = sy_labels_options_default();
  demand(sy_labels_from_names(names->codes, job->n, names->values, names->n_values, &options,
                              &job->labels, &error),
         &error);
  free(excluded);
  free(asked);
}

/* What expressions cost in each row, by another reading of the source. */
static void read_costs(costs_job *job, const sy_table_options *options) {
  size_t n_values = job->rule.n_expressions;
  sy_error error;
  if (!n_values) return;
  sy_table *again;
  sy_table_data *data;
  sy_table_request *asked = grab(n_values, sizeof *asked);
  for (size_t v = 0; v < n_values; v++)
    asked[v] = (sy_table_request){.expression = job->rule.expressions[v], .as = SY_AS_DOUBLE};
  demand(sy_table_open(options, &again, &error), &error);
  demand(sy_table_read(again, asked, n_values, (sy_progress){NULL, NULL}, &data, &error), &error);
  job->cost_values = grab(job->n * n_values, sizeof(double));
  for (size_t v = 0; v < n_values; v++)
    for (size_t i = 0; i < job->n; i++)
      job->cost_values[i * n_values + v] = sy_table_frame(data)->columns[v].f64[i];
  sy_table_data_free(data);
  sy_table_close(again);
  free(asked);
}

static void load(costs_job *job, char **argv, const char *delimiter) {
  sy_table_options options = sy_table_options_default(argv[7]);
  options.delimiter = delimiter;
  sy_error error;
  demand(sy_table_open(&options, &job->table, &error), &error);
  read_features(job, argv[4], argv[6]);
  job->n_classes = sy_labels_n_classes(job->labels);
  demand(sy_cost_rule_parse(argv[5], sy_labels_classes(job->labels), job->n_classes, &job->rule,
                            &error),
         &error);
  read_costs(job, &options);
  for (int p = 0; p < N_POLICIES; p++)
    demand(sy_policy_parse(policies[p], &job->policies[p], &error), &error);
  job->row_weights = grab(job->n, sizeof *job->row_weights);
  job->folds = grab(job->n, sizeof *job->folds);
  job->scratch = grab(job->n, sizeof *job->scratch);
  for (int way = 0; way < N_WAYS; way++) job->decisions[way] = grab(job->n, sizeof(int32_t));
}

/* Training rows are those of row weight 1. */
static sy_study_data study_data(const costs_job *job) {
  return (sy_study_data){.frame = &job->features,
                         .labels = job->labels,
                         .row_weights = job->row_weights,
                         .cost_values = job->cost_values};
}

static sy_study_options study_options(const costs_job *job, int choice) {
  sy_study_options options = sy_study_options_default();
  options.policy = job->policies[choice / N_PENALTIES];
  options.l2 = penalties[choice % N_PENALTIES];
  options.cost_rule = &job->rule;
  return options;
}

/* The choice that costs least where the training rows test each other. */
static int choose(const costs_job *job, uint64_t seed) {
  sy_study_data data = study_data(job);
  int best = 0;
  double least = 0;
  for (int choice = 0; choice < N_CHOICES; choice++) {
    sy_study_options options = study_options(job, choice);
    sy_study study;
    sy_error error;
    options.test = SY_TEST_FOLDS;
    options.folds = INNER_FOLDS;
    options.seed = seed;
    demand(sy_study_run(&data, &options, &study, &error), &error);
    double cost = study.test.ways[study.test.stored].metrics.average_cost;
    if (choice == 0 || cost < least) {
      least = cost;
      best = choice;
    }
    sy_study_clear(&study);
  }
  return best;
}

/* Trains on the training rows, decides the others: those of fold f. */
static void decide(costs_job *job, int f, sy_study_options options, int way) {
  sy_study_data data = study_data(job);
  sy_study study;
  sy_error error;
  options.test = SY_TEST_NONE;
  demand(sy_study_run(&data, &options, &study, &error), &error);
  double *probabilities = grab(job->n * job->n_classes, sizeof *probabilities);
  sy_costs costs = sy_cost_rule_view(&job->rule, job->cost_values);
  demand(sy_model_score(study.model, &job->features, NULL, probabilities,
                        way == BY_COST ? NULL : job->scratch, &error),
         &error);
  if (way == BY_COST) sy_decide_costs(probabilities, job->n, &costs, job->scratch);
  for (size_t i = 0; i < job->n; i++)
    if (job->folds[i] == f) job->decisions[way][i] = job->scratch[i];
  free(probabilities);
  sy_study_clear(&study);
}

static void judge(costs_job *job, int f, uint64_t seed, size_t chosen[N_CHOICES]) {
  for (size_t i = 0; i < job->n; i++) job->row_weights[i] = job->folds[i] != f;
  int choice = choose(job, seed);
  chosen[choice]++;
  decide(job, f, study_options(job, choice), BY_COST);
  sy_study_options options = sy_study_options_default();
  decide(job, f, options, BY_DEFAULT);
  options.policy = job->policies[1];
  decide(job, f, options, BY_BALANCED);
}

static double cost_of(const costs_job *job, const int32_t *decisions, int constant) {
  sy_costs costs = sy_cost_rule_view(&job->rule, job->cost_values);
  const int32_t *ids = sy_labels_ids(job->labels);
  double total = 0;
  for (size_t i = 0; i < job->n; i++)
    total += sy_costs_at(&costs, i, (size_t)ids[i],
                         (size_t)(decisions ? decisions[i] : (int32_t)constant));
  return total;
}

static void print_repeat(const costs_job *job, uint64_t seed, const size_t chosen[N_CHOICES]) {
  double least = cost_of(job, NULL, 0);
  for (size_t j = 1; j < job->n_classes; j++) {
    double constant = cost_of(job, NULL, (int)j);
    if (constant < least) least = constant;
  }
  printf("{\"repeat\": %llu, \"rows\": %zu, \"constant\": %.17g, ", (unsigned long long)seed,
         job->n, least);
  printf("\"cost\": %.17g, \"default\": %.17g, \"balanced\": %.17g, \"chosen\": {",
         cost_of(job, job->decisions[BY_COST], 0), cost_of(job, job->decisions[BY_DEFAULT], 0),
         cost_of(job, job->decisions[BY_BALANCED], 0));
  const char *comma = "";
  for (int choice = 0; choice < N_CHOICES; choice++) {
    if (!chosen[choice]) continue;
    printf("%s\"%s, l2 %g\": %zu", comma, policies[choice / N_PENALTIES],
           penalties[choice % N_PENALTIES], chosen[choice]);
    comma = ", ";
  }
  puts("}}");
  fflush(stdout);
}

static void clear(costs_job *job) {
  free(job->row_weights);
  free(job->folds);
  free(job->scratch);
  for (int way = 0; way < N_WAYS; way++) free(job->decisions[way]);
  free(job->cost_values);
  for (int p = 0; p < N_POLICIES; p++) sy_policy_free(job->policies[p]);
  sy_cost_rule_clear(&job->rule);
  sy_labels_free(job->labels);
  sy_table_data_free(job->read);
  sy_table_close(job->table);
}

int main(int argc, char **argv) {
  if (argc != 8 && argc != 9)
    give_up("usage", "costs FOLDS FIRST LAST LABEL COSTS EXCLUDE SOURCE [DELIMITER]");
  costs_job job = {0};
  int folds = (int)size_argument(argv[1]);
  sy_error error;
  sy_threads_set(1); /* the driver runs as many of these as there are processors */
  load(&job, argv, argc == 9 ? argv[8] : NULL);
  for (uint64_t seed = size_argument(argv[2]); seed < size_argument(argv[3]); seed++) {
    size_t chosen[N_CHOICES] = {0};
    demand(sy_split_folds(sy_labels_ids(job.labels), job.n, job.n_classes, NULL, folds, seed,
                          job.folds, &error),
           &error);
    for (int f = 0; f < folds; f++) judge(&job, f, seed, chosen);
    print_repeat(&job, seed, chosen);
  }
  clear(&job);
  return 0;
}
