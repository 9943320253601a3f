"""CPython's locks: the measurements of measure.ts that it can take part in, with the same names and figures."""

import multiprocessing
import threading
import time

from batches import answer, time_batches

PAIRS = 20_000


def measure_pairs(what, kind, at_least):
    lock = getattr(multiprocessing if kind == "process" else threading, what)()

    def batch():
        for _ in range(PAIRS):
            lock.acquire()
            lock.release()

    return time_batches(batch, PAIRS, at_least)


def own(lock, start, counter, ms, number, owned):
    """As own in owner.ts; the counter is the one item of a list, or of an array in shared memory."""
    pairs = 0
    start.wait()
    begin = time.perf_counter()
    now = begin
    longest = 0
    while now < begin + ms / 1000:
        for _ in range(50):
            lock.acquire()
            counter[0] += 1
            lock.release()
        pairs += 50
        then = now
        now = time.perf_counter()
        longest = max(longest, now - then)
    owned[number * 3 : number * 3 + 3] = [pairs, (now - begin) * 1000, longest * 1000]


def measure_contended(kind, owners, ms):
    if kind == "process":
        lock, start = multiprocessing.Lock(), multiprocessing.Barrier(owners)
        counter, owned = multiprocessing.RawArray("q", 1), multiprocessing.RawArray("d", owners * 3)
        owner = multiprocessing.Process
    else:
        lock, start = threading.Lock(), threading.Barrier(owners)
        counter, owned = [0], [0.0] * (owners * 3)
        owner = threading.Thread
    running = [owner(target=own, args=(lock, start, counter, ms, number, owned)) for number in range(owners)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    each = owned[0::3]
    pairs = sum(each)
    assert pairs == counter[0], "two owners had the lock at once"
    return {"us": max(owned[1::3]) * 1000 / pairs, "share": min(each) * owners / pairs, "waitMs": max(owned[2::3])}


def measure(spec):
    test, kind = spec["of"], spec["kind"]
    if test["test"] == "pair":
        return measure_pairs(test["what"], kind, spec["atLeast"])
    if test["test"] == "contended":
        return measure_contended(kind, test["owners"], test["ms"])
    raise ValueError(f"CPython takes no part in {test['test']}")


if __name__ == "__main__":
    answer(measure)
