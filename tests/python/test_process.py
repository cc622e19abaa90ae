"""What a process does around the package: signals, threads, forks, workers."""

import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

import steelyard

PATIENCE = 300  # seconds until a test that hangs is a failure; none goes by how long it takes

# A parallel region, so that OpenMP has its threads, and numbers to compare.
WORK = """
import numpy as np
import steelyard

def work():
    y = np.arange(300_000) % 7
    logits = np.cos(np.arange(300_000 * 7)).reshape(-1, 7)
    loss, gradient = steelyard.losses.cross_entropy(logits, y, class_weight=[1, 2, 3, 4, 5, 6, 7])
    weights = steelyard.sample_weights(y % 3)
    return loss, gradient.tobytes(), weights.tobytes()
"""
exec(WORK)  # here, and in the programs below
work = globals()["work"]


def python(program, *, expected=0):
    """What a program prints, that may hang."""
    came = subprocess.run([sys.executable, "-W", "ignore", "-c", WORK + textwrap.dedent(program)],
                          capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert came.returncode == expected, came.stderr
    return came.stdout


def test_a_child_of_fork_computes_the_same():
    assert python("""
        import os
        expected = work()
        child = os.fork()
        if child == 0:
            os._exit(0 if work() == expected else 3)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), work() == expected)
    """).split() == ["0", "True"]


def test_a_child_of_a_thread_computes_too():
    """Forked by one thread while others are in the midst of calls."""
    assert python("""
        import os, threading
        expected, stop = work(), threading.Event()
        def busy():
            while not stop.is_set():
                work()
        others = [threading.Thread(target=busy) for _ in range(2)]
        for other in others:
            other.start()
        codes = []
        for _ in range(5):
            child = os.fork()
            if child == 0:
                os._exit(0 if work() == expected else 3)
            codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        stop.set()
        for other in others:
            other.join()
        print(codes)
    """).strip() == "[0, 0, 0, 0, 0]"


def weighed(part):
    """Weights of a part of the rows, in a worker."""
    return steelyard.sample_weights(np.arange(300_000)[part::4] % 3, [1, 2, 4]).sum()


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_a_pool(method):
    work()
    with ProcessPoolExecutor(2, mp_context=get_context(method)) as pool:
        assert sum(pool.map(weighed, range(4), timeout=PATIENCE)) == 700_000


def test_workers_of_joblib():
    joblib = pytest.importorskip("joblib")
    work()
    found = joblib.Parallel(n_jobs=2, backend="loky", timeout=PATIENCE)(
        joblib.delayed(weighed)(part) for part in range(4))
    assert sum(found) == 700_000


def test_threads_compute_the_same():
    expected, found = work(), []
    threads = [threading.Thread(target=lambda: found.append(work() == expected)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert found == [True] * 4


LONG_FIT = """
    import numpy as np
    from steelyard._core.frames import frame_of
    from steelyard._core.fits import fit_logistic
    X = np.random.default_rng(0).normal(size=(400_000, 60))
    frame = frame_of(X)
    ids = np.arange(400_000, dtype=np.int32) % np.int32(5)
    def fit():
        return fit_logistic(frame, ids, 5, list("abcde"), class_weights=None,
                            sample_weight=None, l2=1e-9, tolerance=1e-300, max_iterations=10**6,
                            start=None, min_count=1, max_categories=64, cost=None, positive=-1)
"""


LONG_TRAINING = """
    import numpy as np
    from steelyard import MLPClassifier
    X = np.random.default_rng(0).normal(size=(20_000, 60))
    def fit():
        return MLPClassifier(epochs=10**6, patience=0).fit(X, np.arange(20_000) % 5)
"""
LONG_GROWING = """
    import numpy as np
    from steelyard import BoostedClassifier
    X = np.random.default_rng(0).normal(size=(5_000, 20))
    def fit():
        return BoostedClassifier(rounds=10**5, early_stopping_rounds=0).fit(
            X, np.arange(5_000) % 5)
"""
LONG = pytest.mark.parametrize("long", [LONG_FIT, LONG_TRAINING, LONG_GROWING],
                               ids=["logistic", "mlp", "boosted"])


def started(program, long):
    """A program that has said that it begins; its stderr goes with its stdout."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c",
         textwrap.dedent(long) + textwrap.dedent(program)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout.readline() == "begins\n"
    return process


@LONG
def test_control_c_ends_a_long_fit(long):
    process = started("""
        try:
            print("begins", flush=True)
            fit()
        except KeyboardInterrupt:
            print("interrupted")
    """, long)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=PATIENCE)[0].strip() == "interrupted"
    assert process.returncode == 0


@LONG
def test_a_handler_may_raise_what_it_likes(long):
    process = started("""
        import signal
        class Enough(Exception):
            pass
        def handler(number, frame):
            raise Enough
        signal.signal(signal.SIGUSR1, handler)
        try:
            print("begins", flush=True)
            fit()
        except Enough:
            print("enough")
    """, long)
    process.send_signal(signal.SIGUSR1)
    assert process.communicate(timeout=PATIENCE)[0].strip() == "enough"


@LONG
def test_other_threads_run_during_a_long_call(long):
    """A thread interrupts the main one in the midst of a fit that would never end by itself: it can
    only where the fit has let go of the interpreter."""
    process = started("""
        import _thread, threading
        inside, ran = threading.Event(), []
        def other():
            inside.wait()
            for _ in range(100_000):
                pass
            ran.append(True)
            _thread.interrupt_main()
        thread = threading.Thread(target=other)
        thread.start()
        import sys
        sys.setswitchinterval(1000)  # nothing but letting go hands the interpreter over
        print("begins", flush=True)
        inside.set()
        try:
            fit()
        except KeyboardInterrupt:
            print("interrupted", ran)
    """, long)
    assert process.communicate(timeout=PATIENCE)[0].strip() == "interrupted [True]"


def test_parts_for_other_packages_come_when_asked_for():
    came = python("""
        import sys
        assert "steelyard.compat" not in sys.modules
        print(steelyard.compat.compute_class_weight(None, classes=np.array([1, 2]), y=[1, 2]))
        try:
            steelyard.kompat
        except AttributeError as error:
            print(error)
    """)
    assert came.splitlines() == ["[1. 1.]", "module 'steelyard' has no attribute 'kompat'"]
