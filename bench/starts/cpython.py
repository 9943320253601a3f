"""CPython's threads and forked processes: the measurements of measure.ts, with the same names and figures."""

import concurrent.futures
import multiprocessing
import statistics
import threading
import time

from batches import answer

WARM = 4
context = multiprocessing.get_context("fork")


def nothing():
    pass


def mark(begun):
    begun[0] = time.perf_counter()


def double(n):
    return n * 2


def measure_one(kind, gap, at_least, to_first_line):
    worker_class = threading.Thread if kind == "thread" else context.Process
    begun = [0.0] if kind == "thread" else context.RawArray("d", 1)
    took = []
    n, end = 0, float("inf")
    while time.perf_counter() < end or len(took) < 5:
        if n == WARM:
            end = time.perf_counter() + at_least / 1000
        time.sleep(gap / 1000)
        begin = time.perf_counter()
        worker = worker_class(target=mark, args=(begun,)) if to_first_line else worker_class(target=nothing)
        worker.start()
        worker.join()
        if n >= WARM:
            took.append((begun[0] if to_first_line else time.perf_counter()) - begin)
        n += 1
    return {"us": statistics.median(took) * 1e6, "starts": len(took)}


def measure_many(kind, count):
    worker_class = threading.Thread if kind == "thread" else context.Process
    begin = time.perf_counter()
    workers = [worker_class(target=nothing) for _ in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return {"us": (time.perf_counter() - begin) * 1e6}


def measure_pool(kind, workers, tasks):
    executors = {
        "thread": lambda: concurrent.futures.ThreadPoolExecutor(workers),
        "process": lambda: concurrent.futures.ProcessPoolExecutor(workers, mp_context=context),
    }
    begin = time.perf_counter()
    with executors[kind]() as pool:
        futures = [pool.submit(double, n) for n in range(tasks)]
        answers = [future.result() for future in futures]
        us = (time.perf_counter() - begin) * 1e6
    assert answers == [n * 2 for n in range(tasks)]
    return {"us": us}


def measure(spec):
    test, kind = spec["of"], spec["kind"]
    if test["test"] in ("join", "first"):
        return measure_one(kind, test["gap"], spec["atLeast"], test["test"] == "first")
    if test["test"] == "many":
        return measure_many(kind, test["count"])
    return measure_pool(kind, test["size"], test["tasks"])


if __name__ == "__main__":
    answer(measure)
