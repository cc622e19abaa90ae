"""Row `costs`: what decisions cost on public sets whose costs are published, and what others paid.

No times: average costs on rows that nothing saw, in repeated cross-validation with all choices
(penalty, class weights) made within the training rows of a fold. The published figures are of
Michie, Spiegelhalter, Taylor, "Machine Learning, Neural and Statistical Classification" (1994): the
best of 23 methods, by one cross-validation each (German credit 10-fold, Heart 9-fold).
"""

import concurrent.futures
import json
import os
import statistics
import subprocess
import tempfile

import results
from contender import Failed, say
from datasets import DATA
from results import OURS, Row
from rows import costs_families

REPEATS = 20
TITLE = ("What decisions cost on rows that nothing saw; mean and standard error over repeated "
         "cross-validation, choices nested in the folds.")

# Heart's codes are categories, so they are read as text; runs of spaces are split by hand, since a
# query cannot ask for them.
HEART = """
SELECT v[1]::DOUBLE AS age, v[2]::DOUBLE AS sex, v[3] AS chest_pain, v[4]::DOUBLE AS pressure,
  v[5]::DOUBLE AS cholesterol, v[6]::DOUBLE AS sugar, v[7] AS cardiogram, v[8]::DOUBLE AS rate,
  v[9]::DOUBLE AS angina, v[10]::DOUBLE AS oldpeak, v[11] AS slope, v[12]::DOUBLE AS vessels,
  v[13] AS thal, v[14] AS detected
FROM (SELECT string_split_regex(trim(line), '\\s+') AS v FROM
  read_csv('{}', columns = {{'line': 'VARCHAR'}}, delim = '|', header = false, skip = 1))"""

CHURN_COSTS = "1:0=C_FN, 1:1=C_TP, 0:1=C_FP, 0:0=C_TN"

WILT = ("SELECT a.*, b.wilt FROM read_csv('{0}.csv', header = false) a POSITIONAL JOIN "
        "read_csv('{0}.labels', header = false, names = ['wilt']) b")


def data_path(*parts):
    """Path of a data set; Failed where it is not there."""
    path = os.path.join(DATA, *parts)
    if not os.path.exists(path):
        raise Failed(f"no {path}")
    return path


def repeats(settings, n, arguments):
    """The answers of costs.c for n repeats, as many processes at a time as there are processors."""
    folds, *rest = arguments

    def one(seed):
        command = [settings.program("costs"), str(folds), str(seed), str(seed + 1), *rest]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(done.stderr.strip())
        return json.loads(done.stdout)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(one, range(n)))


def mean_text(values, digits=3):
    """Mean and its standard error over the repeats."""
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return f"{statistics.mean(values):,.{digits}f} +- {error:.{digits}f}"


def add_table(row, case, answers, per_row, unit):
    """The ways of deciding one set; returns the mean of ours."""
    def costs(name):
        return [answer[name] / (answer["rows"] if per_row else 1000) for answer in answers]

    digits = 3 if per_row else 1
    chosen = {}
    for answer in answers:
        for choice, count in answer["chosen"].items():
            chosen[choice] = chosen.get(choice, 0) + count
    usual = max(chosen, key=chosen.get)
    row.add(case, f"{OURS}, decided by cost", equal=f"{unit} {mean_text(costs('cost'), digits)}",
            remark=f"chosen most often: {usual}")
    for name, title in (("balanced", f"{OURS}, 'balanced'"), ("default", f"{OURS}, p >= 0.5"),
                        ("constant", "one class for all rows")):
        row.add(case, title, equal=f"{unit} {mean_text(costs(name), digits)}")
    return statistics.mean(costs("cost")), mean_text(costs("cost"), digits)


def published(settings, row, case, folds, best, arguments):
    """A table of Statlog's: average cost a row, a miss priced 5."""
    say(f"  {case}")
    n = settings.repetitions * 3 - 1 if settings.repetitions < 7 else REPEATS
    answers = repeats(settings, n, [folds, *arguments])
    mean, text = add_table(row, case, answers, True, "average cost")
    row.add(case, "best of 23 published", equal=f"average cost {best:.3f}")
    row.aim(f"{case}: no more than the best published {best:.3f}", text, mean <= best)


def churn(settings, row):
    """Costs of each row: thousands of the money of its publisher, over all rows."""
    case = "TV subscriptions, 5-fold, costs of each row"
    say(f"  {case}")
    path = data_path("cost_churn_tv_subscriptions", "churn_tv_subscriptions.csv.gz")
    n = 2 if settings.repetitions < 7 else 5
    answers = repeats(settings, n, [5, "target", CHURN_COSTS, "id,C_*", path])
    mean, text = add_table(row, case, answers, False, "thousands")
    nothing = answers[0]["constant"] / 1000
    row.aim(f"{case}: less than doing nothing ({nothing:.1f})", text, mean < nothing)


