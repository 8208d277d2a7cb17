"""What the shops of a generated world say of one book: parties of every kind, sales of every kind, and the money for them.

Only facts that add: nothing here depends on which of two messages comes first. What races by its nature is left out (two
links of one customer, credits above their invoice, payments above the sale on a shared debtor, one number used twice).
"""

from __future__ import annotations

from random import Random
from typing import Any

from tests.endtoend.specification import EXPONENTS, Said, units

DAY, EARLY, FUTURE = "2026-03-10", "2025-11-20", "2090-01-01"
PARTIES = {
    "trade": 60,
    "walk-in": 14,
    "payer": 3,
    "batch": 2,
    "web": 3,
    "unlinked": 3,
    "unknown": 2,
    "unopened": 2,
    "unclassed": 2,
    "undefined": 1,
    "asks": 2,
    "late": 1,
    "bound": 1,
    "suspended": 1,
    "blocked": 1,
    "unbooked": 1,
    "stopped": 1,
}
"""Kinds of customers, and how often each comes in a hundred."""
SALES = {
    "plain": 78,
    "charged": 2,
    "rounded": 1,
    "foreign": 1,
    "mended": 3,
    "cancelling": 1,
    "wrong-net": 1,
    "wrong-gross": 1,
    "unmapped": 1,
    "untaxed": 1,
    "untendered": 1,
    "draft": 1,
    "unposted": 1,
    "zero": 1,
    "empty": 1,
    "unpaid-paid": 1,
    "rateless": 1,
    "future": 1,
    "early": 1,
    "gap": 1,
    "conflict": 1,
}
"""Kinds of sales, and how often each comes in a hundred."""
CLASS_OF = {"walk-in": "walk-in", "batch": "jobs", "web": "web", "asks": "asks", "undefined": "nowhere"}
_CUSTOMER_MARKS: dict[str, dict[str, object]] = {"blocked": {"block": "INVOICE"}, "unbooked": {"do_not_post": True}}
_ACCOUNT_MARKS: dict[str, dict[str, object]] = {"suspended": {"status": "SUSPENDED"}, "stopped": {"stop_credit": True}}


def text(amount: int, currency: str) -> str:
    """Write minor units as decimal text."""
    digits = EXPONENTS[currency]
    if not digits:
        return str(amount)
    whole, part = divmod(abs(amount), 10**digits)
    return f"{'-' if amount < 0 else ''}{whole}.{part:0{digits}}"


