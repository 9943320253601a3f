"""What the measuring programs of CPython have in common; as batches.ts and answer.ts."""

import json
import statistics
import sys
import time

WARM = 150


def repeat(once, at_least):
    """Calls for at least so many ms; what the calls returned."""
    results = []
    until = time.perf_counter() + at_least / 1000
    while not results or time.perf_counter() < until:
        results.append(once())
    return results


def time_batches(batch, count, at_least):
    """Microseconds for one of the `count` that a batch does."""

    def once():
        begin = time.perf_counter()
        batch()
        return (time.perf_counter() - begin) * 1e6 / count

    repeat(once, WARM)
    batches = repeat(once, at_least)
    return {"us": statistics.median(batches), "batches": len(batches)}


def answer(measure):
    """Makes the measurement in the first argument and prints its figures."""
    print("figures:" + json.dumps(measure(json.loads(sys.argv[1]))))
