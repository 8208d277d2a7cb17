"""Everything a publisher may say, by CloudEvents type."""

from schemas.inbound.accounts import (
    AccountChanged,
    AccountMerged,
    AccountOpened,
    ClassAssigned,
    ClassDeactivated,
    ClassDefined,
    ClassRevised,
    ClassUnassigned,
    LinkMade,
    LinkRemoved,
)
from schemas.inbound.books import BookOpened, MappingDefined, PeriodClosed, PeriodLocked, PeriodOpened, PeriodReopened
from schemas.inbound.customers import (
    CustomerChanged,
    CustomerDeactivated,
    CustomerHeld,
    CustomerHoldReleased,
    CustomerMerged,
    CustomerReactivated,
    CustomerRegistered,
)
from schemas.inbound.deliveries import PostingAcknowledged, PostingRefused
from schemas.inbound.documents import (
    CreditNoteAmended,
    CreditNoteIssued,
    CreditNoteVoided,
    InvoiceAmended,
    InvoiceIssued,
    InvoiceVoided,
    PaymentReceived,
    PaymentReversed,
    RefundPaid,
    ReleaseGranted,
)
from schemas.shape import Shape

TYPES: dict[str, type[Shape]] = {
    "postgate.book.opened.v1": BookOpened,
    "postgate.mapping.defined.v1": MappingDefined,
    "postgate.period.opened.v1": PeriodOpened,
    "postgate.period.locked.v1": PeriodLocked,
    "postgate.period.closed.v1": PeriodClosed,
    "postgate.period.reopened.v1": PeriodReopened,
    "postgate.customer.registered.v1": CustomerRegistered,
    "postgate.customer.changed.v1": CustomerChanged,
    "postgate.customer.held.v1": CustomerHeld,
    "postgate.customer.hold_released.v1": CustomerHoldReleased,
    "postgate.customer.merged.v1": CustomerMerged,
    "postgate.customer.deactivated.v1": CustomerDeactivated,
    "postgate.customer.reactivated.v1": CustomerReactivated,
    "postgate.account.opened.v1": AccountOpened,
    "postgate.account.changed.v1": AccountChanged,
    "postgate.account.merged.v1": AccountMerged,
    "postgate.link.made.v1": LinkMade,
    "postgate.link.removed.v1": LinkRemoved,
    "postgate.class.defined.v1": ClassDefined,
    "postgate.class.revised.v1": ClassRevised,
    "postgate.class.deactivated.v1": ClassDeactivated,
    "postgate.class.assigned.v1": ClassAssigned,
    "postgate.class.unassigned.v1": ClassUnassigned,
    "postgate.invoice.issued.v1": InvoiceIssued,
    "postgate.invoice.amended.v1": InvoiceAmended,
    "postgate.invoice.voided.v1": InvoiceVoided,
    "postgate.credit_note.issued.v1": CreditNoteIssued,
    "postgate.credit_note.amended.v1": CreditNoteAmended,
    "postgate.credit_note.voided.v1": CreditNoteVoided,
    "postgate.payment.received.v1": PaymentReceived,
    "postgate.payment.reversed.v1": PaymentReversed,
    "postgate.refund.paid.v1": RefundPaid,
    "postgate.release.granted.v1": ReleaseGranted,
    "postgate.posting.acknowledged.v1": PostingAcknowledged,
    "postgate.posting.refused.v1": PostingRefused,
}
"""CloudEvents type -> shape of its data."""
