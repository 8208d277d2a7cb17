"""Coding: the codes of a document that reach lines of those ledger accounts whose policy asks for them (rulebook G13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.firewall.facts import Facts
from engine.firewall.standing import debtor
from engine.streams.books import Book

if TYPE_CHECKING:
    from engine.journal.ledger import Key

WANTED = ("MANDATORY", "OPTIONAL")


@dataclass(frozen=True, slots=True)
class Coding:
    """The codes of the branch, the customer and the account, offered to every line on the day of the document."""

    book: Book
    day: str
    codes: Mapping[str, str]

    def coded(self, key: Key) -> Key:
        """Return where an amount belongs, with the codes that the policy of its ledger account names and it has not."""
        policy = self.book.mapped("dimension_policy", key[0], self.day)
        if policy is None:
            return key
        own = dict(key[3])
        wanted = {name: code for name, code in self.codes.items() if policy.dimensions.get(name) in WANTED}
        return (*key[:3], tuple(sorted((wanted | own).items())), *key[4:])


def coding_of(facts: Facts) -> Coding | None:
    """Return what a document offers; None in a book without policies, where lines have the dimensions of their mapping."""
    book, day = facts.book, facts.subject.business_date
    if "dimension_policy" not in book.kinds:
        return None
    sold = facts.sold.branch if facts.sale else facts.subject.said.branch
    branch = book.mapped("branch", sold, day) if sold else None
    return Coding(book, day, {**(branch.dimensions if branch else {}), **_analysis(facts)})


def _analysis(facts: Facts) -> dict[str, str]:
    """Return the analysis codes of the customer named and of the account that owes, each under the name of its party."""
    customer = facts.parties[0].customer.record if facts.parties else None
    account = debtor(facts)
    return {
        **{f"customer.{number}": code for number, code in (customer.analysis_codes if customer else {}).items()},
        **{f"account.{number}": code for number, code in (account.analysis_codes if account else {}).items()},
    }
