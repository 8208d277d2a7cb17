"""The operator: a person's command becomes a message of its own and goes through the same door as every other."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID, uuid4

from adapters import clock
from adapters.effects import Effect
from adapters.errors import NotFound
from adapters.eventlog.store import Store
from adapters.ingest import incoming
from engine.decider import stream
from engine.errors import Refused
from engine.handling.requeue import Offer, refuse_quarantined, requeue
from engine.handling.transaction import Handled, handle
from engine.record import decode
from engine.states import States
from engine.streams.quarantine import QUARANTINE as KEEPING
from projections.completeness import QUARANTINE, QuarantineRow
from schemas.gate import MESSAGE_BYTES_MAX

SOURCE = "/postgate/operator"


class Done:
    """What a command did, or would do: the receipt's code, and what it changed for documents."""

    def __init__(self, handled: Handled, locator: str) -> None:
        """Read it from what was handled on behalf of one message."""
        (receipt,) = handled.receipts
        self.verdict, self.code = receipt.verdict, receipt.code
        self.effect = Effect()
        self.effect.add(handled.happened, locator=locator)
        self.happened = [each for each in handled.happened if each.cause.locator == locator]

    @property
    def is_news(self) -> bool:
        """True unless everything was already so."""
        return self.verdict == "ACCEPTED"


class Operator:
    """Gives commands to one store. What the rules refuse is raised as Refused, and nothing of it is recorded."""

    def __init__(self, log: Store, *, now: Callable[[], int] = clock.now, drawn: Callable[[], UUID] = uuid4) -> None:
        """Work on a log, with a clock and a source of ids."""
        self._log, self._now, self._drawn = log, now, drawn

    def link(self, book: str, link: Mapping[str, object], *, dry: bool = False) -> Done:
        """Let a customer owe through an account."""
        return self.say("link.made", book, link, dry=dry)

    def unlink(self, book: str, customer: str, reason: str | None = None, *, dry: bool = False) -> Done:
        """Let a customer owe through nobody."""
        return self.say("link.removed", book, {"customer": customer, "reason": reason}, dry=dry)

    def classify(self, book: str, account: str, class_: str, *, dry: bool = False) -> Done:
        """Give an account the posting rules of a class."""
        return self.say("class.assigned", book, {"account": account, "class": class_}, dry=dry)

    def release(self, book: str, grant: Mapping[str, object], *, dry: bool = False) -> Done:
        """Let one version of a document pass the reasons named."""
        return self.say("release.granted", book, grant, dry=dry)

    def say(self, noun_and_verb: str, book: str, facts: Mapping[str, object], *, dry: bool = False) -> Done:
        """Say something in the operator's name."""
        named, at = str(self._drawn()), self._now()
        said = {
            "specversion": "1.0",
            "id": named,
            "source": SOURCE,
            "type": f"postgate.{noun_and_verb}.v1",
            "time": clock.text(at),
            "book": book,
            "data": {name: value for name, value in facts.items() if value is not None},
        }
        raw = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        source = f"operator:{named}"
        with self._log.writing(dry=dry) as writing:
            handled = handle(writing, States(), [incoming(source, 1, raw)], at, clock.day)
            refuse_quarantined(handled)
        return Done(handled, f"{source}#1")

    def requeue(self, kept: QuarantineRow, *, dry: bool = False) -> Done:
        """Take a quarantined message through the door again. Raises Refused when it still cannot be taken."""
        if kept.size > MESSAGE_BYTES_MAX:
            told = f"{kept.size:,} bytes are over the limit of {MESSAGE_BYTES_MAX:,}, so only its head was kept"
            raise Refused("TOO_LARGE", told, "let its system publish a smaller message")
        name, source = stream(kept.book, "quarantine", kept.locator), f"requeue:{kept.locator}"
        with self._log.writing(dry=dry) as writing:
            state = KEEPING.initial
            for recorded in writing.events_of([name]):
                state = KEEPING.evolve(state, decode(recorded).event)
            if state.message is None:
                raise NotFound(kept.locator, "is not in quarantine", "look at postgate quarantine")
            offered = incoming(source, writing.source_position(source) + 1, b64decode(state.message.head))
            handled = requeue(writing, States(), Offer(name, kept.locator, offered), self._now(), clock.day)
        return Done(handled, f"{source}#{offered.position}")


def quarantined(log: Store, locators: Sequence[str], code: str | None) -> list[QuarantineRow]:
    """Return quarantined messages, oldest first: those named, else all that still wait; each must be there."""
    with log.reading() as views:
        rows = {row.locator: row for row in views.find(QUARANTINE, order=("recorded_at", "locator"))}
    missing = [locator for locator in locators if locator not in rows]
    if missing:
        raise NotFound(missing[0], "is not in quarantine", "look at postgate quarantine")
    chosen = (
        [rows[locator] for locator in dict.fromkeys(locators)] if locators else [row for row in rows.values() if not row.requeued]
    )
    return [row for row in chosen if code in (None, row.code)]
