"""Persons: what the books keep of them (edge case 69)."""

from __future__ import annotations

from tests import said
from tests.edges.case import tells
from tests.given import Story

PAID = [said.tender("CASH", "100.00", reference="card of Ann Lee")]
SECRETS = ("Ann Lee", "ann@example.org", "1 High Street", "GB-123")


@tells(69)
def test_a_posting_names_ids_and_amounts_and_of_a_person_only_what_the_document_shows() -> None:
    """Name, address and e-mail of a customer are on no posting: it has ids and amounts.

    The name that a walk-in customer gave is the exception, because the debtor is shared and the line must say whose sale it
    was (B16); it is in the memo and nowhere else. Messages are kept as they were said, so what must be forgotten by law may
    not be in them yet: see the decision about stored facts in engine/README.md.
    """
    address = {"use": "BILLING", "lines": ["1 High Street"], "city": "Leeds"}
    story = (
        Story()
        .shop()
        .customer(
            "c1",
            version=2,
            name="Ann Lee",
            addresses=[address],
            contacts=[{"type": "EMAIL", "value": "ann@example.org"}],
            tax_id="GB-123",
        )
    )
    story.account("acme", version=2, name="Ann Lee", tax_id="GB-123").invoice("i1", tenders=PAID).payment("p1", "10.00")
    told = [posting.model_dump_json() for posting in story.journals()]
    assert len(told) == 3
    assert [secret for secret in SECRETS if any(secret in posting for posting in told)] == []
    assert {line.memo for posting in story.journals() for line in posting.lines} == {"N-i1", "p1"}


@tells(69)
def test_of_a_walk_in_customer_only_the_name_reaches_the_books() -> None:
    """The name is on each line's memo; address, e-mail and tax id are not on the posting at all."""
    walk_in = {"name": "Ann Lee", "address": "1 High Street", "email": "ann@example.org", "tax_id": "GB-123"}
    story = Story().counter().invoice("i1", tenders=PAID, walk_in=walk_in)
    told = "".join(posting.model_dump_json() for posting in story.journals())
    assert [secret for secret in SECRETS if secret in told] == ["Ann Lee"]
    assert {line.memo for posting in story.journals() for line in posting.lines} == {"N-i1 Ann Lee"}
