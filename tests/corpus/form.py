"""Hostile bytes: size, encoding, nesting, keys, and the frame around the payload."""

from __future__ import annotations

import json

from tests.corpus.case import Case, refused
from tests.corpus.messages import INVOICE, described, invoice, said, sale

HEADERS = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/pos/store-12",
    "type": INVOICE,
    "time": "2026-01-31T13:45:00+01:00",
    "book": "uk",
}
PLAIN = invoice()
OPEN = PLAIN[:-2]  # The plain invoice without its last two braces, to be continued.


def binary(row: int, name: str, code: str, headers: dict[str, str], raw: bytes = b"") -> Case:
    """Return a refused message in binary mode."""
    return Case(row, name, raw or json.dumps(sale()).encode(), "QUARANTINED", code, headers=HEADERS | headers)


SHAPE_OF_BYTES = [
    *refused(1, "empty value", "SCHEMA_INVALID", b"", b" \r\n\t"),
    *refused(3, "300 KiB of valid JSON", "TOO_LARGE", lambda: described(b"x" * 300 * 1024)),
    *refused(4, "a string of 50 MB", "TOO_LARGE", lambda: described(b"x" * 50_000_000)),
    *refused(6, "100,000 brackets", "TOO_DEEP", lambda: b"[" * 100_000),
    *refused(6, "17 levels", "TOO_DEEP", OPEN + b', "x": ' + b"[" * 15 + b"]" * 15 + b"}}"),
    *refused(
        6, "closing brackets in strings hide the depth", "TOO_DEEP", b'{"a": ' + b'["]", ' * 300 + b"1" + b', "["]' * 300 + b"}"
    ),
    *refused(6, "escaped quotes that never close", "TOO_DEEP", lambda: b"[" * 17 + b'"' + rb"\"" * 100_000),
    Case(6, "brackets in a description are text", described(b"[" * 100), "ACCEPTED"),
    *refused(7, "200,000 keys", "TOO_LARGE", lambda: b"{" + b",".join(b'"%d":0' % n for n in range(200_000)) + b"}"),
    *refused(7, "20,000 keys", "TOO_MANY_KEYS", lambda: b"{" + b",".join(b'"%d":0' % n for n in range(20_000)) + b"}"),
    *refused(7, "5,000 unknown fields", "UNKNOWN_FIELD", lambda: said(INVOICE, sale() | {f"x{n}": 0 for n in range(4_900)})),
    *refused(8, "byte order mark", "ENCODING", b"\xef\xbb\xbf" + PLAIN),
    *refused(9, "UTF-16 and UTF-32", "ENCODING", *(PLAIN.decode().encode(f"utf-{bits}") for bits in ("16", "32"))),
    *refused(9, "UTF-16 unmarked", "ENCODING", *(PLAIN.decode().encode(f"utf-16-{order}") for order in ("le", "be"))),
    *refused(9, "UTF-32 unmarked", "ENCODING", *(PLAIN.decode().encode(f"utf-32-{order}") for order in ("le", "be"))),
    *refused(10, "invalid UTF-8", "ENCODING", described(b"\xff"), described(b"\xc3"), described(b"\xc0\xaf")),
    *refused(11, "surrogate bytes", "ENCODING", described(b"\xed\xa0\x80")),
    *refused(12, "half a surrogate pair escaped", "ENCODING", described(rb"\ud800"), described(rb"\udc00\ud800")),
    *refused(12, "halves parted by a backslash", "ENCODING", described(rb"\ud83d\\\ude00")),
    Case(12, "a whole pair is a character", described(rb"\ud83d\ude00"), "ACCEPTED"),
    *refused(13, "escaped NUL", "CONTROL_CHARACTER", described(rb"a\u0000b"), described(rb"\\\u0000")),
    Case(13, "an escaped backslash before u0000 is text", described(rb"a\\u0000b"), "ACCEPTED"),
    *refused(14, "raw newline in a string", "CONTROL_CHARACTER", described(b"a\nb")),
    *refused(15, "trailing document or garbage", "SCHEMA_INVALID", b"{}{}", PLAIN + PLAIN, PLAIN + b" x"),
    *refused(16, "trailing comma", "SCHEMA_INVALID", OPEN + b",}}"),
    *refused(16, "comment, single quotes", "SCHEMA_INVALID", b"/* x */" + PLAIN, PLAIN.replace(b'"', b"'")),
    *refused(17, "not an object", "NOT_AN_OBJECT", b"[" + PLAIN + b"]", b'"x"', b"1", b"1.5", b"null", b"true"),
    *refused(17, "data is not an object", "NOT_AN_OBJECT", said(INVOICE, []), said(INVOICE, "x"), said(INVOICE, None)),
    *refused(18, "duplicate key", "DUPLICATE_KEY", b'{"amount":1,"amount":1000000}', OPEN + b', "version": 1}}'),
    *refused(18, "duplicate key, one escaped", "DUPLICATE_KEY", OPEN + rb', "versio\u006e": 2}}'),
    *refused(69, "schema-registry framing", "UNEXPECTED_FRAMING", b"\0\0\0\0\x07" + PLAIN),
]

HEADS = [
    binary(68, "10,000 headers", "TOO_MANY_KEYS", {f"x{n}": "1" for n in range(10_000)}),
    binary(68, "a header of 1 MB", "TOO_LARGE", {"subject": "x" * 1_000_000}),
    binary(13, "NUL in a header", "CONTROL_CHARACTER", {"subject": "a\0b"}),
    binary(12, "half a surrogate pair in a header", "ENCODING", {"subject": "\ud800"}),
    binary(15, "a value that would close the envelope", "SCHEMA_INVALID", {}, b'{}, "subject": "x"'),
    binary(17, "a value that is no object", "NOT_AN_OBJECT", {}, b"[]"),
    binary(49, "no offset in a header", "TIMEZONE_REQUIRED", {"time": "2026-01-01T00:00:00"}),
    binary(69, "schema-registry framing in binary mode", "UNEXPECTED_FRAMING", {}, b"\0\0\0\0\x07{}"),
    Case(
        67,
        "a partition key that is not the document",
        json.dumps(sale()).encode(),
        "ACCEPTED",
        headers=HEADERS | {"partitionkey": "x"},
    ),
]
