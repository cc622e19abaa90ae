#include "options.h"

#include <math.h>
#include <stddef.h>

#include "label_options.h"
#include "test_rows.h"

#define W          COMMAND_WEIGHTS
#define F          COMMAND_FIT
#define P          COMMAND_PREDICT
#define E          COMMAND_EVALUATE
#define D          COMMAND_DECIDE
#define EVERY      (W | F | P | E | D | COMMAND_INSPECT)
#define SOURCES    (W | F | P | E | D)
#define AT(member) offsetof(settings, member)

#define FLAG(commands, heading, name, member, text)                                                \
  { commands, heading, name, 0, NULL, OPTION_FLAG, AT(member), 0, 0, text, NULL, NULL }
#define TEXT(commands, heading, name, argument, member, text)                                      \
  { commands, heading, name, 0, argument, OPTION_TEXT, AT(member), 0, 0, text, NULL, NULL }
#define WORD(commands, heading, name, argument, member, text, words)                               \
  { commands, heading, name, 0, argument, OPTION_TEXT, AT(member), 0, 0, text, NULL, words }
#define LIST(commands, heading, name, argument, member, text)                                      \
  { commands, heading, name, 0, argument, OPTION_LIST, AT(member), 0, 0, text, NULL, NULL }
#define NUMBER(commands, heading, name, argument, member, low, high, text, usual)                  \
  { commands, heading, name, 0, argument, OPTION_NUMBER, AT(member), low, high, text, usual, NULL }
#define ABOVE(heading, name, argument, member, low, text, usual)                                   \
  { F, heading, name, 0, argument, OPTION_ABOVE, AT(member), low, INFINITY, text, usual, NULL }
#define SHARE(heading, name, argument, member, text)                                               \
  { F, heading, name, 0, argument, OPTION_ABOVE, AT(member), 0, 1, text, NULL, NULL }
#define BELOW(heading, name, argument, member, low, high, text, usual)                             \
  { F, heading, name, 0, argument, OPTION_BELOW, AT(member), low, high, text, usual, NULL }
#define COUNT(commands, heading, name, argument, member, low, high, text, usual)                   \
  { commands, heading, name, 0, argument, OPTION_COUNT, AT(member), low, high, text, usual, NULL }
#define OUTPUT(commands, argument, text)                                                           \
  { commands, "Output", "output", 'o', argument, OPTION_TEXT, AT(output), 0, 0, text, NULL, "FILE" }

static const char fit_policy_text[] =
    "none, balanced, sqrt, log:MU, ..., auto[:METRIC] (a power of balanced, chosen on unseen "
    "rows), "
    "NAME=W,NAME=W, @FILE.json|csv|cost, or as another system writes it: {0: 1, 1: 5}";

static const char policy_text[] =
    "none, balanced, sqrt, log:MU, ..., NAME=W,NAME=W, @FILE.json|csv|cost, or as another system "
    "writes it: {0: 1, 1: 5}";

