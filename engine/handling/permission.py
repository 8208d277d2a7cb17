"""Permission: what facts would allow and a book leaves to certain people, or to somebody who says that they know."""

from __future__ import annotations

from collections.abc import Callable

from engine.decider import parts, stream
from engine.errors import Refused
from engine.states import States
from engine.streams.accounts import Account
from engine.streams.charges import Charge
from engine.streams.documents import Document
from engine.streams.links import Linked
from engine.streams.payments import Payment
from engine.streams.periods import is_news
from schemas.inbound import PeriodClosed, ReleaseGranted
from schemas.inbound.books import Policies
from schemas.shape import Shape

Outstanding = Callable[[str, str], int]
"""Gives how many documents of the book are outstanding from one business day to another."""


def permit(said: Shape, name: str, states: States, outstanding: Outstanding) -> None:
    """Raise Refused when a person may not say this, or not yet; `name` is the stream it belongs to."""
    match said:
        case ReleaseGranted():
            opened = states.book(parts(name)[0]).opened
            if opened is None:  # Who may release what is for the book to say, so nobody may before it is opened.
                raise Refused("RELEASE_NOT_ALLOWED", "the book is not open yet", "release it after the book was opened")
            _roles(said, opened.policies)
            if opened.policies.four_eyes:
                _four_eyes(said, name, states)
        case PeriodClosed() if not said.acknowledged:
            book = states.book(parts(name)[0])
            asks = book.opened is not None and book.opened.policies.period_close == "ACKNOWLEDGE"
            if asks and is_news(said, book.periods):  # What is closed already asks nobody again.
                _nothing_open(said, outstanding)


def _roles(said: ReleaseGranted, policies: Policies) -> None:
    """Refuse a release of what the book leaves to other roles (P1)."""
    for code in said.reasons:
        roles = policies.release_roles.get(code)
        if roles is not None and said.role not in roles:
            remedy = f"have it released by {' or '.join(roles)}"
            raise Refused("RELEASE_ROLE_REQUIRED", f"{said.role} may not release {code}", remedy)


def _four_eyes(said: ReleaseGranted, name: str, states: States) -> None:
    """Refuse a release by whoever linked the customer or classified the account that the document was judged by (P6)."""
    state = states.of(name)[0]
    decision = state.decision if isinstance(state, Document | Payment | Charge) else None
    for read in decision.read if decision else ():
        noun, _, key = read.partition("|")
        if noun not in ("link", "account"):
            continue
        other = states.of(stream(parts(name)[0], noun, key))[0]
        by = other.by if isinstance(other, Linked) else other.assigned_by if isinstance(other, Account) else None
        if by is not None and _person(by) == _person(said.by):
            did = f"linked customer {key}" if noun == "link" else f"gave account {key} its class"
            raise Refused("FOUR_EYES_REQUIRED", f"{said.by} {did}", "have somebody else release it")


def _person(name: str) -> str:
    """Return a name as one person writes it: case and spaces make no second pair of eyes."""
    return "".join(name.casefold().split())


def _nothing_open(said: PeriodClosed, outstanding: Outstanding) -> None:
    """Refuse to close a period over documents that do not stand in the ledger, unless that is known (H9)."""
    count = outstanding(said.from_, said.to)
    if count:
        message = f"{count} documents of period {said.period} are held, wait or accumulate"
        raise Refused("PERIOD_HAS_OPEN_ITEMS", message, "post them first, or close it with acknowledged: true")
