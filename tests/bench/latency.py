"""How long a document takes through `postgate run`, from produce to posting; run `python -m tests.bench.latency --help`.

First at a steady rate: from the moment before a document is handed to a producer until an independent reader of committed
records has its posting in hand. Then from a link to what it releases: documents of a customer without an account are sent and
held; the link is sent, and the reader waits for their postings. The reader is woken as soon as the broker has something.
"""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from kafka import KafkaConsumer

from adapters.cli.sending import Way, prepared
from adapters.eventlog.postgres.log import PostgresLog
from adapters.kafka.sending import sending
from projections.documents import DOCUMENTS
from tests.bench.figures import ROUNDS, heading, quantile
from tests.bench.pipeline import POSTINGS, Pipeline, ends, pipeline
from tests.bench.workload import BOOK, arguments, invoices, link, parties, stranger

WARM_S = 5
PATIENCE_S = 300
_MS = 10**6
_DIRECTLY = {"fetch_max_wait_ms": 10, "fetch_min_bytes": 1}


class Heard(threading.Thread):
    """Notes when the posting of each document was in the hands of a reader."""

    def __init__(self, consumer: KafkaConsumer) -> None:
        """Read on from where the reader is."""
        super().__init__(name="heard", daemon=True)
        self._consumer, self._over = consumer, threading.Event()
        self.at: dict[str, int] = {}

    def run(self) -> None:
        """Read until the end."""
        while not self._over.is_set():
            for records in self._consumer.poll(timeout_ms=100).values():
                now = time.monotonic_ns()
                for record in records:
                    self.at.setdefault(json.loads(record.value)["document"], now)

    def wait_for(self, documents: Sequence[str]) -> None:
        """Wait until all of these have come."""
        until = time.monotonic() + PATIENCE_S
        while not all(document in self.at for document in documents):
            if time.monotonic() > until:
                raise TimeoutError(f"{sum(document in self.at for document in documents):,} of {len(documents):,} postings came")
            time.sleep(0.01)

    def end(self) -> None:
        """Stop reading."""
        self._over.set()
        self.join()


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__, documents=3_000)
    parser.add_argument("--rate", type=int, default=100, help="documents a second (100)")
    parser.add_argument("--held", type=int, default=10_000, help="how many documents one link releases (10,000)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often a link releases one document ({ROUNDS})")
    asked = parser.parse_args()
    with pipeline() as there:
        url = there.store(list(parties()))
        with there.running(url, "run"), _hearing(there) as heard:
            steady(there, heard, asked.documents, asked.rate)
            single = [released(there, heard, url, (round_, 1))[1] for round_ in range(asked.rounds)]
            first, last = released(there, heard, url, (asked.rounds, asked.held))
    heading("from a link to what it releases", asked.rounds)
    print(f"1 held document          {statistics.median_low(single):>7,} ms [{min(single):,}]")
    print(f"{asked.held:,} held documents   {first:>7,} ms to the first, {last:,} ms to the last posting, once")


def steady(there: Pipeline, heard: Heard, documents: int, rate: int) -> None:
    """Send documents at a steady rate, and print how long they took."""
    sent: dict[str, int] = {}
    with sending(there.settings) as sender:
        began = time.monotonic_ns()
        for number, raw in enumerate(islice(invoices(), documents + WARM_S * rate)):
            time.sleep(max(0, began + number * 10**9 // rate - time.monotonic_ns()) / 10**9)
            message = prepared(raw, Way(None, structured=False, as_is=False))
            sent[json.loads(raw)["data"]["document"]] = time.monotonic_ns()
            sender.send(message)
        sender.flush()
    heard.wait_for(list(sent))
    took = [(heard.at[document] - at) // _MS for document, at in list(sent.items())[WARM_S * rate :]]
    heading(f"{documents:,} documents at {rate} a second, from produce to the posting in a reader's hands", 1)
    for percent in (50, 90, 99, 100):
        print(f"p{percent:<3} {quantile(took, percent):>6,} ms")


def released(there: Pipeline, heard: Heard, url: str, which: tuple[int, int]) -> tuple[int, int]:
    """Have documents of a customer held, link it, and return the milliseconds to the first and the last posting."""
    number, count = which
    customer, account = f"stranger-{number}", f"debtor-stranger-{number}"
    held = list(islice(invoices(10_000_000 * (number + 1), customer=customer), count))
    there.send(stranger(customer, account))
    there.send(held)
    _until_held(url, count)
    began = time.monotonic_ns()
    there.send([link(customer, account)])
    documents = [json.loads(raw)["data"]["document"] for raw in held]
    heard.wait_for(documents)
    took = sorted((heard.at[document] - began) // _MS for document in documents)
    return took[0], took[-1]


def _until_held(url: str, count: int) -> None:
    """Wait until so many documents of the book are held or wait, and the pipeline has nothing else to do."""
    log, until, found = PostgresLog(url), time.monotonic() + PATIENCE_S, -1
    while found != count:
        if time.monotonic() > until:
            raise TimeoutError(f"{found:,} of {count:,} documents are held")
        time.sleep(0.2)
        with log.reading() as views:
            found = sum(len(list(views.find(DOCUMENTS, {"book": BOOK, "state": state}))) for state in _HELD)
    log.close()
    time.sleep(1)


_HELD = ("WAITING", "REQUIRES_ATTENTION")


@contextmanager
def _hearing(there: Pipeline) -> Iterator[Heard]:
    given: dict[str, Any] = _DIRECTLY
    with there.listening(POSTINGS, **given) as consumer:
        ends(consumer)
        heard = Heard(consumer)
        heard.start()
        try:
            yield heard
        finally:
            heard.end()


if __name__ == "__main__":
    main()