const option_entry option_table[] = {
    TEXT(W | F, "Labels", "label", "COL", label, "column of the classes: its name or number"),
    TEXT(E, "Labels", "label", "COL", label,
         "column of the classes; without it, the one the model was trained on"),
    TEXT(D, "Labels", "label", "COL", label,
         "column of the classes; of a model without it, the one it was trained on"),
    LIST(E | D, "Labels", "labels", "A,B,C", labels,
         "with --scores: columns of 0 and 1, a label each: several labels a row"),
    LIST(W, "Labels", "labels", "A,B,C", labels,
         "columns of 0 and 1, a label each: several labels a row; with --label-kind one-hot, the "
         "classes of one label"),
    LIST(F, "Labels", "labels", "A,B,C", labels,
         "columns of 0 and 1, a label each: several labels a row"),
    TEXT(W | F, "Labels", "label-separator", "TEXT", label_separator,
         "between the labels of one cell, as ';' in a;b: several labels a row"),
    {W, "Labels", "label-kind", 0, "KIND", OPTION_TEXT, AT(label_kind), 0, 0,
     "name, index (whole numbers), one-hot (shares that sum to 1) or multi-hot (yes or no each)",
     "name; of --labels multi-hot; of an array of one axis index", LABEL_KINDS},
    {F, "Labels", "label-kind", 0, "KIND", OPTION_TEXT, AT(label_kind), 0, 0,
     "name or index (whole numbers)", "name", "name index"},
    {E | D, "Labels", "label-kind", 0, "KIND", OPTION_TEXT, AT(label_kind), 0, 0,
     "with --scores: name or index (whole numbers)", "name", "name index"},
    {E, "Labels", "classes", 0, "A,B|@FILE", OPTION_LIST, AT(classes), 0, 0,
     "with --scores: declares the classes and their order", NULL, "@FILE"},
    {D, "Labels", "classes", 0, "A,B|@FILE", OPTION_LIST, AT(classes), 0, 0,
     "with --scores or a model of XGBoost's: declares the classes and their order", NULL, "@FILE"},
    {W | F, "Labels", "classes", 0, "A,B|@FILE", OPTION_LIST, AT(classes), 0, 0,
     "declares the classes and their order", NULL, "@FILE"},
    TEXT(W | F | E | D, "Labels", "ignore", "LABEL", ignore, "leaves out rows of this label"),
    LIST(W | F | E | D, "Labels", "group-classes", "NAME=A,B", group_classes,
         "makes one class NAME of several labels; may be repeated"),
    TEXT(E | D, "Labels", "positive", "NAME", positive,
         "with --scores, of two classes: the one that one column of scores is of"),
    TEXT(F, "Labels", "positive", "NAME", positive,
         "of two classes, the one to catch; without it, the rarer"),
    {W, "Labels", "sample-weight", 0, "COL|FILE", OPTION_TEXT, AT(sample_weight), 0, 0,
     "column of row weights, for an array a .npy of them: a row of weight 3 counts as three", NULL,
     "FILE"},
    TEXT(F | E | D, "Labels", "sample-weight", "COL", sample_weight,
         "column of row weights: a row of weight 3 counts as three"),
    WORD(W, "Labels", "mask", "FILE", mask,
         "for an array: a .npy of its shape, where 0 leaves a position out", "FILE"),
    TEXT(W, "Labels", "sequence", "COL", sequence,
         "column that says which sequence a row belongs to; their number is told"),
    TEXT(W, "Labels", "extensions", "A,B|*", extensions,
         "for a folder: endings of the files that count (default: those of images)"),
    TEXT(W, "Labels", "counts", "COUNTS", counts,
         "counts of classes in the place of a SOURCE, as Python or JSON writes them, "
         "'{0: 900, 1: 40}', or @FILE"),

    LIST(F, "Features", "features", "COLS", features,
         "columns to learn from: names, globs, numbers; without it, all the others"),
    LIST(F, "Features", "exclude", "COLS", exclude, "columns not to learn from"),
    COUNT(F, "Features", "min-count", "N", min_count, 1, 1e9,
          "rows a text value needs to be a category of its own", NULL),
    COUNT(
        F, "Features", "max-categories", "N", max_categories, 1, 10000,
        "categories of a text column; of more, the rest become \"other\" (--model mlp embeds them)",
        NULL),

    {W, "Weights and costs", "class-weight", 0, "POLICY", OPTION_TEXT, AT(class_weight), 0, 0,
     policy_text, "all side by side; with --emit balanced", "POLICY @FILE"},
    {F, "Weights and costs", "class-weight", 0, "POLICY", OPTION_TEXT, AT(class_weight), 0, 0,
     fit_policy_text, "none", "POLICY @FILE"},
    WORD(W | F, "Weights and costs", "normalize", "HOW", normalize,
         "scales class weights: none, sum, classes, rows, min or max",
         "none sum classes rows min max"),
    FLAG(W, "Weights and costs", "compare", compare,
         "all policies side by side, as without --class-weight"),
    {W, "Weights and costs", "emit", 0, "SYSTEM", OPTION_TEXT, AT(emit), 0, 0,
     "prints the weights as another system takes them: keras, sklearn, pytorch, tensorflow, "
     "xgboost, lightgbm, liblinear, vw, bigquery or weka",
     NULL, "DIALECT"},
    WORD(W, "Weights and costs", "cost", "A:B=COST,..", cost,
         "what it costs to call an A a B, or @FILE.csv|cost, for the policy cost", "@FILE"),
    WORD(F, "Weights and costs", "cost", "A:B=COST,..", cost,
         "what it costs to call an A a B: numbers or SQL over the row, or @FILE.csv|cost; mistakes "
         "not named cost 1",
         "@FILE"),
    WORD(E, "Weights and costs", "cost", "A:B=COST,..", cost,
         "what it costs to call an A a B, or @FILE.csv|cost; without it, as the model has it",
         "@FILE"),

    WORD(D, "Rule", "cost", "A:B=COST,..", cost,
         "least expected cost: what it costs to call an A a B, or @FILE.csv|cost", "@FILE"),
    NUMBER(D, "Rule", "threshold", "P", threshold, 0, 1, "of two classes: flag where p >= P",
           "none"),
    TEXT(D, "Rule", "tune", "METRIC", tune,
         "what is best on the rows of SOURCE: cost, f1, fbeta:2, balanced_accuracy, mcc, ..."),
    TEXT(D, "Rule", "max-flagged", "SHARE", max_flagged,
         "with --tune: at most this share of the rows is flagged, as 0.5%"),
    TEXT(D, "Rule", "min-precision", "P", min_precision, "with --tune: at least this precision"),
    TEXT(D, "Rule", "min-recall", "R", min_recall, "with --tune: at least this recall"),
    TEXT(D, "Rule", "prior", "N=P,..", prior,
         "how frequent the classes are where a MODEL is used; from=SOURCE estimates it from rows "
         "without labels"),

    NUMBER(E, "Scores", "threshold", "X", threshold, 0, 1,
           "of two classes: the rule to be judged, flag where p >= X", "p >= 0.5, or from --cost"),
    {E, "Testing", "intervals", 0, "[=N]", OPTION_MAYBE, AT(intervals), 40, 1000000,
     "95 % intervals of all metrics, from N bootstrap samples of the rows",
     "1000, fewer from 100,000 rows", NULL},

    LIST(E | D, "Scores", "scores", "P|A,B,C", scores,
         "columns of a model's probabilities: of the positive class of two, or one for each class; "
         "repeated, several models"),
    FLAG(E | D, "Scores", "logits", logits, "the scores are logits, before a sigmoid or softmax"),
    {E | D, "Scores", "undo-weights", 0, "WEIGHTS", OPTION_TEXT, AT(undo_weights), 0, 0,
     "class weights the model was trained with, taken out of its scores: NAME=W,NAME=W, one number "
     "for the positive class, or a POLICY of these rows",
     NULL, "POLICY @FILE"},

    WORD(F, "Probabilities and decisions", "calibrate", "HOW", calibrate,
         "temperature, vector or isotonic, fitted on rows the model did not see; or refit: "
         "probabilities of a model without class weights",
         "temperature vector isotonic refit none"),
    TEXT(F, "Probabilities and decisions", "tune", "METRIC", tune,
         "decides by what is best on rows the model did not see: cost, f1, fbeta:2, "
         "balanced_accuracy, mcc, ..."),
    TEXT(F, "Probabilities and decisions", "max-flagged", "SHARE", max_flagged,
         "with --tune: at most this share of the rows is flagged, as 0.5%"),
    TEXT(F, "Probabilities and decisions", "min-precision", "P", min_precision,
         "with --tune: at least this precision"),
    TEXT(F, "Probabilities and decisions", "min-recall", "R", min_recall,
         "with --tune: at least this recall"),

    {F, "Testing", "test", 0, "HOW", OPTION_TEXT, AT(test), 0, 0,
     "cv:K, a share of the rows, another SOURCE, or none", TEST_DEFAULT_WORDS, "cv: none FILE"},
    TEXT(F, "Testing", "test-after", "COL=VALUE", test_after,
         "tests on the rows whose COL is greater (later) than VALUE"),
    TEXT(F, "Testing", "group", "COL", group, "keeps rows of equal COL on one side of a split"),
    TEXT(F, "Testing", "sequence", "COL", sequence,
         "the same for rows that are steps of one sequence"),

    WORD(F, "Training", "model", "FAMILY", model,
         "family of the model: logistic; mlp, a network of layers; boosted, boosted trees; auto, "
         "the one of these that is best on the rows of --test",
         "logistic mlp boosted auto"),

    NUMBER(F, HEADING_LOGISTIC, "l2", "X", l2, 0, INFINITY, "penalty on the coefficients",
           "1 / sum of row weights"),
    NUMBER(F, HEADING_LOGISTIC, "tolerance", "X", tolerance, 0, INFINITY,
           "norm of the gradient at which training has converged", NULL),
    COUNT(F, HEADING_LOGISTIC, "max-iterations", "N", max_iterations, 0, 1e9, "steps of the solver",
          NULL),

    WORD(F, HEADING_ITERATED, "loss", "NAME[:PARAM=V,..]", loss,
         "what is minimised: focal, logit-adjustment, ldam, vs, smoothing:A, by-prediction, "
         "cost-expected, cost-argmax; several joined by +",
         "LOSS"),
    BELOW(HEADING_ITERATED, "held-out", "SHARE", held_out, 0, 1,
          "rows of a training held back to choose its epochs or rounds; the model kept is trained "
          "on all rows for as many",
          NULL),
    ABOVE(HEADING_ITERATED, "learning-rate", "X", learning_rate, 0,
          "length of a step; of boosted trees, what each leaf is multiplied by, at most 1", NULL),
    WORD(F, HEADING_ITERATED, "json-log", "FILE", json_log,
         "writes a line of JSON after each epoch or round, for tail -f", "FILE"),

    WORD(F, HEADING_NETWORKS, "hidden", "N,N,..", hidden,
         "units of each hidden layer, or none, which leaves logistic regression", "none"),
    WORD(F, HEADING_NETWORKS, "activation", "NAME", activation,
         "what units make of their sums: relu, gelu or tanh", "relu gelu tanh"),
    WORD(F, HEADING_NETWORKS, "norm", "KIND", norm,
         "normalises the sums of hidden layers: none, batch or layer", "none batch layer"),
    BELOW(HEADING_NETWORKS, "dropout", "P", dropout, 0, 1,
          "share of hidden units left out of each step", NULL),
    COUNT(F, HEADING_NETWORKS, "embedding-width", "N", embedding_width, 1, 65536,
          "numbers that stand for a text of a column with more than --max-categories of them",
          "by how many there are"),
    COUNT(F, HEADING_NETWORKS, "epochs", "N", epochs, 1, 1000000,
          "walks over the rows, at most; --schedule spans them", NULL),
    COUNT(F, HEADING_NETWORKS, "patience", "N", patience, 0, 1000000,
          "ends after N epochs without a lower loss on the rows of --held-out; 0 = never", NULL),
    COUNT(F, HEADING_NETWORKS, "batch-size", "N", batch_size, 1, 1e9, "rows of a step",
          "by how many there are"),
    WORD(F, HEADING_NETWORKS, "schedule", "HOW", schedule,
         "how the learning rate goes over the epochs: constant, cosine (down to 0) or one-cycle "
         "(up, then down)",
         "constant cosine one-cycle"),
    NUMBER(F, HEADING_NETWORKS, "warm-up", "EPOCHS", warm_up, 0, 1e6,
           "over which the learning rate first rises from 0", NULL),
    WORD(F, HEADING_NETWORKS, "optimizer", "NAME", optimizer, "adam, adamw or sgd",
         "adam adamw sgd"),
    BELOW(HEADING_NETWORKS, "momentum", "M", momentum, 0, 1, "of --optimizer sgd", NULL),
    NUMBER(F, HEADING_NETWORKS, "weight-decay", "X", weight_decay, 0, INFINITY,
           "penalty on weights and embeddings", NULL),
    ABOVE(HEADING_NETWORKS, "clip-norm", "X", clip_norm, 0,
          "scales a gradient of a greater norm down to it", "never"),
    WORD(F, HEADING_NETWORKS, "sampling", "HOW", sampling,
         "shuffle, or balanced: draws classes equally often, in the place of --class-weight",
         "shuffle balanced"),
    COUNT(F, HEADING_NETWORKS, "reweight-from", "EPOCH", reweight_from, 1, 1000000,
          "class weights count from this epoch on", "the first"),
    COUNT(F, HEADING_NETWORKS, "restarts", "N", restarts, 1, 1000,
          "networks from different beginnings, whose mean is the model", NULL),
    WORD(F, HEADING_NETWORKS, "checkpoint", "FILE", checkpoint,
         "keeps the state of the training, to be gone on with by --resume", "FILE"),
    NUMBER(F, HEADING_NETWORKS, "checkpoint-every", "SECONDS", checkpoint_every, 0, 1e9,
           "how often the checkpoint is written; 0 = after every step", NULL),
    WORD(F, HEADING_NETWORKS, "resume", "FILE", resume,
         "goes on from a checkpoint of the same data and options, and goes on writing it", "FILE"),

    COUNT(F, HEADING_BOOSTED, "rounds", "N", rounds, 1, 100000,
          "trees, one after the other, at most; of three classes and more, trees of each class",
          NULL),
    COUNT(F, HEADING_BOOSTED, "early-stopping-rounds", "N", early_stopping_rounds, 0, 100000,
          "ends after N rounds without a lower loss on the rows of --held-out; 0 = never", NULL),
    COUNT(F, HEADING_BOOSTED, "max-depth", "N", max_depth, 0, 30,
          "splits one below the other; 0 = without limit, for --grow-policy lossguide", NULL),
    COUNT(F, HEADING_BOOSTED, "max-leaves", "N", max_leaves, 0, 1000000,
          "leaves of a tree; 0 = without limit", NULL),
    WORD(F, HEADING_BOOSTED, "grow-policy", "HOW", grow_policy,
         "depthwise, level by level, or lossguide, the split that gains most first",
         "depthwise lossguide"),
    NUMBER(F, HEADING_BOOSTED, "min-child-weight", "X", min_child_weight, 0, INFINITY,
           "least sum of second derivatives on either side of a split", NULL),
    NUMBER(F, HEADING_BOOSTED, "gamma", "X", gamma, 0, INFINITY, "least gain of a split", NULL),
    NUMBER(F, HEADING_BOOSTED, "reg-lambda", "X", reg_lambda, 0, INFINITY,
           "squared penalty on leaves", NULL),
    NUMBER(F, HEADING_BOOSTED, "reg-alpha", "X", reg_alpha, 0, INFINITY,
           "absolute penalty on leaves", NULL),
    NUMBER(F, HEADING_BOOSTED, "max-delta-step", "X", max_delta_step, 0, INFINITY,
           "a leaf is at most this before the learning rate; 0 = without limit", NULL),
    SHARE(HEADING_BOOSTED, "subsample", "SHARE", subsample,
          "rows that a round sees, drawn anew for each"),
    SHARE(HEADING_BOOSTED, "colsample-bytree", "SHARE", colsample_bytree,
          "columns that a tree sees"),
    SHARE(HEADING_BOOSTED, "colsample-bylevel", "SHARE", colsample_bylevel,
          "of these, those that a level sees"),
    SHARE(HEADING_BOOSTED, "colsample-bynode", "SHARE", colsample_bynode,
          "of these, those that a split sees"),
    COUNT(F, HEADING_BOOSTED, "max-bin", "N", max_bin, 2, 65535,
          "bins that the values of a column are sorted into", NULL),

    WORD(SOURCES, "Source", "header", "WHEN", header,
         "auto, yes or no: whether text begins with a line of names (else c1, c2, ..)",
         "auto yes no"),
    COUNT(SOURCES, "Source", "skip", "N", skip, 0, 1e9, "lines to skip first", NULL),
    TEXT(SOURCES, "Source", "delimiter", "CHAR", delimiter,
         "between cells; ' ' for runs of spaces, tab; without it, found out"),
    TEXT(SOURCES, "Source", "null", "TEXT", null_text, "text that means missing, as NA"),
    WORD(SOURCES, "Source", "blank-lines", "WHAT", blank_lines,
         "end (of a sequence), rows, or auto: ends in a file of a token and its label a line",
         "auto end rows"),

    OUTPUT(F, "MODEL", "file to write the model to"),
    OUTPUT(D, "FILE", "file to write the model to; with --scores, the rule as JSON"),
    OUTPUT(P, "FILE", "file to write to: .csv, .jsonl or .parquet; without it, CSV on stdout"),
    WORD(F | E, "Output", "report", "FILE.html", report,
         "writes a page of the figures, with a slider for the threshold and fields for the costs",
         "FILE"),
    LIST(P, "Output", "keep", "COLS", keep, "columns of the source to repeat before the decision"),
    FLAG(EVERY, "Output", "json", json, "one JSON object on stdout, nothing else"),
    LIST(E, "Output", "fail-if", "CONDITION", fail_if,
         "exit code 3 where it holds, as 'prior>3%' or 'recall<0.8'; may be repeated; with --quiet "
         "the line that says so is all that is printed"),
    FLAG(EVERY, "Output", "quiet", quiet, "no progress and no notes on stderr"),

    COUNT(EVERY, "General", "threads", "N", threads, 0, 4096,
          "threads to use; no result depends on it", "all processors"),
    COUNT(EVERY, "General", "seed", "N", seed, 0, 9007199254740992.0, "of all random choices",
          NULL),
    FLAG(EVERY, "General", "help", help, "prints this"),
};

const size_t n_options = sizeof option_table / sizeof option_table[0];
