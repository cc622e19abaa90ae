#include "manual_text.h"

const manual_text manual_of_program = {
    "Classification where classes are unequal and mistakes have prices. Hand it a table: it "
    "counts the classes, weighs them or prices the mistakes, trains, tells how good the result is "
    "on rows the model did not see, and writes one ONNX file that takes raw columns and gives true "
    "probabilities and the decision of least cost.\n"
    "What was asked for goes to standard output, progress and notes to standard error. An output "
    "file appears whole or not at all. Results do not depend on the number of threads.",
    {{"Rare frauds, of which each one missed costs as much as 20 false alarms: train, look at the "
      "table of decisions, use the model on new rows.",
      "steelyard fit payments.csv --label fraud --cost 'yes:no=20' -o fraud.onnx\n"
      "steelyard predict fraud.onnx new.csv -o decided.csv"},
     {"Complete commands and options in this bash.", "source <(steelyard --completion bash)"}}};

const manual_text manual_of_weights = {
    "Counts the classes of {SOURCE} and shows what class weights make of them. Nothing is trained "
    "and nothing is written.\n"
    "Without `--class-weight`, all policies side by side: what a class weighs under each, the "
    "share of all weight that the rarest class then carries, and as how many unweighted rows the "
    "weighted ones tell as much, which is what weighting costs. With `--class-weight`, that policy "
    "class by class. Notes name what is suspicious, such as a class without rows, or one that "
    "carries a third of all weight on a handful of rows.\n"
    "Besides tables, {SOURCE} may be an array of NumPy (`.npy`) or IDX, or a folder whose "
    "sub-folders are the classes; `--label` is for tables alone. An array of two axes or more "
    "needs "
    "`--label-kind`. A table or stream of any length is counted in one pass.",
    {{"Which policy does what?", "steelyard weights train.csv --label fraud"},
     {"Keep the weights for later trainings, here or elsewhere.",
      "steelyard weights train.csv --label fraud --class-weight sqrt --json > weights.json\n"
      "steelyard fit more.csv --label fraud --class-weight @weights.json -o fraud.onnx\n"
      "steelyard weights train.csv --label fraud --class-weight sqrt --emit keras"},
     {"Counts alone, a label for each of several yes/no columns, arrays, folders of pictures.",
      "steelyard weights --counts '{0: 1300000, 1: 40}'\n"
      "steelyard weights songs.csv --labels 'happy,sad,calm'\n"
      "steelyard weights pixels.npy --label-kind index --ignore 255\n"
      "steelyard weights photos/"}}};

const manual_text manual_of_fit = {
    "Trains weighted logistic regression, or with `--model mlp` a network, with `--model boosted` "
    "boosted trees, with `--model auto` the best of them on rows that it did not see, on all rows "
    "of {SOURCE}, for two classes or many, and writes it to {MODEL}: an ONNX file that takes the "
    "raw "
    "columns of a table by name and holds their encoding, the model, the correction of its "
    "probabilities and the decision rule.\n"
    "The figures printed come from rows that the model judging them did not see, see `--test`. "
    "Each line of the table is one way of deciding the same rows: the share it flags, the share "
    "of the positive class it catches, its precision and what it costs. The line marked `stored` "
    "is the rule that {MODEL} keeps.\n"
    "Numbers are standardised, missing ones filled with the mean and marked in a column of their "
    "own; texts get a column for each value; dates count days. Columns that never change are left "
    "out, and named. Boosted trees take numbers as they are, missing ones as missing.\n"
    "A network is trained for as many epochs as are best on rows held back, which `--test` does "
    "not see either, trees for as many rounds, and beside them logistic regression is judged on "
    "the same rows. What "
    "interrupts a long training loses little of it with `--checkpoint`: `--resume` ends in the "
    "very model that it would have been.",
    {{"A missed fraud costs 20, a false alarm 1.",
      "steelyard fit train.csv --label fraud --cost 'yes:no=20' -o fraud.onnx"},
     {"Several labels as one class, judged on the rows of the last year.",
      "steelyard fit strikes.csv --label damage --group-classes 'some=Minor,Medium' \\\n"
      "    --test-after 'date=2025-12-31' --class-weight balanced -o strikes.onnx"},
     {"A network, trained for hours.",
      "steelyard fit train.parquet --label fraud --class-weight sqrt --model mlp \\\n"
      "    --hidden 256,128 --checkpoint fraud.state --json-log epochs.jsonl -o fraud.onnx"},
     {"The best of three kinds of models, by what mistakes cost.",
      "steelyard fit train.csv --label fraud --cost 'yes:no=20' --model auto -o fraud.onnx"},
     {"The rows come from a query.",
      "steelyard fit \"SELECT * FROM 'a.csv' JOIN 'b.parquet' USING (id)\" \\\n"
      "    --label fraud --exclude 'id,*_code' -o fraud.onnx"}}};

