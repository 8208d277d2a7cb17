"""Deliveries: what an accounting system made of a posting; never changes whether it is posted (rulebook N1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.decider import Decider
from engine.errors import Refused
from schemas.inbound import DriftResolved, PostingAcknowledged, PostingDrifted, PostingRefused, PostingUnanswered
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class Pending:
    """Nothing was heard of the posting yet, or it is to be sent again."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """It was sent, and nobody knows what became of it: it is looked up before it is sent again (N4)."""

    said: PostingUnanswered


@dataclass(frozen=True, slots=True)
class Failed:
    """The accounting system refused it (N3)."""

    answer: PostingRefused


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The accounting system booked it, under identities of its own (N11, N12); `accepted` is a drift that was let stand."""

    answer: PostingAcknowledged
    accepted: PostingDrifted | None = None


@dataclass(frozen=True, slots=True)
class Drifted:
    """What the accounting system has is not what was booked; `answer` is what it confirmed, where it did (N9, N10)."""

    drift: PostingDrifted
    answer: PostingAcknowledged | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """A person decided that nothing more is sent."""


Delivery = Pending | Unanswered | Failed | Confirmed | Drifted | Stopped


def decide(said: Shape, state: Delivery) -> Sequence[Shape]:
    """Record an answer; the same booking confirmed again is silence, a different one a conflict (N5, N6)."""
    match said:
        case PostingRefused() | PostingUnanswered():
            return _not_booked(said, state)
        case PostingAcknowledged():
            return _booked(said, state)
        case PostingDrifted():
            return () if _known(said, state) else (said,)
        case DriftResolved():
            return _resolved(said, state)
    return (said,)


def _known(said: PostingDrifted, state: Delivery) -> bool:
    """True when a finding says nothing new: it was told, was let stand, or nobody wants to hear of the posting any more."""
    known = state.drift if isinstance(state, Drifted) else state.accepted if isinstance(state, Confirmed) else None
    return isinstance(state, Stopped) or (known is not None and (known.finding, known.text) == (said.finding, said.text))


def _not_booked(said: PostingRefused | PostingUnanswered, state: Delivery) -> Sequence[Shape]:
    match said, state:
        case PostingUnanswered(), Confirmed() | Drifted():
            return ()  # It was booked before: that an answer about it was lost changes nothing.
        case _, Stopped():
            return ()  # A person said that nothing more is sent: an answer that comes late does not begin it again.
        case PostingUnanswered(), Unanswered() if said.model_dump() == state.said.model_dump():
            return ()
        case PostingRefused(), Failed() if said.model_dump() == state.answer.model_dump():
            return ()
        case PostingRefused(), Confirmed() | Drifted():
            raise _conflict(said, state.answer)
    return (said,)


def _booked(said: PostingAcknowledged, state: Delivery) -> Sequence[Shape]:
    answer = state.answer if isinstance(state, Confirmed | Drifted) else None
    if answer is None or (answer.external_id is None and said.external_id is not None):
        return (said,)  # Somebody may have said that it is booked without knowing as what.
    if said.external_id != answer.external_id:
        raise _conflict(said, answer)
    # An answer that names the lines is news where an earlier one did not (N12).
    return (said,) if said.external_lines and not answer.external_lines else ()


def _resolved(said: DriftResolved, state: Delivery) -> Sequence[Shape]:
    """A person may decide whatever stands open: a drift, a refusal, an answer that was lost."""
    match said.resolution, state:
        case ("STOP", Stopped()) | ("SEND_OURS", Pending()) | ("ACCEPT_THEIRS", Confirmed()):
            return ()  # It is so already.
        case (_, Drifted() | Unanswered() | Failed()) | ("STOP", Pending()) | ("SEND_OURS", Stopped()):
            return (said,)
    raise Refused(
        "NOTHING_TO_RESOLVE",
        f"posting {said.posting_key} stands in {said.target} as it was told",
        "look at postgate postings --delivery DRIFTED",
    )


def _conflict(said: PostingAcknowledged, answer: PostingAcknowledged | None) -> Refused:
    known = f" as {answer.external_id}" if answer and answer.external_id else ""
    return Refused(
        "TARGET_CONFLICT",
        f"{said.target} confirmed posting {said.posting_key}{known} and now says otherwise",
        "compare both documents in the accounting system before anything is sent again",
    )


def evolve(state: Delivery, event: Shape) -> Delivery:
    """Return the delivery after an answer, a finding or a decision."""
    answer = state.answer if isinstance(state, Confirmed | Drifted) else None
    match event:
        case PostingRefused():
            return Failed(event)
        case PostingUnanswered():
            return Unanswered(event)
        case PostingAcknowledged():
            if isinstance(state, Drifted):
                return Drifted(state.drift, event)
            return Confirmed(event, state.accepted if isinstance(state, Confirmed) else None)
        case PostingDrifted():
            return Drifted(event, answer)
        case DriftResolved():
            if event.resolution != "ACCEPT_THEIRS":
                return Pending() if event.resolution == "SEND_OURS" else Stopped()
            theirs = PostingAcknowledged(posting_key=event.posting_key, target=event.target)
            return Confirmed(answer or theirs, state.drift if isinstance(state, Drifted) else None)
    return state


DELIVERIES: Decider[Delivery] = Decider(Pending(), decide, evolve)
