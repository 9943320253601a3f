"""CPython's shared memory: the measurements of measure.ts that it can take part in, with the same names and figures."""

import ctypes
import multiprocessing
import random
import threading
import time
from multiprocessing.shared_memory import ShareableList

from batches import answer, time_batches

COUNT = 10_000
ITEMS = 16
PICKS = 2**14
KEYS = 10_000


class Account(ctypes.Structure):
    _fields_ = [("balance", ctypes.c_int32)]


def struct_read():
    account = multiprocessing.Value(Account, 0)

    def batch():
        for _ in range(COUNT):
            account.balance

    return batch


def struct_write():
    account = multiprocessing.Value(Account, 0)

    def batch():
        for i in range(COUNT):
            account.balance = i

    return batch


def struct_add():
    account = multiprocessing.Value(Account, 0)

    def batch():
        for _ in range(COUNT):
            with account.get_lock():
                account.balance += 1

    return batch


def value_read():
    value = multiprocessing.Value("i", 1)

    def batch():
        for _ in range(COUNT):
            value.value

    return batch


def value_write():
    value = multiprocessing.Value("i", 1)

    def batch():
        for i in range(COUNT):
            value.value = i

    return batch


def value_add():
    value = multiprocessing.Value("i", 1)

    def batch():
        for _ in range(COUNT):
            with value.get_lock():
                value.value += 1
        value.value = 0

    return batch


def array_read():
    array = multiprocessing.Array("i", range(ITEMS))

    def batch():
        for i in range(COUNT):
            array[i % ITEMS]

    return batch


def array_write():
    array = multiprocessing.Array("i", range(ITEMS))

    def batch():
        for i in range(COUNT):
            array[i % ITEMS] = i

    return batch


def measure_list(step, at_least):
    items = ShareableList(range(ITEMS))

    def read():
        for i in range(COUNT):
            items[i % ITEMS]

    def write():
        for i in range(COUNT):
            items[i % ITEMS] = i

    try:
        return time_batches(read if step.endswith("read") else write, COUNT, at_least)
    finally:
        items.shm.close()
        items.shm.unlink()


FIELDS = {
    "struct read": struct_read,
    "struct write": struct_write,
    "struct add": struct_add,
    "Value read": value_read,
    "Value write": value_write,
    "Value add": value_add,
    "SharedArray read": array_read,
    "SharedArray write": array_write,
}


def stock_of(values, seed):
    """As stockOf in stock.ts: keys, picks, value, fits."""
    keys = [f"key {i}" for i in range(KEYS)]
    names = [f"name {i}" for i in range(KEYS)]
    chance = random.Random(seed)
    picks = [chance.randrange(KEYS) for _ in range(PICKS)]
    if values == "number":
        return (
            keys,
            picks,
            lambda number, turn: number + KEYS * (turn & 0xFF),
            lambda value, number: value % KEYS == number,
        )
    return (
        keys,
        picks,
        lambda number, turn: {"id": number + KEYS * (turn & 0xFF), "name": names[number]},
        lambda value, number: value["id"] % KEYS == number and value["name"] == names[number],
    )


def mix(table, start, writes, values, seed, ms, done):
    """As mix in mix.ts; `done` gets steps and ms."""
    keys, picks, value, fits = stock_of(values, seed)
    steps = 0
    start.wait()
    begin = time.perf_counter()
    now = begin
    while now < begin + ms / 1000:
        for steps in range(steps, steps + 50):
            number = picks[steps & (PICKS - 1)]
            if writes:
                table[keys[number]] = value(number, steps)
            elif not fits(table[keys[number]], number):
                raise ValueError(f"{keys[number]} has a value that nobody gave it")
        steps += 1
        now = time.perf_counter()
    done[seed * 2 : seed * 2 + 2] = [steps, (now - begin) * 1000]


def measure_mix(table, module, worker, values, ms):
    keys, _, value, _ = stock_of(values, 9)
    for number in range(KEYS):
        table[keys[number]] = value(number, 0)
    start = module.Barrier(4)
    done = multiprocessing.RawArray("d", 8)
    workers = [worker(target=mix, args=(table, start, seed < 2, values, seed, ms, done)) for seed in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    us = max(done[1::2]) * 1000
    writes, reads = done[0] + done[2], done[4] + done[6]
    return {"us": us / (writes + reads), "writeUs": us / writes, "readUs": us / reads}


def measure(spec):
    test = spec["of"]
    if test["test"] == "field":
        if test["step"].startswith("ShareableList"):
            return measure_list(test["step"], spec["atLeast"])
        return time_batches(FIELDS[test["step"]](), COUNT, spec["atLeast"])
    if test["test"] == "mix":
        if spec["runner"] == "CPython dict":
            return measure_mix({}, threading, threading.Thread, test["values"], test["ms"])
        with multiprocessing.Manager() as manager:
            return measure_mix(manager.dict(), multiprocessing, multiprocessing.Process, test["values"], test["ms"])
    raise ValueError(f"CPython takes no part in {test['test']}")


if __name__ == "__main__":
    answer(measure)
