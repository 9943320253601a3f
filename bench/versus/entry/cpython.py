"""CPython as a contestant: the measurements of measure.ts that it can take part in, with the same names and figures.

Processes are multiprocessing.Pool, threads concurrent.futures.ThreadPoolExecutor (which share one interpreter lock).
"""

import multiprocessing
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore

from batches import answer, repeat

WINDOW = 64


def add(a, b):
    return a + b


def greet(person):
    return {**person, "id": person["id"] + 1}


def echo(value):
    return value


def square(x):
    return x * x


class Team:
    def __init__(self, kind, workers):
        self.processes = kind == "process"
        self.pool = multiprocessing.Pool(workers) if self.processes else ThreadPoolExecutor(workers)

    def submit(self, fn, args, done=None):
        """Returns a function that waits for the result."""
        if self.processes:
            return self.pool.apply_async(fn, args, callback=done, error_callback=done).get
        future = self.pool.submit(fn, *args)
        if done is not None:
            future.add_done_callback(done)
        return future.result

    def stop(self):
        if self.processes:
            self.pool.close()
            self.pool.join()
        else:
            self.pool.shutdown()


def work_of(test):
    if test["work"] == "add":
        return add, lambda i: (i, 1)
    if test["work"] == "greet":
        person = {"id": 7, "name": "Grace Brewster Hopper", "city": "Arlington", "email": "grace@example.org"}
        return greet, lambda i: (person,)
    if test["work"] in ("text", "bytes"):
        size = test["size"]
        value = "m" * size if test["work"] == "text" else b"\7" * size
        return echo, lambda i: (value,)
    raise ValueError(f"CPython takes no part in {test['work']}")


def run(team, test, tasks, trips):
    """Microseconds a task."""
    fn, args = work_of(test)
    begin = time.perf_counter()
    if test["shape"] == "all":
        at_once = max(1, min(tasks, 2**30 // test.get("size", 1)))
        for start in range(0, tasks, at_once):
            results = [team.submit(fn, args(i)) for i in range(start, min(start + at_once, tasks))]
            for get in results:
                get()
    elif test["shape"] == "window":
        places = Semaphore(WINDOW)
        for i in range(tasks):
            places.acquire()
            team.submit(fn, args(i), lambda _: places.release())
        for _ in range(WINDOW):
            places.acquire()
    else:
        for i in range(tasks):
            sent = time.perf_counter()
            team.submit(fn, args(i))()
            trips.append((time.perf_counter() - sent) * 1e6)
    return (time.perf_counter() - begin) * 1e6 / tasks


def quantile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p))]


def measure_tasks(team, test, at_least):
    repeat(lambda: run(team, test, min(test["tasks"], 5000), []), min(at_least, 300))
    trips = []
    batches = repeat(lambda: run(team, test, test["tasks"], trips), at_least)
    spread = {"p50Us": quantile(trips, 0.5), "p99Us": quantile(trips, 0.99)} if trips else {}
    return {"us": quantile(batches, 0.5), **spread, "batches": len(batches)}


def measure_map(team, items, at_least):
    numbers = list(range(items))
    list(team.pool.map(square, numbers[:20_000]))

    def once():
        begin = time.perf_counter()
        squares = team.pool.map(square, numbers)
        took = time.perf_counter() - begin
        assert squares[items - 1] == (items - 1) ** 2
        return took * 1e6 / items

    batches = repeat(once, at_least)
    return {"us": quantile(batches, 0.5), "batches": len(batches)}


def measure_startup(kind, workers, launched):
    begin = time.perf_counter()
    team = Team(kind, workers)
    assert team.submit(add, (1, 2))() == 3
    now = time.perf_counter()
    cold = (time.time() - launched) * 1000
    team.stop()
    begin_second = time.perf_counter()
    second = Team(kind, workers)
    assert second.submit(add, (1, 2))() == 3
    second_ms = (time.perf_counter() - begin_second) * 1000
    second.stop()
    return {"coldMs": cold, "poolMs": (now - begin) * 1000, "secondPoolMs": second_ms}


def measure(spec):
    test, kind, workers = spec["of"], spec["kind"], spec["workers"]
    if test["test"] == "startup":
        return measure_startup(kind, workers, float(sys.argv[2]) / 1000)
    team = Team(kind, workers)
    if test["test"] == "tasks":
        figures = measure_tasks(team, test, spec["atLeast"])
    elif test["test"] == "map":
        figures = measure_map(team, test["items"], spec["atLeast"])
    else:
        raise ValueError(f"CPython takes no part in {test['test']}")
    team.stop()
    return figures


if __name__ == "__main__":
    answer(measure)
