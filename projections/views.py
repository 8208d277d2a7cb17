"""Every view there is, in the order in which they are folded."""

from __future__ import annotations

from projections.completeness import COMPLETENESS, QUARANTINE
from projections.documents import DOCUMENTS, HOLDS
from projections.ledger import BALANCES, DELIVERIES, POSTINGS
from projections.parties import ACCOUNTS, BOOKS, CLASSES, CUSTOMERS
from projections.projection import AnyView

VIEWS: tuple[AnyView, ...] = (
    BOOKS, CUSTOMERS, ACCOUNTS, CLASSES, DOCUMENTS, HOLDS, POSTINGS, BALANCES, DELIVERIES, COMPLETENESS, QUARANTINE,
)  # fmt: skip
"""All of them are inline: written in the transaction of the events they follow."""
