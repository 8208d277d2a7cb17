"""Hostile content: well-formed JSON whose fields, numbers, texts or times are not what they must be."""

from __future__ import annotations

from tests.corpus.case import Case, refused
from tests.corpus.messages import INVOICE, described, invoice, line, named, net, said, sale

PLAIN = invoice()
OPEN = PLAIN[:-2]


def amount_literal(number: bytes) -> bytes:
    """Return an invoice whose net amount is this bare JSON token."""
    return net("@").replace(b'"@"', number)


def version_literal(number: bytes) -> bytes:
    """Return an invoice whose version is this bare JSON token."""
    return PLAIN.replace(b'"version": 1', b'"version": ' + number)


def short(number: int) -> dict[str, object]:
    """Return the smallest line there is."""
    return {"line": number, "description": "", "net": "0", "tax": []}


FIELDS = [
    *refused(19, "equal but for case", "UNKNOWN_FIELD", OPEN + b', "Version": 1}}'),
    *refused(19, "equal after NFC", "UNKNOWN_FIELD", OPEN + ', "é": 1, "e\u0301": 1}}'.encode()),
    *refused(20, "unknown field", "UNKNOWN_FIELD", invoice(colour="red"), said(INVOICE, sale(), colour="red")),
    *refused(
        20, "unknown field of a newer version", "UNKNOWN_SCHEMA_VERSION", said("postgate.invoice.issued.v2", sale(colour="red"))
    ),
    *refused(21, "unknown version", "UNKNOWN_SCHEMA_VERSION", said("postgate.invoice.issued.v99", {})),
    *refused(21, "unknown type", "UNKNOWN_TYPE", said("postgate.invoice.printed.v1", {}), said("com.Example", {}), said("", {})),
    *refused(39, "zero lines", "NO_LINES", invoice(lines=[])),
    *refused(39, "1,001 lines", "TOO_MANY_LINES", lambda: invoice(lines=[short(n) for n in range(1, 1_002)])),
    *refused(39, "100,000 lines", "TOO_LARGE", lambda: invoice(lines=[short(n) for n in range(1, 100_001)])),
    *refused(42, "a currency on a line", "UNKNOWN_FIELD", invoice(lines=[line(), line(line=2, currency="USD")])),
    *refused(66, "fields that are ours", "UNKNOWN_FIELD", invoice(approved_by="me"), invoice(posting_key="k")),
    *refused(66, "a state that is ours", "SCHEMA_INVALID", invoice(status="POSTED")),
    *refused(
        64,
        "a link that ends",
        "UNKNOWN_FIELD",
        said("postgate.link.made.v1", {"customer": "c", "account": "a", "effective_to": "2026-01-01"}),
    ),
]

