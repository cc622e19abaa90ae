#!/usr/bin/env python3
"""Writes the tables of fixtures/ again, the same bytes each time. loans.parquet holds what DuckDB
1.5 reads from loans.csv: COPY (FROM 'loans.csv') TO 'loans.parquet'."""

import datetime
import math
import os
import random
import subprocess
import sys

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures")


def write(name, lines):
    with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)


def loans(rows):
    """Two classes, `late` rare; numbers, text, dates, booleans, missing values, a row weight."""
    draw = random.Random(7)
    lines = ["id,age,income,job,joined,member,copies,branch,outcome"]
    for row in range(rows):
        age = draw.randrange(18, 80)
        income = round(math.exp(draw.gauss(7.5, 0.4)))
        job = draw.choice(["clerk", "farmer", "nurse", "smith", "clerk"])
        joined = datetime.date(2018, 1, 1) + datetime.timedelta(days=7 * row)
        member = draw.random() < 0.5
        score = -2.4 + 1.1 * (job == "farmer") - 1.5 * (income - 1800) / 900 + 0.6 * (age < 30)
        late = draw.random() < 1 / (1 + math.exp(-score))
        cells = [f"L{row + 1:03d}", age, income if draw.random() > 0.08 else "",
                 job if draw.random() > 0.05 else "", joined, "true" if member else "false",
                 draw.choice([1, 1, 1, 2, 3, 0]), f"b{row % 12}", "late" if late else "paid"]
        lines.append(",".join(map(str, cells)))
    return lines


def flowers(rows):
    """Three classes of unequal size; no header."""
    draw = random.Random(11)
    lines = []
    for _ in range(rows):
        kind = draw.choices(["daisy", "lily", "rose"], [6, 3, 1])[0]
        centre = {"daisy": (1.0, 3.0), "lily": (2.0, 2.0), "rose": (2.6, 3.4)}[kind]
        cells = [f"{draw.gauss(c, 0.5):.2f}" for c in centre]
        lines.append(",".join([*cells, kind]))
    return lines


def softmax(logits):
    powers = [math.exp(value) for value in logits]
    return [power / sum(powers) for power in powers]


def scores(rows):
    """What models said of rows whose labels are known. `good` and `weak` are probabilities of late,
    `margin` the logit of good, `weighted` what good would say trained with late at weight 6 and
    paid at 1, `m_*` and `l_*` probabilities and logits of three kinds, `px`, `py` of two labels x
    and y that may both be there."""
    draw = random.Random(17)
    lines = ["outcome,good,weak,margin,weighted,copies,amount,kind,m_oak,m_elm,m_ash,l_oak,l_elm,"
             "l_ash,x,y,px,py"]
    for _ in range(rows):
        logit = draw.gauss(-1.6, 1.4)
        good = round(1 / (1 + math.exp(-logit)), 3)
        weak = round(1 / (1 + math.exp(-(logit + draw.gauss(0, 1.5)))), 2)
        weighted = 6 * good / (6 * good + 1 - good)
        logits = [round(draw.gauss(centre, 1), 3) for centre in (0.8, 0.2, -0.9)]
        kinds = softmax(logits)
        kind = draw.choices(["oak", "elm", "ash"], kinds)[0]
        px, py = round(draw.random(), 3), round(draw.random() ** 2, 3)
        cells = ["late" if draw.random() < good else "paid", good, weak, round(logit, 4),
                 f"{weighted:.6f}", draw.choice([1, 1, 1, 2, 3, 0]), draw.randrange(1, 50), kind,
                 *(f"{share:.4f}" for share in kinds), *logits, int(draw.random() < px),
                 int(draw.random() < py), px, py]
        lines.append(",".join(map(str, cells)))
    return lines


def steps():
    """Class ids of five sequences of three steps, as NumPy saves them."""
    numbers = "0 0 1 0 2 1 1 0 0 2 0 0 1 0 0".split()
    subprocess.run([sys.executable, os.path.join(FOLDER, "npy.py"),
                    os.path.join(FOLDER, "steps.npy"), "<i8", "(5, 3)", *numbers], check=True)


def main():
    steps()
    write("loans.csv", loans(160))
    write("scores.csv", scores(240))
    write("flowers.csv", flowers(90))
    write("flower_costs.csv", [",daisy,lily,rose", "daisy,0,1,1", "lily,1,0,1", "rose,5,5,0"])
    write("loan_weights.json", ['{"paid": 1, "late": 6}'])
    write("loan_weights.csv", ["class,weight", "paid,1", "late,6"])


if __name__ == "__main__":
    main()
