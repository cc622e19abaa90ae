"""Prints optimizers.txt: steps of PyTorch's optimizers and learning rates of its schedules.

Run with PyTorch installed (tests/peers/requirements.txt); the version used is named in the first
line of the file. Format: see the first lines it writes.
"""

import math
import random

import torch

HEAD = f"""# Written by make_optimizers.py with PyTorch {torch.__version__}.
# A case of steps: "steps", optimizer, learning rate, momentum, weight decay, clip (0 = none),
# steps, numbers, how many of the first decay; one line of the numbers at the beginning; then a
# line a step of the gradient and one of the numbers after it. torch.optim.Adam, AdamW and SGD; a
# gradient of a greater norm than clip is scaled to it.
# A case of rates: "rates", schedule, learning rate, steps; one line of all rates.
# CosineAnnealingLR, OneCycleLR.
"""

OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}


def line(numbers):
    return " ".join(repr(float(x)) for x in numbers) + "\n"


def steps(name, rate, momentum, decay, clip, count=7, n=11, n_decaying=8):
    draw = random.Random(f"{name} {rate} {momentum} {decay} {clip}")
    numbers = torch.tensor([draw.gauss(0, 1) for _ in range(n)], dtype=torch.float64)
    parts = [numbers[:n_decaying].clone(), numbers[n_decaying:].clone()]
    groups = [{"params": [parts[0]], "weight_decay": decay},
              {"params": [parts[1]], "weight_decay": 0}]
    more = {"momentum": momentum} if name == "sgd" else {}
    optimizer = OPTIMIZERS[name](groups, lr=rate, **more)
    text = f"steps {name} {rate!r} {momentum!r} {decay!r} {clip!r} {count} {n} {n_decaying}\n"
    text += line(numbers)
    for _ in range(count):
        gradient = torch.tensor([draw.gauss(0, 2) for _ in range(n)], dtype=torch.float64)
        norm = math.sqrt(sum(float(x) ** 2 for x in gradient))
        scaled = gradient * (clip / norm) if 0 < clip < norm else gradient
        parts[0].grad, parts[1].grad = scaled[:n_decaying].clone(), scaled[n_decaying:].clone()
        optimizer.step()
        text += line(gradient) + line(torch.cat(parts))
    return text


def rates(name, rate, count):
    numbers = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([numbers], lr=rate)
    if name == "cosine":
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, count)
    else:
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, rate, total_steps=count, cycle_momentum=False)
    found = []
    for _ in range(count):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return f"rates {name} {rate!r} {count}\n" + line(found)


def main():
    text = HEAD
    for name in ("adam", "adamw"):
        text += steps(name, 0.01, 0.0, 0.0, 0.0)
        text += steps(name, 0.3, 0.0, 0.1, 0.0)
        text += steps(name, 0.05, 0.0, 0.02, 1.5)
    text += steps("sgd", 0.1, 0.0, 0.0, 0.0)
    text += steps("sgd", 0.1, 0.9, 0.0, 0.0)
    text += steps("sgd", 0.02, 0.5, 0.3, 4.0)
    text += rates("cosine", 0.2, 10) + rates("cosine", 0.001, 3)
    text += rates("one-cycle", 0.2, 10) + rates("one-cycle", 0.01, 57)
    print(text, end="")


if __name__ == "__main__":
    main()
