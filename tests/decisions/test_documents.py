"""Documents: versions in order, conflicts, and releases by hand."""

from __future__ import annotations

from engine.streams.documents import DOCUMENTS
from schemas.events import DocumentAdvanced, DocumentConflicted
from schemas.inbound import (
    CreditNoteIssued,
    CreditNoteVoided,
    InvoiceAmended,
    InvoiceIssued,
    InvoiceVoided,
    ReleaseGranted,
)
from tests.decisions.decided import held, posted
from tests.decisions.specification import Specification
from tests.properties.messages import sale

DOCUMENT = Specification(DOCUMENTS)
ISSUED = InvoiceIssued.model_validate(sale())
AMENDED = InvoiceAmended.model_validate(sale(version=2, nets=(500,)))
THIRD = InvoiceAmended.model_validate(sale(version=3, nets=(700,)))
VOIDED = InvoiceVoided(document="i1", version=2)
OTHER = InvoiceIssued.model_validate(sale(nets=(500,)))
CREDIT = CreditNoteIssued.model_validate(sale())


def release(*codes: str, version: int = 1) -> ReleaseGranted:
    """Return a release by hand."""
    return ReleaseGranted(document="i1", version=version, reasons=list(codes), by="Ann", role="accountant", note="agreed")


def test_an_invoice_is_issued_amended_and_voided() -> None:
    """Each version in its turn is in force."""
    assert DOCUMENT.when(ISSUED).then_it_is_recorded().content == ISSUED
    assert DOCUMENT.given(ISSUED).when(AMENDED).then_it_is_recorded().content == AMENDED
    voided = DOCUMENT.given(ISSUED).when(VOIDED).then_it_is_recorded()
    assert (voided.version, voided.content) == (2, None)


def test_a_version_that_comes_too_early_waits() -> None:
    """It is recorded, and in force only after its predecessors (A6)."""
    early = DOCUMENT.when(AMENDED).then_it_is_recorded()
    assert (early.version, early.pending) == (0, {2: AMENDED})
    between = DOCUMENT.given(AMENDED, ISSUED)
    assert between.state.version == 1
    assert between.given(DocumentAdvanced(version=2)).state.content == AMENDED


def test_a_waiting_version_said_again_is_silent() -> None:
    """Also while it waits a version says one thing."""
    DOCUMENT.given(ISSUED, THIRD).when(THIRD).then_nothing()


def test_an_older_version_is_outdated() -> None:
    """What was overtaken does not come back (A5)."""
    DOCUMENT.given(ISSUED, AMENDED).when(ISSUED).then_outdated()
    DOCUMENT.given(ISSUED, VOIDED).when(ISSUED).then_outdated()


def test_the_same_content_under_the_other_type_is_silent() -> None:
    """Issued and amended say the same thing of the same version (A2)."""
    DOCUMENT.given(ISSUED).when(InvoiceAmended.model_validate(sale())).then_nothing()


def test_another_content_of_a_version_is_a_conflict() -> None:
    """It is recorded once, with its content, whatever comes after (A3)."""
    (event,) = DOCUMENTS.decide(OTHER, DOCUMENT.given(ISSUED).state)
    assert isinstance(event, DocumentConflicted)
    assert (event.version, InvoiceIssued.model_validate_json(event.content)) == (1, OTHER)
    DOCUMENT.given(ISSUED).when(OTHER).then(event)
    DOCUMENT.given(ISSUED, event).when(InvoiceIssued.model_validate(sale(nets=(1,)))).then_nothing()
    DOCUMENT.given(ISSUED, event).when(ISSUED).then_nothing()


def test_a_void_and_an_amendment_of_one_version_are_a_conflict() -> None:
    """Whichever came first; a version that contradicts a void is kept as said, so that it can be shown as held."""
    (only,) = DOCUMENTS.decide(VOIDED, DOCUMENT.given(ISSUED, AMENDED).state)
    assert isinstance(only, DocumentConflicted)
    voided = DOCUMENT.given(ISSUED, VOIDED)
    said, conflict = DOCUMENTS.decide(AMENDED, voided.state)
    assert isinstance(conflict, DocumentConflicted)
    assert said == AMENDED
    assert voided.when(AMENDED).then(said, conflict).content == AMENDED


def test_a_document_keeps_its_kind() -> None:
    """An invoice never becomes a credit note, before or after its first version."""
    DOCUMENT.given(ISSUED).when(CREDIT).then_refused("DOCUMENT_KIND_CHANGED")
    DOCUMENT.given(CREDIT).when(VOIDED).then_refused("DOCUMENT_KIND_CHANGED")
    DOCUMENT.given(AMENDED).when(CreditNoteVoided(document="i1", version=3)).then_refused("DOCUMENT_KIND_CHANGED")


def test_somebody_releases_a_document() -> None:
    """The reasons named are passed, for this version only."""
    waiting = DOCUMENT.given(ISSUED, held("STOP_CREDIT", "FUTURE_DATED"))
    assert waiting.when(release("STOP_CREDIT")).then_it_is_recorded().released == {("STOP_CREDIT", None)}
    assert waiting.given(release("STOP_CREDIT"), AMENDED).state.released == frozenset()


def test_a_release_that_may_not_be_is_refused() -> None:
    """Of what must be mended, of what the document is not held for, of another version, of nothing, or of what is posted."""
    mend = DOCUMENT.given(ISSUED, held("LINK_MISSING", overridable=False))
    mend.when(release("LINK_MISSING")).then_refused("RELEASE_NOT_ALLOWED")
    waiting = DOCUMENT.given(ISSUED, held("STOP_CREDIT"))
    waiting.when(release("FUTURE_DATED")).then_refused("RELEASE_NOT_ALLOWED")
    waiting.when(release("STOP_CREDIT", version=2)).then_refused("RELEASE_NOT_ALLOWED")
    DOCUMENT.when(release("STOP_CREDIT")).then_refused("RELEASE_NOT_ALLOWED")
    done = waiting.given(posted())
    done.when(release("STOP_CREDIT")).then_refused("RELEASE_NOT_ALLOWED")
