"""Row `scale`: how the time of a fit grows with rows, threads and classes; without peers."""

import os

import datasets
from contender import Contender, Failed, median_seconds, say, take_turns
from results import Row

ROWS = (28_480, 284_807, 2_848_070)
CLASSES = (2, 10, 100, 1000)


def start(settings, data, n):
    """Our program on the first n rows of a data set."""
    command = [settings.program("logistic"), data.rows_path, str(n), str(data.d),
               data.labels_path, str(data.classes), "balanced", repr(1 / n)]
    return Contender(f"{n:,} rows", command)


def measure_rows(row, settings):
    """Rows x 1, 10, 100, on all threads."""
    data = datasets.load("rare-event-x10")
    contenders = [start(settings, data, n) for n in ROWS]
    try:
        for contender in contenders:
            contender.ask("go")
        answers = take_turns([lambda one=one: one.ask("go") for one in contenders],
                             settings.repetitions, settings.budget)
    finally:
        for contender in contenders:
            contender.close()
    each = [median_seconds(runs) / n for runs, n in zip(answers, ROWS)]
    for n, runs, time in zip(ROWS, answers, each):
        row.add(f"rows, x {data.d}, 2 classes", f"{n:,}", median_seconds(runs), None,
                f"{time * 1e9:,.0f} ns a row", f"{runs[0]['iterations']} steps")
    growth = each[2] / each[1]
    row.aim("time linear in rows: a row of 2.8 M costs at most 1.2x one of 280 k",
            f"{growth:.2f}x", growth <= 1.2)


def measure_threads(row, name, settings):
    """One thread and two, the same process."""
    data = datasets.load(name)
    with start(settings, data, data.n) as contender:
        contender.ask("go")

        def run(threads):
            contender.ask(f"threads {threads}")
            return contender.ask("go")

        one, two = take_turns([lambda: run(1), lambda: run(2)], settings.repetitions,
                              settings.budget)
        same = {answer["objective"] for answer in one + two}
    case = f"threads, {data.n:,} x {data.d}, {data.classes} classes"
    gain = median_seconds(one) / median_seconds(two)
    row.add(case, "1 thread", median_seconds(one), gain)
    row.add(case, "2 threads", median_seconds(two), 1.0,
            "the same bits" if len(same) == 1 else "OTHER BITS")
    if os.cpu_count() >= 2:
        row.aim(f"{case}: 1.8x on 2 threads", f"{gain:.2f}x", gain >= 1.8 and len(same) == 1)


def measure_classes(row, settings):
    """More and more classes on the same number of rows."""
    for classes in CLASSES:
        data = datasets.load(f"classes-{classes}")
        case = f"classes, {data.n:,} x {data.d}"
        with start(settings, data, data.n) as contender:
            try:
                answers = [contender.ask("go", settings.cap)]
                if answers[0]["seconds"] < settings.budget / settings.repetitions:
                    answers += [contender.ask("go") for _ in range(settings.repetitions)]
            except Failed as failure:
                row.add(case, f"{classes:,}", remark=str(failure))
                return
        last = answers[-1]
        row.add(case, f"{classes:,}", median_seconds(answers), None,
                f"gradient {last['gradient_norm']:.0e}", f"{last['iterations']} steps")


def scale(settings):
    """Rows, threads, classes."""
    row = Row("scale", "Our own fits, balanced, l2 = 1/n. The ratio is of one thread to two.")
    say("  rows")
    measure_rows(row, settings)
    for name in ("rare-event", "ten-classes"):
        say(f"  threads, {name}")
        measure_threads(row, name, settings)
    say("  classes")
    measure_classes(row, settings)
    return row