def steelyard(settings, *arguments):
    """What a command prints with --json."""
    done = subprocess.run([settings.command_line(), *arguments, "--json", "--quiet"],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(done.stderr.strip())
    return json.loads(done.stdout)


def wilt(settings, row):
    """A share of diseased trees of 1.7 % in training and 37 % in the test, which nobody told: a
    prior estimated on the test without its labels, by a model as it is and by calibrated ones."""
    case = "wilt, 1.7 % in training, 37.4 % in the test"
    say(f"  {case}")
    data_path("wilt", "wilt_train.csv")
    train = WILT.format(os.path.join(DATA, "wilt", "wilt_train"))
    test = WILT.format(os.path.join(DATA, "wilt", "wilt_test"))
    for name, options in (("no calibration", []), ("isotonic map", ["--calibrate", "isotonic"]),
                          ("balanced, isotonic map", ["--class-weight", "balanced", "--calibrate",
                                                      "isotonic"])):
        with tempfile.TemporaryDirectory() as folder:
            before, after = (os.path.join(folder, file) for file in ("a.onnx", "b.onnx"))
            steelyard(settings, "fit", train, "--label", "wilt", *options, "-o", before)
            told = steelyard(settings, "decide", before, "--prior", f"from={test}", "-o", after)
            first = steelyard(settings, "evaluate", before, test)
            second = steelyard(settings, "evaluate", after, test)
        row.add(case, f"{OURS}, {name}, as trained", equal=quality(first))
        row.add(case, f"{OURS}, {name}, prior by EM", equal=quality(second),
                remark=f"estimated {100 * told['prior']['1']:.1f} %")
        row.aim(f"{case}: {name}: EM lowers the log-loss",
                f"{first['log_loss']:.3f} to {second['log_loss']:.3f}",
                second["log_loss"] < first["log_loss"])


def quality(metrics):
    """What tells whether a prior helped."""
    return (f"log-loss {metrics['log_loss']:.3f}, accuracy {metrics['accuracy']:.3f}, "
            f"balanced accuracy {metrics['balanced_accuracy']:.3f}")


def side_by_side(settings, row, name):
    """The three families on one of the sets."""
    if name == "German credit":
        costs_families.families(
            settings, row, "German credit, families, 10-fold, 5:1",
            data_path("german_credit", "german.data"),
            ["--delimiter", " ", "--label", "-1", "--cost", "2:1=5", "--test", "cv:10"])
    elif name == "Heart":
        costs_families.families(
            settings, row, "Heart, families, 9-fold, 5:1",
            HEART.format(data_path("heart", "heart.dat")).strip(),
            ["--label", "detected", "--cost", "2:1=5", "--test", "cv:9"])
    elif name == "TV subscriptions":
        costs_families.families(
            settings, row, "TV subscriptions, families, 5-fold, costs of each row",
            data_path("cost_churn_tv_subscriptions", "churn_tv_subscriptions.csv.gz"),
            ["--label", "target", "--exclude", "id,C_*", "--cost", CHURN_COSTS, "--test", "cv:5"],
            in_thousands=True)
    else:
        costs_families.kdd(settings, row,
                           data_path("kddcup99", "kddcup.data_10_percent.gz"))


def costs(settings):
    """All tables, or those of settings.sets; each is kept as soon as it is done."""
    tables = {
        "German credit, 10-fold": lambda: published(
            settings, row, "German credit, 10-fold, 5:1", 10, 0.535,
            ["-1", "2:1=5", "", data_path("german_credit", "german.data"), " "]),
        "Heart, 9-fold": lambda: published(
            settings, row, "Heart, 9-fold, 5:1", 9, 0.374,
            ["detected", "2:1=5", "", HEART.format(data_path("heart", "heart.dat"))]),
        "TV subscriptions, 5-fold": lambda: churn(settings, row),
        "wilt": lambda: wilt(settings, row),
    }
    tables |= {f"{name}, families": lambda name=name: side_by_side(settings, row, name)
               for name in ("German credit", "Heart", "TV subscriptions", "KDD Cup 1999")}
    names = [name for name in tables if not settings.sets or name in settings.sets]
    row = results.resumed(settings.kept(), Row("costs", TITLE))
    for name in names:
        row.forget(name)
        try:
            tables[name]()
        except Failed as failure:
            row.add(name, "left out", remark=str(failure))
        row.put_in_order(list(tables))
        results.save(settings.kept(), [row])
    return row
