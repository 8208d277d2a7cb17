"""Intake: which streams a fact belongs to, and which waiting documents it may release (law 4)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.decider import stream
from engine.streams.days import window
from schemas.inbound import (
    AccountHeld,
    AccountHoldReleased,
    AccountMerged,
    AccountOpened,
    BalanceTransferred,
    BatchReversed,
    BatchRun,
    BookOpened,
    ClassAssigned,
    ClassDeactivated,
    ClassDefined,
    ClassUnassigned,
    CreditNoteIssued,
    CustomerDeactivated,
    CustomerHeld,
    CustomerHoldReleased,
    CustomerMerged,
    CustomerRegistered,
    DayClosed,
    DocumentPulled,
    DriftResolved,
    DunningRun,
    InterestRun,
    InvoiceIssued,
    InvoiceVoided,
    LinkMade,
    LinkRemoved,
    MappingDefined,
    PaymentReceived,
    PeriodOpened,
    PostingAcknowledged,
    PostingDrifted,
    ReleaseGranted,
    SourceGapDeclared,
    StatementRun,
    TaxPeriodClosed,
)
from schemas.shape import Shape


@dataclass(frozen=True, slots=True)
class Touch:
    """What a fact may release: documents that wait for `first`, or for any key from `first` to `last`."""

    first: str
    last: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact is recorded, and what it touches."""

    streams: tuple[str, ...]
    touches: tuple[Touch, ...] = ()


def place(book: str, said: Shape) -> Place:
    """Return where a fact belongs. Every inbound shape has its place; an unknown one is a programming error."""
    match said:
        case InvoiceIssued() | InvoiceVoided() | ReleaseGranted() | DocumentPulled():
            return Place((stream(book, "document", said.document),))
        case PaymentReceived():
            return Place((stream(book, "payment", said.payment),))
        case BalanceTransferred():
            return Place((stream(book, "transfer", said.transfer),), tuple(Touch(f"document:{name}") for name in said.documents))
        case BatchRun() | BatchReversed():
            return Place((stream(book, "batch", said.batch),))
        case DayClosed():
            named_window = window(said.branch, said.day, said.currency)
            return Place((stream(book, "day", named_window),), (Touch(f"day:{named_window}"),))
        case PostingAcknowledged() | PostingDrifted() | DriftResolved():
            return Place((stream(book, "delivery", f"{said.posting_key}:{said.target}"),))
        case SourceGapDeclared():
            return Place((stream(book, "source", said.source),))
        case StatementRun() | InterestRun() | DunningRun():
            return Place((stream(book, "collection", f"class:{said.class_}"),))
        case LinkMade() | LinkRemoved():
            return Place((stream(book, "link", said.customer),), (Touch(f"link:{said.customer}"),))
        case BookOpened() | MappingDefined() | PeriodOpened() | TaxPeriodClosed():
            return Place((stream(book, "book", ""),), _book_touches(said))
    return _party(book, said)


def _party(book: str, said: Shape) -> Place:
    match said:
        case CustomerRegistered() | CustomerHeld() | CustomerHoldReleased() | CustomerDeactivated():
            return _one(book, "customer", said.customer)
        case AccountOpened() | AccountHeld() | AccountHoldReleased() | ClassAssigned() | ClassUnassigned():
            return _one(book, "account", said.account)
        case ClassDefined() | ClassDeactivated():
            return _one(book, "class", said.class_)
        case CustomerMerged():
            merged = tuple(stream(book, "customer", key) for key in said.merged)
            return Place(
                merged, tuple(touch for key in said.merged for touch in (Touch(f"customer:{key}"), Touch(f"link:{key}")))
            )
        case AccountMerged():
            return Place(
                tuple(stream(book, "account", key) for key in said.merged), tuple(Touch(f"account:{key}") for key in said.merged)
            )
    raise TypeError(f"{type(said).__name__} has no place")


def _one(book: str, noun: str, key: str) -> Place:
    return Place((stream(book, noun, key),), (Touch(f"{noun}:{key}"),))


def _book_touches(said: BookOpened | MappingDefined | PeriodOpened | TaxPeriodClosed) -> tuple[Touch, ...]:
    match said:
        case BookOpened():
            return (Touch("book:"),)
        case MappingDefined():
            return (Touch(f"mapping:{said.kind}:{said.key}"),)
        case TaxPeriodClosed():
            return (Touch(f"tax_period:{said.from_}", f"tax_period:{said.to}"),)
    return (Touch(f"period:{said.from_}", f"period:{said.to}"), Touch("period:later"))


def named(book: str, said: Shape) -> tuple[str, ...]:
    """Return every stream a message will surely read, so that a batch loads them with one query."""
    own = place(book, said).streams
    match said:
        case InvoiceIssued():
            customer = _customer_streams(book, said.customer)
            original = (stream(book, "document", said.original),) if isinstance(said, CreditNoteIssued) and said.original else ()
            return (*own, *customer, *original)
        case PaymentReceived():
            settled = tuple(stream(book, "document", allocation.document) for allocation in said.allocations)
            return (*own, *_customer_streams(book, said.customer), *settled)
        case BalanceTransferred():
            accounts = (stream(book, "account", said.from_account), stream(book, "account", said.to_account))
            return (*own, *accounts, *(stream(book, "document", name) for name in said.documents))
        case LinkMade():
            return (*own, stream(book, "customer", said.customer), stream(book, "account", said.account))
        case ClassAssigned():
            return (*own, stream(book, "class", said.class_))
    return own


def _customer_streams(book: str, customer: str | None) -> tuple[str, ...]:
    return (stream(book, "customer", customer), stream(book, "link", customer)) if customer else ()