NUMBERS = [
    *refused(22, "fraction as a number", "AMOUNT_NOT_STRING", amount_literal(b"9007199254740993.01")),
    *refused(23, "1E-999999 as a number", "AMOUNT_NOT_STRING", amount_literal(b"1E-999999")),
    *refused(24, "1e400 as a number", "AMOUNT_NOT_STRING", amount_literal(b"1e400"), amount_literal(b"1e999999")),
    *refused(22, "integer as an amount", "AMOUNT_NOT_STRING", amount_literal(b"10"), amount_literal(b"0")),
    *refused(22, "integer as a tender", "AMOUNT_NOT_STRING", invoice(tenders=[{"tender": "CASH", "amount": 12}])),
    *refused(25, "1e999999 as text", "AMOUNT_FORMAT", net("1e999999")),
    *refused(26, "exponents", "AMOUNT_FORMAT", net("1e5"), net("1E+2")),
    *refused(27, "NaN and infinities", "SCHEMA_INVALID", *(amount_literal(n) for n in (b"NaN", b"Infinity", b"-Infinity"))),
    *refused(28, "NaN and infinity as text", "AMOUNT_FORMAT", *(net(n) for n in ("NaN", "sNaN", "Infinity", "-Infinity"))),
    *refused(29, "almost numbers", "AMOUNT_FORMAT", *(net(n) for n in ("1_000", " 12\n", "+5", ".5", "5.", "007", "", "12\n"))),
    *refused(30, "other digits", "AMOUNT_FORMAT", *(net(n) for n in ("١٢٣", "\uff11\uff12", "²", "1\u200b"))),
    *refused(31, "local habits", "AMOUNT_FORMAT", *(net(n) for n in ("1,234.56", "1.234,56", "€5", "(5.00)", "5-"))),
    *refused(
        32,
        "signed zero",
        "AMOUNT_FORMAT",
        net("-0"),
        net("-0.00"),
        said(
            "postgate.account.opened.v1",
            {"account": "a", "version": 1, "name": "A", "ledger_account": "1100", "credit": {"limit": "-0"}},
        ),
    ),
    *refused(33, "too many digits", "SCALE", net("1.005"), net("1.5", "JPY"), net("1.0005", "KWD"), net("1.00005")),
    Case(33, "three digits of a dinar", net("1.005", "KWD"), "ACCEPTED"),
    *refused(34, "true as an amount", "AMOUNT_NOT_STRING", net(True), net(None)),
    *refused(34, "true as an integer", "SCHEMA_INVALID", invoice(version=True), invoice(lines=[line(line=True)])),
    *refused(35, "text as an integer", "SCHEMA_INVALID", invoice(version="1")),
    *refused(35, "fraction as an integer", "AMOUNT_NOT_STRING", version_literal(b"1.0"), version_literal(b"1e5")),
    *refused(36, "5,000 digits", "NUMBER", version_literal(b"1" * 5_000), version_literal(b"1" * 20)),
    *refused(37, "over 10^15", "AMOUNT_RANGE", net("99999999999999.99"), net("1000000000000001", "JPY")),
    *refused(37, "the sum is over 10^15", "AMOUNT_RANGE", invoice(lines=[line(line=n, net="9000000000000.00") for n in (1, 2)])),
    *refused(41, "currency", "CURRENCY", *(net("1", code) for code in ("eur", "EURO", "XXX", "QQQ", "DEM", "", 978))),
    *refused(59, "version out of range", "SCHEMA_INVALID", *(version_literal(n) for n in (b"0", b"-1", b"9223372036854775808"))),
]

TEXTS = [
    *refused(
        43,
        "id",
        "ID_CHARSET",
        *(invoice(document=f"i{c}1") for c in ("\u200b", "\xa0", "\u200f", "\u0430")),
        invoice(document="i\n"),
    ),
    *refused(
        43, "id of no length or too long", "ID_CHARSET", invoice(customer=""), invoice(branch="x" * 129), invoice(number=1001)
    ),
    *refused(
        43, "id of the message", "ID_CHARSET", said(INVOICE, sale(), id="e\u200b1"), said(INVOICE, sale(), source="/pos store")
    ),
    *refused(
        43,
        "id as a key",
        "ID_CHARSET",
        invoice(lines=[line(dimensions={"d\u200b": "x"})]),
        invoice(lines=[line(dimensions={"d": 1})]),
    ),
    Case(44, "a name composed and decomposed", named("Ren\u00e9 / Rene\u0301", version=2), "ACCEPTED"),
    *refused(
        45, "code in an id", "ID_CHARSET", *(invoice(document=c) for c in ("'; DROP TABLE x", "${jndi:ldap://x}", "{{7*7}}"))
    ),
    Case(45, "code in a text is text", invoice(lines=[line(description="'; DROP TABLE x; ${jndi:x} {{7*7}}")]), "ACCEPTED"),
    Case(45, "a path is an id like any other", invoice(document="../../etc/passwd"), "ACCEPTED"),
    *(
        Case(46, f"formula {t[:1]!r}", invoice(lines=[line(description=t)]), "ACCEPTED")
        for t in ("=HYPERLINK(1)", "+1", "-1", "@x", "\tx")
    ),
    *refused(
        47,
        "ANSI escape",
        "CONTROL_CHARACTER",
        described(rb"\u001b[31m"),
        described(b"\x1b[31m"),
        described(rb"\b"),
        described(rb"\f"),
    ),
    *refused(47, "DEL and C1", "CONTROL_CHARACTER", described(b"\x7f"), described(b"\xc2\x85"), described(rb"\u0085")),
    *refused(47, "line break in a name", "CONTROL_CHARACTER", named("Ann\r\nBea"), named("Ann\tBea")),
    Case(47, "line breaks and U+2028 in a text", invoice(lines=[line(description="a\r\nb\u2028c")]), "ACCEPTED"),
    *refused(48, "long name", "TOO_LONG", named("x" * 10_240), named("\U0001f600" * 257), named("e" + "\u0301" * 500)),
    *refused(48, "name that grows when composed", "TOO_LONG", named("\u0958" * 200)),
    *refused(48, "long text", "TOO_LONG", invoice(lines=[line(description="x" * 1_001)])),
    *refused(73, "spreadsheet damage in ids", "ID_CHARSET", invoice(number="1.23E+11"), invoice(number="=1+1")),
    *refused(73, "spreadsheet damage in a date", "DATE", invoice(date="45123"), invoice(date=45123)),
]