const manual_text manual_of_predict = {
    "Writes a row for each row of {SOURCE}, in their order: the class decided in a column "
    "`predicted`, then the probability of each class in columns `p_`{CLASS}. Probabilities are "
    "true ones whatever class weights or costs the model was trained with; these move the "
    "decision.\n"
    "Columns are found by name, others are passed over. Missing values are filled as in training; "
    "a text that training did not see counts as the category \"other\" where there is one.",
    {{"Decide new rows, and say which row is which.",
      "steelyard predict fraud.onnx new.csv --keep id -o decided.csv"},
     {"In a pipe.", "zcat new.csv.gz | steelyard predict fraud.onnx - | head"}}};

const manual_text manual_of_evaluate = {
    "Judges {MODEL} on the rows of {SOURCE}, whose labels are known: ways of deciding them side "
    "by side with what they cost, who was called what, and the quality of the probabilities. Use "
    "rows that the model was not trained on.\n"
    "The rule stored in the model decides. Costs given here price its mistakes, and add the rule "
    "that they would give where the model has no costs of its own.\n"
    "With `--scores`, the same for what any other program said: columns of {SOURCE} that hold "
    "probabilities or `--logits`. One column is of the positive class of two: the class in its "
    "name where that is `p_`{CLASS}, else that of `--positive`, else 1, yes or true, else the "
    "rarer. Several columns are the classes, called {NAME}`_`{CLASS} or in the order of the "
    "classes. The rule is `--threshold`, else what follows from `--cost`, else p >= 0.5; a score "
    "of exactly the threshold is flagged. Where the model was trained with class weights, "
    "`--undo-weights` makes true probabilities of its scores. With `--labels`, columns of 0 and 1, "
    "the scores are of several labels a row, each yes or no.\n"
    "Several {MODEL} or several `--scores` are compared on the same rows: each minus the best one, "
    "with 95 % intervals from samples in which rows stay paired, and in a sentence whether it may "
    "be chance.\n"
    "Where {SOURCE} lacks the label column of the training, and `--label` names no other, it says "
    "what can be said without labels: the share of each class that is decided and estimated, and "
    "the columns that moved from the training. A {CONDITION} is a name, `>` `>=` `<` or `<=`, and "
    "a number: with labels on the metrics of `--json`, without on `prior` `prior_low` `prior_high` "
    "`flagged` `shift` `missing` `unseen` `rows`; those of one class or column as "
    "{NAME}`:`{WHICH}.",
    {{"A month later: what do its mistakes cost now?",
      "steelyard evaluate fraud.onnx later.csv --cost 'yes:no=20'"},
     {"What XGBoost said, trained with scale_pos_weight 20; a miss costs the amount of its row.",
      "steelyard evaluate scored.csv --label fraud --scores p --undo-weights 20 \\\n"
      "    --cost 'yes:no=amount, no:yes=3'"},
     {"Is the new model better, or is it chance?",
      "steelyard evaluate old.onnx new.onnx later.csv"},
     {"Every night in cron, which mails what is printed: nothing, or the condition that holds.",
      "steelyard evaluate fraud.onnx tonight.csv --quiet --fail-if 'prior_low>0.03'"}}};

const manual_text manual_of_decide = {
    "Writes {MODEL} again with another rule inside; its probabilities change only where `--prior` "
    "says that classes are more or less frequent than in training. `--cost` decides by least "
    "expected cost, `--threshold` by a probability, `--tune` by the threshold that is best on the "
    "rows of {SOURCE}, all thresholds being tried; of three classes and more, by a factor for "
    "each. "
    "Tune on rows that the model was not trained on. Where there is a {SOURCE}, the rows decided "
    "otherwise are counted; where its labels are known, rules are judged side by side.\n"
    "{MODEL} may be what XGBoost saved as JSON or UBJ (trees of binary:logistic, multi:softprob): "
    "`--classes` names its labels 0, 1, .., and without a rule the most probable class decides.\n"
    "With `--scores`, {SOURCE} holds what any other model said of its rows: the rule that follows "
    "from costs, or the tuned one, is judged beside the usual default and constant decisions, and "
    "written to a file as JSON that takes ten lines to apply. Scores of a model trained with class "
    "weights are set right by `--undo-weights`. A tuned rule is judged by halves, each by what was "
    "tuned on the other.",
    {{"Next year a miss costs more; or only 2 rows in 1000 can be looked at.",
      "steelyard decide fraud.onnx --cost 'yes:no=40' -o fraud40.onnx\n"
      "steelyard decide fraud.onnx later.csv --tune recall --max-flagged 0.2% -o few.onnx"},
     {"Fraud is as frequent there as new.csv seems to say.",
      "steelyard decide fraud.onnx --prior from=new.csv -o there.onnx"},
     {"XGBoost's own model, with costs, as one ONNX file.",
      "steelyard decide booster.json --classes ok,fraud --cost 'fraud:ok=20' -o fraud.onnx"},
     {"A rule for XGBoost's scores, trained with scale_pos_weight=10.",
      "steelyard decide held_out.csv --label fraud --scores p --undo-weights 10 \\\n"
      "    --cost 'yes:no=20' -o rule.json"}}};

