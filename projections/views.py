"""Every view there is, in the order in which they are folded."""

from __future__ import annotations

from projections.billing import BATCHES, DAYS, MEMBERS
from projections.collection import CHARGES, COLLECTION, LETTERS, STATEMENTS
from projections.completeness import COMPLETENESS, QUARANTINE
from projections.documents import DOCUMENTS, HOLDS
from projections.ledger import BALANCES, DELIVERIES, POSTINGS
from projections.parties import ACCOUNTS, BOOKS, CLASSES, CUSTOMERS
from projections.projection import AnyView
from projections.receivables import RECEIVABLES

VIEWS: tuple[AnyView, ...] = (
    BOOKS, CUSTOMERS, ACCOUNTS, CLASSES, DOCUMENTS, HOLDS, POSTINGS, BALANCES, RECEIVABLES, DELIVERIES, COMPLETENESS, QUARANTINE,
    STATEMENTS, CHARGES, LETTERS, COLLECTION, BATCHES, DAYS, MEMBERS,
)  # fmt: skip
"""All of them are inline: written in the transaction of the events they follow."""
