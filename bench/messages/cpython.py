"""CPython's queues and pipes: the measurements of measure.ts that it can take part in, with the same names and figures."""

import multiprocessing
import queue
import statistics
import threading
import time

from batches import answer

WARM = 300
ITEMS = 20_000
BUFFERS = 64
ON_THE_WAY = 4


def in_runs(start, leads, run):
    """As inRuns in runs.ts: when each run began and ended, in ms."""
    everybody, last, at_least = start
    runs = []
    enough = time.monotonic() + (WARM + at_least) / 1000
    number = 0
    while number == 0 or last[0] != number:
        number += 1
        if leads and time.monotonic() >= enough:
            last[0] = number
        everybody.wait()
        began = time.monotonic()
        after = run()
        runs.append((began * 1000, time.monotonic() * 1000))
        if after is not None:
            after()
    return runs


def put_items(items, start, results, number, count):
    """As putItems in item-ends.ts."""
    names = [f"item number {i}" for i in range(ITEMS)]

    def run():
        for i in range(number * count, (number + 1) * count):
            items.put({"id": i, "name": names[i], "ok": True, "x": i / 2})

    results.put((number, in_runs(start, number == 0, run), None))


def get_items(items, start, results, number, count):
    """As getItems in item-ends.ts."""
    names = [f"item number {i}" for i in range(ITEMS)]
    counts = [0] * ITEMS
    ids = [0] * count

    def run():
        for i in range(count):
            item = items.get()
            number = item["id"]
            if not item["ok"] or item["x"] != number / 2 or item["name"] != names[number]:
                raise ValueError(f"{item} is not what was put")
            ids[i] = number
        return tally

    def tally():
        last = [-1] * (ITEMS // count)
        for number in ids:
            producer = number // count
            if number <= last[producer]:
                raise ValueError(f"item {number} came after item {last[producer]}")
            last[producer] = number
            counts[number] += 1

    results.put((number, in_runs(start, False, run), counts))


def mark(data, number):
    data[0] = number
    data[-1] = 255 - number


def check_mark(data, number, size):
    if len(data) != size or data[0] != number or data[-1] != 255 - number:
        raise ValueError(f"buffer {number} is not what was put")


def put_buffers(end, start, results, kind, size):
    """Sends the same bytes again and again; among threads that passes what refers to them, so there are some to take turns."""
    buffers = [bytearray(size) for _ in range(ON_THE_WAY + 2)]

    def run():
        for number in range(BUFFERS):
            data = buffers[number % len(buffers)]
            mark(data, number)
            if kind == "process":
                end.send_bytes(data)
            else:
                end.put(data)

    results.put((0, in_runs(start, True, run), None))


def get_buffers(end, start, results, kind, size):
    target = bytearray(size)

    def run():
        for number in range(BUFFERS):
            if kind == "process":
                end.recv_bytes_into(target)
                check_mark(target, number, size)
            else:
                check_mark(end.get(), number, size)

    results.put((1, in_runs(start, False, run), None))


def reporting(job, args, results):
    """Runs a job; when it fails, says so instead of leaving all others to wait for it."""
    try:
        job(*args)
    except Exception as error:
        results.put((-1, repr(error), None))
        raise


def work(kind, workers, jobs_of, at_least):
    """Runs workers; what each has found out, by number."""
    if kind == "process":
        module, worker = multiprocessing, multiprocessing.Process
        last, results = multiprocessing.RawArray("i", 1), multiprocessing.SimpleQueue()
    else:
        module, worker = threading, threading.Thread
        last, results = [0], queue.SimpleQueue()
    jobs = jobs_of((module.Barrier(workers), last, at_least), results)
    running = [worker(target=reporting, args=(job, args, results), daemon=True) for job, args in jobs]
    for one in running:
        one.start()
    found = []
    for _ in running:
        found.append(results.get())
        if found[-1][0] < 0:
            raise RuntimeError(found[-1][1])
    found.sort(key=lambda result: result[0])
    for one in running:
        one.join()
    return found


def figures_of(put, got, count):
    """As figuresOf in measure-queue.ts."""
    spans = [
        (min(runs[i][0] for runs in put), max(runs[i][1] for runs in got))
        for i in range(len(put[0]))
    ]
    warm = spans[0][0] + WARM
    counted = [span for span in spans if span[0] >= warm] or spans[-1:]
    return {
        "us": statistics.median((ended - began) * 1000 / count for began, ended in counted),
        "runs": len(counted),
    }


def measure_items(kind, pairs, at_least):
    items = multiprocessing.Queue() if kind == "process" else queue.Queue()
    count = ITEMS // pairs

    def jobs_of(start, results):
        return [(put_items, (items, start, results, i, count)) for i in range(pairs)] + [
            (get_items, (items, start, results, pairs + i, count)) for i in range(pairs)
        ]

    found = work(kind, pairs * 2, jobs_of, at_least)
    put = [runs for _, runs, _ in found[:pairs]]
    got = [runs for _, runs, _ in found[pairs:]]
    for times in zip(*(counts for _, _, counts in found[pairs:])):
        assert sum(times) == len(put[0]), "an item was lost, or got twice"
    return figures_of(put, got, ITEMS)


def measure_buffers(kind, size, at_least):
    if kind == "process":
        to_get, to_put = multiprocessing.Pipe(duplex=False)
    else:
        to_get = to_put = queue.Queue(ON_THE_WAY)

    def jobs_of(start, results):
        return [
            (put_buffers, (to_put, start, results, kind, size)),
            (get_buffers, (to_get, start, results, kind, size)),
        ]

    found = work(kind, 2, jobs_of, at_least)
    return figures_of([found[0][1]], [found[1][1]], BUFFERS)


def echo(receive, send):
    value = receive()
    while value >= 0:
        send(value)
        value = receive()


def measure_trips(kind, at_least):
    if kind == "process":
        mine, theirs = multiprocessing.Pipe()
        send, receive = mine.send, mine.recv
        other = multiprocessing.Process(target=echo, args=(theirs.recv, theirs.send))
    else:
        there, back = queue.Queue(), queue.Queue()
        send, receive = there.put, back.get
        other = threading.Thread(target=echo, args=(there.get, back.put))
    other.start()

    def repeat(ms):
        trips = []
        now = time.perf_counter()
        end = now + ms / 1000
        while now < end:
            begin = now
            send(len(trips))
            value = receive()
            now = time.perf_counter()
            assert value == len(trips)
            trips.append((now - begin) * 1e6)
        return sorted(trips)

    repeat(WARM)
    trips = repeat(at_least)
    send(-1)
    other.join()
    middle = trips[len(trips) // 2]
    return {"us": middle, "p50Us": middle, "p99Us": trips[len(trips) * 99 // 100], "trips": len(trips)}


def measure(spec):
    test, kind, at_least = spec["of"], spec["kind"], spec["atLeast"]
    if test["test"] == "stream" and test["calls"] == "blocking":
        return measure_items(kind, 1, at_least)
    if test["test"] == "many":
        return measure_items(kind, test["pairs"], at_least)
    if test["test"] == "large":
        return measure_buffers(kind, test["size"], at_least)
    if test["test"] == "trip" and test["calls"] == "blocking":
        return measure_trips(kind, at_least)
    raise ValueError(f"CPython takes no part in {test}")


if __name__ == "__main__":
    answer(measure)