const manual_text manual_of_inspect = {
    "Shows what is in {MODEL}: its rule, its classes with their weights and costs, the columns it "
    "wants, the largest coefficients, or the layers of a network, or how many trees there are and "
    "which columns they split on most, and how it was trained and tested.",
    {{"What does this file want, and what does it decide?", "steelyard inspect fraud.onnx"}}};

const char manual_program_options[] =
    "`--help`\tprints the commands; after a command, its options\n"
    "`--version`\tprints the version\n"
    "`--man` [{COMMAND}]\tprints this manual page, or that of a command, for `man -l -`\n"
    "`--completion bash`\tprints what bash needs to complete commands and options";

const char manual_source[] =
    "`-`\tstandard input: delimited text or Parquet, also packed\n"
    "`SELECT` ..., `FROM` ..., `WITH` ...\ta query in DuckDB's SQL, one statement, that reads\n"
    "{NAME}`.parquet`\tParquet, under any other name too\n"
    "{NAME}`.json`, {NAME}`.jsonl`, {NAME}`.ndjson`\tJSON: a list of objects, or one a line\n"
    "{any other name}\tdelimited text, one line of names first or none, see `--header`\n"
    "`'data/*.csv'`\tall files that match, as one table, sorted by name\n"
    "Files packed as `.gz` or `.zst` are unpacked while they are read. A row with too few or too "
    "many fields ends the run; nothing is skipped or repaired.\n"
    "Options that take {COL} or {COLS} take names as they stand in the first line, and numbers: 1 "
    "is the first column, -1 the last. {COLS} are apart by commas and may be globs such as `v*`.";

const char manual_label_sources[] =
    "{NAME}`.npy`, IDX\tan array of labels, as NumPy saves it or MNIST has it: its numbers are the "
    "labels, so no column is named\n"
    "{FOLDER}\ta folder whose sub-folders are the classes and whose files are the rows; only names "
    "are read, of pictures unless `--extensions` says otherwise";

const char manual_class_weights[] =
    "A policy turns the counts of the classes into weights. Of {n} rows in {K} classes, {n_k} are "
    "of class {k}; its weight is";

const char manual_more_class_weights[] =
    "{NAME}`=`{W}`,`{NAME}`=`{W}\tas given; `default=`{W} is for the classes not named\n"
    "`@`{FILE}\tas given in a file: CSV with class and weight; JSON as `steelyard weights "
    "--json` prints it, or a list in the order of the classes; a cost matrix as Weka has it "
    "(`.cost`), for the policy cost\n"
    "{code}\tas Keras, scikit-learn, PyTorch, TensorFlow, XGBoost, LightGBM, LIBLINEAR, Vowpal "
    "Wabbit or BigQuery ML take class weights; a note says as what it was read\n"
    "{A}, {MU} and {W} are numbers. With `max=`{W} the parameter is found that gives the rarest "
    "class the weight {W}. Weights move decisions; probabilities have them taken out again.";

const char manual_costs[] =
    "{ACTUAL}`:`{PREDICTED}`=`{COST}, with commas between: what it costs to call an {ACTUAL} a "
    "{PREDICTED}. Right answers not named cost 0 and mistakes not named cost 1. Names that hold a "
    "comma, a colon or an equals sign go in double quotes. Each row gets the class of least "
    "expected cost, so class weights no longer move the decision.\n"
    "A {COST} is a number, or an expression in DuckDB's SQL over the columns of the row, which "
    "need "
    "not be features: `'fraud:ok=amount, ok:fraud=3'`, `'fraud:ok=greatest(coalesce(amount, 0), "
    "10)'`. It has to give a finite number on every row. The model keeps the expressions, and "
    "whatever it decides about later needs their columns too.\n"
    "A file after `@` has the costs as a matrix, names of classes in its first row (predicted) and "
    "first column (actual). A `.cost` file has numbers alone, as Weka writes it.";

const char manual_exit_status[] = "`0`\tdone\n"
                                  "`1`\tthe data are not usable, or the run failed\n"
                                  "`2`\tthe command line is wrong\n"
                                  "`3`\ta condition of `--fail-if` holds\n"
                                  "`130`\tinterrupted";

const char manual_environment[] = "`TMPDIR`\tfolder of temporary files, `/tmp` without it";
