"""What must come of messages, worked out a second time from the contract and the rulebook; nothing of the product is imported.

It reads facts that only add, one truth under each key, in waves: a wave is said when the one before is settled, so that
an amendment, a void or a reversed payment meets what was posted. A rule is a severity, and whether it speaks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_OID, uuid5

Said = dict[str, Any]
Name = tuple[str, str, str, int]
Way = tuple[str | None, str | None, str | None]
Rules = Iterator[tuple[str, bool]]
NAMESPACE = uuid5(NAMESPACE_OID, "postgate/posting/v1")
EXPONENTS = {"EUR": 2, "GBP": 2, "USD": 2, "JPY": 0}
STATES = {"HOLD": "REQUIRES_ATTENTION", "WAIT": "WAITING", "EXCLUDE": "EXCLUDED", "ACCUMULATE": "ACCUMULATING"}


def units(text: str, currency: str) -> int:
    """Return an amount in minor units."""
    return int(Decimal(text).scaleb(EXPONENTS[currency]))


@dataclass(frozen=True, slots=True)
class Posting:
    """One journal: whose it is, and what it adds to which ledger account, debit above zero."""

    name: Name
    leg: str
    account: str
    currency: str
    rows: tuple[tuple[str, int], ...]

    @property
    def key(self) -> str:
        """Derive the posting key from book, stream, version and leg (law 6)."""
        book, noun, key, version = self.name
        return str(uuid5(NAMESPACE, f"{book}|{book}|{noun}|{key}|{version}|{self.leg}"))


def expected(*waves: Iterable[Said]) -> tuple[dict[Name, str], dict[str, Posting]]:
    """Return the state of every version of every document and payment, and every posting by its key."""
    books, states, postings = dict[str, Book](), dict[Name, str](), dict[str, Posting]()
    for wave in waves:
        for said in wave:
            books.setdefault(said["book"], Book(said["book"])).hear(said["type"].split(".")[1:3], said["data"])
        stood = {name for name, state in states.items() if state == "POSTED"}
        for book in books.values():
            book.judge()
            undone = {
                name for name in book.states if states.get(name) in ("POSTED", "REVERSED") and book.states[name] == "CANCELLED"
            }
            states.update(book.states | dict.fromkeys(undone, "REVERSED"))
            postings.update((posting.key, posting) for posting in book.postings)
        for one in [one for one in postings.values() if one.name in stood and states[one.name] == "REVERSED"]:
            back = replace(one, leg=f"{one.leg}/reversal", rows=tuple((ledger, -amount) for ledger, amount in one.rows))
            postings[back.key] = back
    return states, postings


class Book:
    """What one book was told, and what the firewall must say of it."""

    def __init__(self, name: str) -> None:
        self.name, self.opened, self.policies = name, Said(), Said()
        self.records, self.links, self.classes, self.mapped = Said(), Said(), Said(), dict[tuple[str, str], str]()
        self.versions: dict[tuple[str, str], dict[int, tuple[str, Said]]] = defaultdict(dict)
        self.periods, self.conflicts = set[tuple[str, str]](), set[Name]()

    def hear(self, type_: list[str], said: Said) -> None:
        """Take note of one message."""
        match type_:
            case ["book", _]:
                self.opened, self.policies = said, said.get("policies", {})
            case ["mapping", _]:
                self.mapped[said["kind"], said["key"]] = said["value"]["account"]
            case ["period", _]:
                self.periods.add((said["from"], said["to"]))
            case ["link", _]:
                self.links[said["customer"]] = said
            case ["class", "assigned"]:
                self.classes[said["account"]] = said["class"]
            case ["customer" | "account" | "class" as noun, _]:
                known = self._of(noun, said[noun]) or said
                self.records[f"{noun} {said[noun]}"] = said if said["version"] > known["version"] else known
            case [noun, verb]:
                said = {"tenders": [], "allocations": [], "kind": "PAYMENT", **said}
                said |= {"lines": [line for line in said["lines"] if not line.get("voided")]} if "lines" in said else {}
                stream = ("payment", said["payment"]) if "payment" in said else ("document", said["document"])
                version = said.get("version", 2 if verb == "reversed" else 1)
                gone = verb in ("voided", "reversed")
                _, first = self.versions[stream].setdefault(version, ("gone" if gone else noun, said))
                self.conflicts |= {(self.name, *stream, version)} if first != said else set()

    def judge(self) -> None:
        """Find where everything stands, and every journal: first invoices, then what corrects them, then money."""
        self.states, self.postings, self.posted, self.paid = dict[Name, str](), list[Posting](), dict[str, Way](), Counter[str]()
        for said in [versions[1][1] for versions in self.versions.values() if versions.keys() == {1}]:
            mapped = ("tender", said.get("tender")) in self.mapped  # Money that is held itself pays nothing (C6).
            for part in said["allocations"] if mapped else []:
                self.paid[part["document"]] += units(part["amount"], said["currency"])
        for noun in ("invoice", "credit_note", "payment", "refund"):
            for stream, versions in self.versions.items():
                force = next(number for number in range(len(versions) + 1) if number + 1 not in versions)
                for version, (kind, said) in versions.items():
                    if kind == noun:
                        self.states[self.name, *stream, version] = "CANCELLED" if version < force else "WAITING"
                        if version == force:
                            self._judge((self.name, *stream, version), said, noun)

    def _judge(self, name: Name, said: Said, noun: str) -> None:
        """All rules speak and the strongest outcome wins (law 3); what passes has its journals."""
        awaited = [said["original"]] if "original" in said else []
        awaited += [part["document"] for part in said["allocations"] if said["kind"] == "PAYMENT"]
        way = self._way(said, awaited)
        own = self._sums(name, said, noun, way) if "lines" in said else self._money(said, noun, way)
        spoken = {severity for rules in (self._parties(said, noun, way, awaited), own) for severity, speaks in rules if speaks}
        self.states[name] = next((state for severity, state in STATES.items() if severity in spoken), "POSTED")
        if self.states[name] == "POSTED":
            self.posted.update({name[2]: way} if "lines" in said else {})
            for leg, account, balance, told in self._legs(said, noun, way):
                rows = [(ledger, units(text, said["currency"]) * turned) for ledger, text, turned in told]
                rows.append((balance, -sum(amount for _, amount in rows)))
                self.postings.append(Posting(name, leg, account, said["currency"], tuple(rows)))

    def _of(self, noun: str, key: str | None) -> Said:
        return self.records.get(f"{noun} {key}") or {}

    def _way(self, said: Said, awaited: list[str]) -> Way:
        """Return account, class and debtor: those of what it follows, else by link and class, or the book's class (K2, B14)."""
        for way in [self.posted[document] for document in awaited if document in self.posted]:
            return way[2], way[1], way[2]
        parties, account, class_ = self._buyers(said), None, self.policies.get("anonymous_class")
        if parties:
            account = self.links.get(parties[-1], {}).get("account")
            class_ = self.classes.get(str(account))
        return account, class_, self._of("class", class_).get("generic_account", account)

    def _buyers(self, said: Said) -> list[str]:
        """Return the customer, and who is invoiced in its place."""
        customer = str(said.get("customer", ""))
        return list(dict.fromkeys([customer, self._of("customer", customer).get("invoice_to", customer)])) if customer else []

    def _parties(self, said: Said, noun: str, way: Way, awaited: list[str]) -> Rules:
        """Rule families A to D, H and I: who buys, who owes, by which class, in which standing, on which day."""
        day, currency = str(said.get("business_date", said["date"])), str(said["currency"])
        parties = self._buyers(said)
        known = [self._of("customer", party) for party in parties]
        own, class_, owing = self._of("account", way[0]), self._of("class", way[1]), self._of("account", way[2])
        if not awaited:
            link = self.links.get(parties[-1], {"effective_from": "never"}) if parties else {}
            yield "HOLD", said["date"] < link.get("effective_from", "") or (way[1] is None and (not parties or bool(own)))
            yield "HOLD", way[1] is not None and class_.get("behaviour", "ASK") == "ASK"
            yield "HOLD", way[2] != way[0] and not owing.get("generic")
            yield "HOLD", said.get("channel") not in (None, *class_.get("channels", [said.get("channel")]))
        yield "WAIT", not self.opened or not all(known) or (way[0] is not None and not own)
        yield "WAIT", said.get("status") == "DRAFT" or any(document not in self.posted for document in awaited)
        yield (
            "EXCLUDE",
            said["date"] < self.policies.get("cutover", "") or any(record.get("do_not_post") for record in (said, *known)),
        )
        blocks = ("ALL", "INVOICE") if noun == "invoice" else ("ALL",)
        yield "HOLD", not {record.get("block") for record in (*known, own, owing)}.isdisjoint(blocks)
        yield "HOLD", noun == "invoice" and any(record.get("stop_credit") for record in (own, owing))
        yield "HOLD", owing.get("status") in ("SUSPENDED", "DRAFT", "CLOSED") or owing.get("currency", currency) != currency
        yield "HOLD", "exchange_rate" not in said and self.opened.get("base_currency", currency) != currency
        opened = any(first <= day <= last for first, last in self.periods) or "period_control" not in self.policies
        yield "HOLD", not opened or day > (datetime.now(UTC) + timedelta(days=1)).date().isoformat()

    def _sums(self, name: Name, said: Said, noun: str, way: Way) -> Rules:
        """Rule families C6, F, G and K: a sale agrees with itself, has its places, and is paid where the debtor is shared."""
        total = Counter({part: units(text, said["currency"]) for part, text in said["totals"].items()})
        left = total["gross"] - sum(units(tender["amount"], said["currency"]) for tender in said["tenders"])
        places = [*self._places(said), *[("tender", tender["tender"], tender["amount"]) for tender in said["tenders"]]]
        added = {
            part: sum(units(text, said["currency"]) for kind, _, text in places if kind == part) for part in ("revenue", "tax")
        }
        yield "HOLD", total["net"] + total["charges"] != added["revenue"] or total["tax"] != added["tax"] or total["gross"] < 0
        yield "HOLD", total["gross"] != total["net"] + total["tax"] + total["charges"] + total["rounding"]
        limit = units(self.policies.get("rounding_max", "0"), said["currency"])  # A book that is not opened has no limits yet.
        yield "HOLD", bool(self.opened) and (abs(total["rounding"]) > limit or (said.get("status") == "PAID" and left != 0))
        yield "HOLD", name in self.conflicts or any(place[:2] not in self.mapped for place in places)
        yield "EXCLUDE", not any((total["gross"], *[units(text, said["currency"]) for _, _, text in places]))
        yield "HOLD", "generic_account" in self._of("class", way[1]) and left != self.paid[name[2]]
        yield "ACCUMULATE", self._of("class", way[1]).get("batch_billing", False) and "original" not in said
        invoice = self.versions.get(("document", said.get("original", "")), {}).get(1, ("", said))[1]
        excess = total["gross"] > units(invoice["totals"]["gross"], said["currency"])
        yield "HOLD", noun == "credit_note" and (excess or (bool(self.opened) and "original" not in said))

    def _places(self, said: Said) -> list[tuple[str, str, str]]:
        """Return where each part of a sale belongs, with its amount."""
        places = [("revenue", line["product_class"], line["net"]) for line in said["lines"]]
        places += [("tax", tax["code"], tax["amount"]) for line in said["lines"] for tax in line["tax"]]
        return places + [("revenue", key, text) for key, text in said["totals"].items() if key == "charges"]

    def _money(self, said: Said, noun: str, way: Way) -> Rules:
        """Rule families G, K6 and L: money has its place, goes back for a credit, settles what it names on a shared debtor."""
        parts = [units(part["amount"], said["currency"]) for part in said["allocations"]]
        spare = noun == "payment" and said["kind"] == "PAYMENT" and units(said["amount"], said["currency"]) != sum(parts)
        yield "HOLD", ("tender", said["tender"]) not in self.mapped or (noun == "refund" and not parts)
        yield "HOLD", "generic_account" in self._of("class", way[1]) and spare

    def _legs(self, said: Said, noun: str, way: Way) -> Iterator[tuple[str, str, str, list[tuple[str, str, int]]]]:
        """Yield each journal's leg, account, balancing ledger account and rows (b2): the receivable is what is missing (I6)."""
        debtor, turned, deposit = str(way[2]), -1 if noun in ("credit_note", "refund") else 1, said["kind"] == "DEPOSIT"
        control, owed, sale = self.opened["control_accounts"], self._of("account", debtor)["ledger_account"], "lines" in said
        tenders = said["tenders"] if sale else [said]
        money = [(self.mapped["tender", part["tender"]], part["amount"], turned) for part in tenders]
        if sale:
            rows = [(self.mapped[kind, key], text, -turned) for kind, key, text in self._places(said)]
            yield "document", debtor, owed, [*rows, (control["rounding"], said["totals"].get("rounding", "0"), -turned)]
        if money:
            yield "settlement" if sale else "payment", debtor, control["deposits"] if deposit else owed, money
        for part in [part for part in said["allocations"] if deposit and part["document"] in self.posted]:
            debtor = str(self.posted[part["document"]][2])
            rows = [(control["deposits"], part["amount"], 1)]
            yield f"applied:{part['document']}", debtor, self._of("account", debtor)["ledger_account"], rows
