"""The least effort with which a peer gets where we are: a ratio of times counts only there."""

import itertools
import time

from contender import TookTooLong

EQUAL = 1e-6  # an objective is equal up to this, relative


class Reached:
    """How a search ended: the effort that sufficed (None: none did, and why), the best gap and its
    seconds, and the longest run that did not get there."""

    def __init__(self):
        self.effort, self.why = None, ""
        self.gap, self.seconds, self.longest = float("inf"), 0.0, 0.0


def iteration_efforts(first):
    """Numbers of iterations, doubled each time."""
    return (first << power for power in itertools.count())


def least_effort(run, efforts, cap, refine):
    """Tries efforts in turn until one reaches our objective or `cap` seconds are used up.

    `run(effort, seconds)` returns (answer, gap): what the contender said, and by how much its
    objective lies above ours, relative. With `refine` the efforts are whole numbers, and the first
    that suffices is narrowed down to a tenth.
    """
    found, begin, last, stalled, failing = Reached(), time.monotonic(), 0.0, None, 0
    for effort in efforts:
        left = cap - (time.monotonic() - begin)
        if left < 1.5 * last:
            found.why = f"{cap:.0f} s used up"
            return found
        try:
            answer, gap = run(effort, left)
        except TookTooLong as failure:
            found.why, found.longest = str(failure), left
            return found
        last = answer["seconds"]
        if gap < found.gap:
            found.gap, found.seconds = gap, last
        if gap <= EQUAL:
            found.effort = effort
            break
        found.longest = last
        iterations = answer["iterations"]
        if iterations is not None and iterations == stalled:
            found.why, found.longest = f"stops by itself after {iterations} iterations", 0.0
            return found
        stalled, failing = iterations, effort
    while refine and found.effort - failing > max(1, found.effort // 10):
        middle = (found.effort + failing) // 2
        left = cap - (time.monotonic() - begin)
        if left < 1.5 * last:
            break
        answer, gap = run(middle, left)
        if gap <= EQUAL:
            found.effort, found.gap, found.seconds = middle, gap, answer["seconds"]
        else:
            failing = middle
    return found
