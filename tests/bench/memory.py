"""Memory of `postgate run` over time; run `python -m tests.bench.memory --help`.

Documents come at a steady rate, from as many customers as are known. Once a second the memory that the process really holds
is read from the system. The slope is that of the straight line that fits all samples after the first third best; a process
that leaks a hundred bytes a document shows it as 100.
"""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path

from tests.bench.figures import heading
from tests.bench.pipeline import Pipeline, pipeline
from tests.bench.workload import arguments, invoices, parties

Sample = tuple[int, int]
"""How many documents were sent, and the bytes that the process holds."""


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__, documents=0)
    parser.add_argument("--minutes", type=int, default=10, help="how long (10)")
    parser.add_argument("--rate", type=int, default=300, help="documents a second (300)")
    asked = parser.parse_args()
    with pipeline() as there:
        samples = sampled(there, asked.minutes * 60, asked.rate)
    kept = samples[len(samples) // 3 :]
    heading(f"{asked.minutes} minutes at {asked.rate} documents a second, {samples[-1][0]:,} documents", 1)
    for at in range(0, len(samples), max(1, len(samples) // 10)):
        print(f"{samples[at][0]:>9,} documents {samples[at][1] >> 10:>9,} KiB")
    print(f"slope {slope(kept):+,} bytes a document; between {min(kept)[1] >> 10:,} and {max(s[1] for s in kept) >> 10:,} KiB")


def sampled(there: Pipeline, seconds: int, rate: int) -> list[Sample]:
    """Send documents at a steady rate, and return what the process held after each second of them."""
    url, samples = there.store(list(parties())), []
    messages = invoices()
    with there.running(url, "run") as process:
        began = time.monotonic_ns()
        for second in range(seconds):
            there.send(islice(messages, rate))
            samples.append(((second + 1) * rate, _held(process.pid)))
            time.sleep(max(0, began + (second + 1) * 10**9 - time.monotonic_ns()) / 10**9)
    return samples


def slope(samples: list[Sample]) -> int:
    """Return the bytes that each document adds, by least squares."""
    count = len(samples)
    mean = sum(at for at, _ in samples) // count, sum(held for _, held in samples) // count
    over = sum((at - mean[0]) * (held - mean[1]) for at, held in samples)
    return over // max(1, sum((at - mean[0]) ** 2 for at, _ in samples))


def _held(pid: int) -> int:
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) << 10


if __name__ == "__main__":
    main()