class BookFacts:
    """Writes the messages of one book, wave by wave."""

    def __init__(self, random: Random, name: str, currency: str, *, opened: bool = True) -> None:
        self.random, self.name, self.currency = random, name, currency
        self.waves: tuple[list[Said], list[Said]] = ([], [])
        self.customers: list[tuple[str, str]] = []
        self.documents = self.count = 0
        self._setting(opened=opened)

    def say(self, type_: str, content: dict[str, Any], wave: int = 0) -> None:
        """Say one thing."""
        self.count += 1
        name = f"{self.name}-{self.count}"
        self.waves[wave].append({"id": name, "book": self.name, "type": f"postgate.{type_}.v1", "data": content})

    def _setting(self, *, opened: bool) -> None:
        policies: dict[str, Any] = {"anonymous_class": "walk-in", "rounding_max": text(5, self.currency)}
        if self.random.random() < 0.5:
            policies["period_control"] = "CLOSED_UNLESS_OPENED"
        else:
            policies["cutover"] = "2026-01-01"
        control = {"receivable": "1100", "deposits": "2100", "rounding": "8900", "fees": "8800"}
        if opened:
            zone = {"base_currency": self.currency, "control_accounts": control, "timezone": "Europe/London"}
            self.say("book.opened", {**zone, "policies": policies})
        for kind, key, account in (
            *(("revenue", "mugs", "4000"), ("revenue", "beans", "4010"), ("revenue", "charges", "4900")),
            *(("tax", "S", "2200"), ("tax", "R", "2210"), ("tender", "cash", "1000"), ("tender", "card", "1010")),
        ):
            self.say("mapping.defined", {"kind": kind, "key": key, "value": {"account": account}})
        self.say("period.opened", {"period": "2026-03", "from": "2026-03-01", "to": "2026-03-31"})
        self._account("shared", generic=True)
        shared = {"behaviour": "GENERIC", "generic_account": "shared"}
        for key, rules in (
            *(("trade", {"behaviour": "ACCOUNT", "default_terms": {"days": 14}}), ("walk-in", shared)),
            *(("jobs", {"behaviour": "ACCOUNT", "batch_billing": True}), ("asks", {"behaviour": "ASK"})),
            ("web", {"behaviour": "ACCOUNT", "channels": ["WEB"]}),
        ):
            self.say("class.defined", {"class": key, "version": 1, "name": f"Class {key}", **rules})

    def _account(self, key: str, **rest: object) -> None:
        self.say("account.opened", {"account": key, "version": 1, "name": f"Account {key}", "ledger_account": "1100", **rest})

    def party(self) -> None:
        """Announce a customer of some kind, with its account, link and class as far as the kind has them."""
        kind, key = self.random.choices(list(PARTIES), list(PARTIES.values()))[0], f"c{len(self.customers) + 1}"
        account = f"a-{key}"
        payers = [name for name, other in self.customers[:50] if other == "trade"]
        if kind == "payer" and not payers:
            kind = "trade"
        marks = _CUSTOMER_MARKS.get(kind, {})
        if kind == "payer":
            marks = {"invoice_to": self.random.choice(payers)}
        if kind != "unknown":
            record = {"customer": key, "name": f"Customer {key}", **marks}
            self.say("customer.registered", {**record, "version": 1})
            if self.random.random() < 0.1:
                self.say("customer.changed", {**record, "version": 2, "remarks": "moved"})
        if kind not in ("unlinked", "payer"):
            effective = {"effective_from": "2026-06-01"} if kind == "late" else {}
            self.say("link.made", {"customer": key, "account": account, **effective})
            other = next(currency for currency in ("USD", "GBP") if currency != self.currency)
            marks = {"currency": other} if kind == "bound" else _ACCOUNT_MARKS.get(kind, {})
            if kind != "unopened":
                self._account(account, **marks)
            if kind != "unclassed":
                self.say("class.assigned", {"account": account, "class": CLASS_OF.get(kind, "trade")})
        self.customers.append((key, kind))

    def sale(self) -> None:
        """Sell something of some kind to somebody of some kind, and take the money, or not."""
        self.documents += 1
        kind = self.random.choices(list(SALES), list(SALES.values()))[0]
        customer, party = (None, "walk-in") if self.random.random() < 0.08 else self.random.choice(self.customers)
        said = self._sale(f"i{self.documents}", customer, kind)
        gross = units(said["totals"]["gross"], said["currency"])
        till = self.random.choice([0, gross, gross // 3]) if kind in ("plain", "charged", "foreign", "mended") else 0
        if till > 0:
            said["tenders"] = [{"tender": self.random.choice(["cash", "card"]), "amount": text(till, said["currency"])}]
        self._issued(said, kind)
        if kind == "plain" and gross > till and self.random.random() < (0.8 if party == "walk-in" else 0.2):
            self._paid(said, customer, gross - till)
        elif kind == "plain" and self.random.random() < 0.1:
            self._credited(said)
        elif kind == "plain" and self.random.random() < 0.06:
            self._changed(said)
        if customer and self.random.random() < 0.04:
            self._free_money(customer)

    def _sale(self, key: str, customer: str | None, kind: str) -> Said:
        currency = self.currency if kind not in ("foreign", "rateless") else ("USD" if self.currency != "USD" else "GBP")
        nets = [self.random.choice([100, 250, 999, 12_345]) for _ in range(self.random.randint(1, 3))]
        nets = {"zero": [0], "cancelling": [700, -700], "empty": [500]}.get(kind, nets)
        lines = [self._line(number, net, currency, kind) for number, net in enumerate(nets, 1)]
        taxes = 0 if kind == "empty" else sum(units(tax["amount"], currency) for line in lines for tax in line["tax"])
        net = 0 if kind == "empty" else sum(nets)
        more = {"charged": {"charges": 300}, "rounded": {"rounding": self.random.choice([-3, 2, 9])}}.get(kind, {})
        totals = {"net": net, "tax": taxes, "gross": net + taxes + sum(more.values()), **more}
        totals["net"] += kind in ("wrong-net", "conflict")
        totals["gross"] += kind == "wrong-gross"
        day = {"future": FUTURE, "early": EARLY}.get(kind, DAY)
        said: Said = {
            "document": key,
            "version": 1,
            "number": f"N-{key}",
            "date": day,
            "business_date": day,
            "currency": currency,
        }
        said |= {"prices_include_tax": False, "lines": lines, "totals": {part: text(a, currency) for part, a in totals.items()}}
        said |= {"customer": customer} if customer else {}
        said |= {"channel": self.random.choice(["POS", "WEB"])} if self.random.random() < 0.2 else {}
        said |= {"exchange_rate": "1.08"} if kind == "foreign" else {}
        said |= {"status": {"draft": "DRAFT", "unpaid-paid": "PAID"}[kind]} if kind in ("draft", "unpaid-paid") else {}
        return said | ({"do_not_post": True} if kind == "unposted" else {})

    def _line(self, number: int, net: int, currency: str, kind: str) -> Said:
        tax = {
            "code": "X" if kind == "untaxed" else self.random.choice("SR"),
            "amount": text(net // 5 if net > 0 else -(-net // 5), currency),
        }
        product = "mystery" if kind == "unmapped" else self.random.choice(["mugs", "beans"])
        line: Said = {"line": number, "description": "Mug", "net": text(net, currency), "product_class": product, "tax": [tax]}
        return line | ({"voided": True} if kind == "empty" else {})

    def _issued(self, said: Said, kind: str) -> None:
        if kind == "untendered":
            said["tenders"] = [{"tender": "voucher", "amount": said["totals"]["gross"]}]
        if kind == "gap":
            self.say("invoice.amended", {**said, "version": 2})
        elif kind == "conflict":
            self.say("invoice.issued", said)
            self.say("invoice.issued", {**said, "number": f"{said['number']}-bis"})
        elif kind == "mended":
            wrong = {**said["totals"], "net": text(units(said["totals"]["net"], said["currency"]) + 1, said["currency"])}
            self.say("invoice.issued", {**said, "totals": wrong})
            self.say("invoice.amended", {**said, "version": 2})
        else:
            self.say("invoice.issued", said)

    def _money(self, key: str, amount: int, said: Said, verb: str = "payment.received", **rest: object) -> None:
        plain = {"payment": key, "date": DAY, "currency": said["currency"], "amount": text(amount, said["currency"])}
        who = {"customer": said["customer"]} if "customer" in said else {}
        self.say(verb, {**plain, "tender": self.random.choice(["cash", "card"]), **who, **rest})

    def _paid(self, said: Said, customer: str | None, left: int) -> None:
        """Pay a sale later: whole, in two parts, in part only, early as a deposit, or with a tender nobody mapped."""
        key, how = said["document"], self.random.random()
        kind = {"kind": "DEPOSIT"} if customer and how > 0.85 else {}
        first = left if how < 0.6 or how > 0.75 or left < 2 else left // 2
        unmapped = {"tender": "voucher"} if 0.75 < how < 0.78 else {}
        parts = [first] if first == left or how > 0.7 else [first, left - first]
        for number, part in enumerate(parts):
            allocated = [{"document": key, "amount": text(part, said["currency"])}]
            self._money(f"p{number}-{key}", part, said, allocations=allocated, **kind, **unmapped)

    def _credited(self, said: Said) -> None:
        """Take the first line back, or more than was sold, or without saying of what; and pay the money back."""
        self.documents += 1
        how, currency, line = self.random.random(), said["currency"], said["lines"][0]
        net, tax = (units(amount, currency) * (100 if how > 0.97 else 1) for amount in (line["net"], line["tax"][0]["amount"]))
        tax = tax if how <= 0.97 else 0
        back = {**line, "net": text(net, currency), "tax": [{"code": "S", "amount": text(tax, currency)}]}
        totals = {"net": text(net, currency), "tax": text(tax, currency), "gross": text(net + tax, currency)}
        key = f"n-{said['document']}"
        kept = {name: said[name] for name in said if name not in ("tenders", "channel")}
        note = {**kept, "document": key, "number": f"N-{key}", "lines": [back], "totals": totals}
        self.say("credit_note.issued", note | ({"original": said["document"]} if how < 0.93 else {}))
        if how < 0.6:
            allocated = [{"document": key, "amount": totals["gross"]}]
            self._money(f"r-{key}", net + tax, note, "refund.paid", allocations=allocated)
        elif how < 0.65:
            self._money(f"r-{key}", net + tax, note, "refund.paid")

    def _changed(self, said: Said) -> None:
        """Say a settled sale again with less on it, or take it back, in the second wave."""
        if self.random.random() < 0.4 or len(said["lines"]) == 1:
            self.say("invoice.voided", {"document": said["document"], "version": 2, "reason": "keyed twice"}, wave=1)
            return
        line, currency = said["lines"][0], said["currency"]
        net, tax = units(line["net"], currency), units(line["tax"][0]["amount"], currency)
        totals = {"net": text(net, currency), "tax": text(tax, currency), "gross": text(net + tax, currency)}
        kept = {name: said[name] for name in said if name != "tenders"}
        self.say("invoice.amended", {**kept, "version": 2, "lines": [line], "totals": totals}, wave=1)

    def _free_money(self, customer: str) -> None:
        """Take money on account; now and then it did not stand."""
        key = f"f-{self.documents}"
        self._money(key, 700, {"currency": self.currency, "customer": customer})
        if self.random.random() < 0.3:
            taken = {**self.waves[0][-1]["data"]}
            self.say("payment.reversed", taken, wave=1)
