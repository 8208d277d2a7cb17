"""Figures: work is timed in turns with what it is held against, and told as medians, best, ratio and the machine's load."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

ROUNDS = 5
_SECOND = 10**9


@dataclass(frozen=True, slots=True)
class Took:
    """What something took, in nanoseconds: of the clock, and of this process's own processor time."""

    wall: int
    cpu: int


@dataclass(slots=True)
class Side:
    """One of the things compared: what each round took for how many documents."""

    documents: int
    times: list[Took] = field(default_factory=list)

    @property
    def rate(self) -> int:
        """Documents per second of the median round."""
        return self.documents * _SECOND // statistics.median_low([took.wall for took in self.times])

    @property
    def best(self) -> int:
        """Documents per second of the best round."""
        return self.documents * _SECOND // min(took.wall for took in self.times)

    @property
    def cpu_us(self) -> int:
        """Microseconds of our own processor time for each document; other processes disturb it least."""
        return statistics.median_low([took.cpu for took in self.times]) // self.documents // 1_000


def in_turns(rounds: int, documents: int, sides: Mapping[str, Callable[[], Took]]) -> Mapping[str, Side]:
    """Run each side once a round, so that whatever else the machine does meets all of them; return their times."""
    measured = {name: Side(documents) for name in sides}
    for _ in range(rounds):
        for name, run in sides.items():
            measured[name].times.append(run())
    return measured


def told(measured: Mapping[str, Side], *, of: str, to: str) -> None:
    """Print the rate of every side, and what one is of another."""
    for name, side in measured.items():
        print(f"{name:<14} {side.rate:>9,} documents/s [{side.best:,}], {side.cpu_us:,} us of our processor each")
    ours, floor = measured[of], measured[to]
    print(f"{'ratio':<14} {ours.rate / floor.rate:>9.2f} [{ours.best / floor.best:.2f}]")


def heading(what: str, rounds: int) -> None:
    """Print what is measured, and how busy the machine is, with this and with other things."""
    load = ", ".join(f"{of:.2f}" for of in os.getloadavg())
    print(f"{what}; medians of {rounds} [best]; load {load} on {os.cpu_count()} cores", flush=True)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the collector of cyclic garbage out of a measurement."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def timed(run: Callable[[], object]) -> Took:
    """Return what something takes."""
    began, used = time.perf_counter_ns(), time.process_time_ns()
    run()
    return Took(time.perf_counter_ns() - began, time.process_time_ns() - used)


def quantile(values: Sequence[int], percent: int) -> int:
    """Return the value that so many percent of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