TIMES = [
    *refused(49, "no offset", "TIMEZONE_REQUIRED", said(INVOICE, sale(), time="2026-01-01T00:00:00")),
    *refused(50, "epoch", "DATE", *(said(INVOICE, sale(), time=t) for t in (1, "1", "99999999999999", "x" * 41))),
    *refused(50, "epoch as a day", "DATE", *(invoice(date=t) for t in (1, "1", "20260131", True))),
    *refused(51, "leap second", "DATE", said(INVOICE, sale(), time="2016-12-31T23:59:60Z")),
    *refused(
        51, "24:00", "DATE", said(INVOICE, sale(), time="2026-01-01T24:00:00Z"), said(INVOICE, sale(), time="2026-01-01T24:00Z")
    ),
    *refused(51, "offset of 99 hours", "DATE", said(INVOICE, sale(), time="2026-01-01T00:00:00+99:00")),
    *refused(51, "30 February", "DATE", invoice(business_date="2026-02-30"), said(INVOICE, sale(), time="2026-02-30T00:00:00Z")),
    *refused(52, "year", "DATE", *(invoice(date=f"{year}-06-01") for year in ("0001", "9999", "1899")), invoice(date="infinity")),
    *refused(
        52,
        "year of a time",
        "DATE",
        *(said(INVOICE, sale(), time=f"{year}-06-01T00:00:00Z") for year in ("0001", "9999", "1899")),
    ),
    *refused(
        53, "local time in the hour that comes twice", "TIMEZONE_REQUIRED", said(INVOICE, sale(), time="2026-10-25T02:30:00")
    ),
    Case(53, "that hour with its offset", said(INVOICE, sale(), time="2026-10-25T02:30:00+02:00"), "ACCEPTED"),
    *refused(
        64,
        "a hold that ends before it begins",
        "DATE",
        *(
            said("postgate.customer.held.v1", {"customer": "c", "from": "2026-01-02T00:00:00Z", "until": until})
            for until in ("2026-01-01T00:00:00Z", "2026-01-02T01:00:00+01:00")
        ),
    ),
    *refused(
        64,
        "a period that ends before it begins",
        "DATE",
        said("postgate.period.closed.v1", {"period": "2026-01", "from": "2026-01-31", "to": "2026-01-01"}),
    ),
    Case(
        64,
        "a period of one day",
        said("postgate.period.closed.v1", {"period": "d", "from": "2026-01-31", "to": "2026-01-31"}),
        "ACCEPTED",
    ),
]
