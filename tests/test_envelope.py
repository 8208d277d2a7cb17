"""The envelope: both modes of CloudEvents say the same, and every field is refused under its own code."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Literal, Union, cast, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import values
from schemas.envelope import ATTRIBUTES, Envelope, Message, read_binary, read_structured
from schemas.gate import DEPTH_MAX, KEYS_MAX, MESSAGE_BYTES_MAX, Unreadable
from schemas.inbound import TYPES
from schemas.refusals import ERRORS_SHOWN_MAX
from schemas.shape import Shape
from tests.corpus.cases import CASES, Case
from tests.corpus.messages import INVOICE, invoice, line, named, net, payment, said, sale

HEADERS = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/pos/store-12",
    "type": INVOICE,
    "time": "2026-01-31T13:45:00+01:00",
    "book": "uk",
}
KINDS = {
    "id": (values.Id, "ID_CHARSET", "x"),
    "source": (values.ReadFrom, "ID_CHARSET", "x"),
    "amount": (values.Amount, "AMOUNT_NOT_STRING", "1"),
    "threshold": (values.Threshold, "AMOUNT_NOT_STRING", "1"),
    "decimal": (values.Decimal, "AMOUNT_NOT_STRING", "1"),
    "day": (values.Day, "DATE", "2026-01-31"),
    "time": (values.Time, "DATE", "2026-01-31T00:00:00Z"),
    "currency": (values.Currency, "CURRENCY", "EUR"),
    "code": (values.Code, "SCHEMA_INVALID", "X"),
}
"""Every kind of text with a grammar: what it owes to a number, and what fits it."""

Read = tuple[str, object]


def outcome(raw: bytes, headers: dict[str, str] | None = None) -> Read:
    """Return the code, or what was read."""
    try:
        message = read_structured(raw) if headers is None else read_binary(headers, raw)
    except Unreadable as refusal:
        return refusal.code, None
    return "", (message.envelope, message.data)


def refusal(raw: bytes) -> Unreadable:
    """Return the refusal of a structured message."""
    with pytest.raises(Unreadable) as refused:
        read_structured(raw)
    return refused.value


def structured(headers: dict[str, str], raw: bytes) -> bytes:
    """Write headers and value as one structured message, as another publisher would."""
    return json.dumps(headers, ensure_ascii=False)[:-1].encode("utf-8", "surrogatepass") + b', "data": ' + raw + b"}"


CHANGES = st.dictionaries(
    st.sampled_from(["id", "time", "subject", "type", "book", "colour", "data"]),
    st.sampled_from(
        ["x", "", "e\u0301", "a\tb", "\x1b", "\ud800", "2026-01-01T00:00:00", "postgate.invoice.issued.v9", "\x85", "😀"]
    ),
    max_size=2,
)
SALES: list[dict[str, object]] = [{}, {"version": "1"}, {"lines": []}, {"colour": 1}, {"customer": "é"}]
VALUES = st.sampled_from(
    [
        *(json.dumps(sale(**change)) for change in SALES),
        *("{}", "[]", "1", "null", '{"a":1,"a":2}', '{"a":1.5}', '{"a":"\\ud800"}', '{"a":"\\u0000"}', '{"a":NaN}'),
        *("[" * n + "]" * n for n in (DEPTH_MAX - 1, DEPTH_MAX, DEPTH_MAX + 1)),
        *('{"a":' + "[" * n + "]" * n + "}" for n in (DEPTH_MAX - 2, DEPTH_MAX - 1)),
        *(json.dumps({str(n): 0 for n in range(KEYS_MAX - less)}) for less in (8, 7, 6, 0)),
    ]
)


@given(CHANGES, VALUES)
def test_both_modes_give_the_same_content_or_the_same_code(changes: dict[str, str], value: str) -> None:
    """A publisher may change the mode without a change of what is accepted, at the limits too."""
    headers = {**HEADERS, **changes}
    if "data" in changes:
        # The structured form cannot even say it without a key given twice; the binary one names an unknown attribute.
        assert outcome(structured(headers, value.encode()))[0]
        assert outcome(value.encode(), headers)[0]
        return
    assert outcome(value.encode(), headers) == outcome(structured(headers, value.encode()))


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_both_modes_have_the_same_limit_of_bytes(over: int) -> None:
    """The size counts the whole message, so what is taken in by headers can be read again as one."""
    empty = read_binary(HEADERS, json.dumps(sale(lines=[line()])).encode()).raw
    text = "x" * 900
    lines = [line(line=n, description=text) for n in range(1, 250)]
    room = MESSAGE_BYTES_MAX + over - len(read_binary(HEADERS, json.dumps(sale(lines=lines)).encode()).raw)
    assert len(empty) < MESSAGE_BYTES_MAX
    assert room > 0
    value = json.dumps(sale(lines=lines)).encode() + b" " * room
    code = "TOO_LARGE" if over > 0 else ""
    assert outcome(value, HEADERS)[0] == code
    if not code:
        message = read_binary(HEADERS, value)
        assert len(message.raw) == MESSAGE_BYTES_MAX + over
        assert read_structured(message.raw).data == message.data


REFUSED = [case for case in CASES if case.headers is None and case.verdict == "QUARANTINED"]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case.row}-{case.name}")
def test_hostile_bytes_are_refused_as_a_value_too(case: Case) -> None:
    """What is no message is no payload either, and nothing but a refusal is ever raised."""
    assert outcome(case.raw, HEADERS)[0]


def test_a_binary_message_keeps_structured_bytes_in_a_fixed_order() -> None:
    """Every source leaves the same record, with nothing added and nothing lost."""
    headers = {**HEADERS, "datacontenttype": "application/json", "subject": "Café"}
    message = read_binary(dict(reversed(headers.items())), json.dumps(sale()).encode())
    whole = json.loads(message.raw)
    assert list(whole) == [*(name for name in ATTRIBUTES if name in headers), "data"]
    assert whole == headers | {"data": sale()}
    assert read_structured(message.raw).envelope == message.envelope


def test_every_attribute_is_written_in_its_order() -> None:
    """An attribute that the envelope knows and the record does not would be lost."""
    assert set(ATTRIBUTES) == set(Envelope.model_fields)


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time", "book"])
def test_a_required_attribute_is_missed_by_name(name: str) -> None:
    """Nothing is defaulted: without the attribute there is no message."""
    refused = refusal(said(INVOICE, sale(), **{name: None}))
    assert (refused.code, refused.message) == ("SCHEMA_INVALID", f"{name}: is required")
    with pytest.raises(Unreadable, match=f"ce_{name}: is required"):
        read_binary({key: value for key, value in HEADERS.items() if key != name}, json.dumps(sale()).encode())


def test_a_message_without_payload_says_where_it_belongs() -> None:
    """The place of the payload is named."""
    refused = refusal(json.dumps(HEADERS).encode())
    assert (refused.code, refused.message) == (
        "SCHEMA_INVALID",
        "data: is missing; a structured CloudEvent carries its payload there",
    )


ALLOCATED = payment("1", "i-1", "e-1")
WRONG = [
    (net(5), "AMOUNT_NOT_STRING", 'lines.0.net: write decimal text in quotes such as "1234.50"'),
    (net("1.005"), "SCALE", "lines.0.net: 1.005 does not fit: EUR has 2 digits after the point"),
    (net("-0.00"), "AMOUNT_FORMAT", "lines.0.net: -0.00 does not fit: write zero without a sign"),
    (net("12345678901234.00"), "AMOUNT_RANGE", "lines.0.net: 12345678901234.00 does not fit"),
    (invoice(lines=[line(tax=[{"code": "S", "amount": "1.005"}])]), "SCALE", "lines.0.tax.0.amount: 1.005"),
    (invoice(lines=[line(), line(line=2, discounts=["1", "1.005"])]), "SCALE", "lines.1.discounts.1: 1.005"),
    (invoice(lines=[line(tax_total="1.005")]), "SCALE", "lines.0.tax_total: 1.005"),
    (invoice(totals={"net": "1", "tax": "1", "gross": "1", "paid": "1.005"}), "SCALE", "totals.paid: 1.005"),
    (invoice(tenders=[{"tender": "T", "amount": "1", "fee": "0.001"}]), "SCALE", "tenders.0.fee: 0.001"),
    (invoice(lines=[line(), line()]), "DUPLICATE_LINE", "lines: two lines have the number 1; give each its own"),
    (payment("0.001", "i-1", "e-1"), "SCALE", "amount: 0.001"),
    (payment("0", "i-1", "e-1"), "AMOUNT_RANGE", "amount: must be above zero"),
    (ALLOCATED.replace(b'"amount": "1"}]', b'"amount": "2"}]'), "ALLOCATED_TOO_MUCH", "allocations: add up"),
    (ALLOCATED.replace(b'"amount": "1"}]', b'"amount": "-1"}]'), "AMOUNT_RANGE", "allocations.0.amount: must be"),
    (named("x", addresses=[{"use": "BILLING", "lines": []}]), "SCHEMA_INVALID", "addresses.0.lines: List should have"),
    (named("x", contacts=[{"type": "OTHER", "value": "y"}] * 21), "TOO_MANY_ITEMS", "contacts: List should have at most 20"),
    (named("x", analysis_codes={"1": 5}), "ID_CHARSET", "analysis_codes.1: write 1 to 128"),
]


@pytest.mark.parametrize(("raw", "code", "told"), WRONG, ids=[told.split(" does")[0] for _, _, told in WRONG])
def test_a_refusal_names_the_field_and_what_to_write(raw: bytes, code: str, told: str) -> None:
    """Checks of a whole document name the one field that is wrong, like checks of a field."""
    refused = refusal(raw)
    assert refused.code == code
    assert refused.message.startswith(f"data.{told}")


def test_at_most_twenty_faults_are_told() -> None:
    """A refusal stays readable, however much is wrong."""
    refused = refusal(said(INVOICE, sale() | {f"x{n}": 0 for n in range(100)}))
    assert refused.message.count("is not a field of this type") == ERRORS_SHOWN_MAX
    assert refused.message.endswith("; and 80 more")


def test_names_are_composed_and_the_bytes_are_kept() -> None:
    """Two spellings of one name are one name; what was sent stays as it was sent."""
    raw = named("Rene\u0301", remarks="Cafe\u0301")
    message = read_structured(raw)
    assert getattr(message.data, "name") == "René"  # noqa: B009
    assert getattr(message.data, "remarks") == unicodedata.normalize("NFC", "Cafe\u0301")  # noqa: B009
    assert message.raw == raw


def kind_of(hint: object) -> str | None:
    """Return the name of the text kind that an annotation was made from."""
    marks = getattr(hint, "__metadata__", (None,))
    return next((name for name, (kind, _, _) in KINDS.items() if marks[0] == get_args(kind)[1]), None)


def sample(hint: object) -> object:
    """Return content that fits an annotation: of a shape, its required fields only."""
    kind = kind_of(hint)
    if kind:
        return KINDS[kind][2]
    if isinstance(hint, type) and issubclass(hint, Shape):
        hints = get_type_hints(hint, include_extras=True)
        fields = hint.model_fields.items()
        return {field.alias or name: sample(hints[name]) for name, field in fields if field.is_required()}
    if get_origin(hint) in (Annotated, Union, UnionType):
        return sample(get_args(hint)[0])
    if get_origin(hint) is list:
        return [sample(get_args(hint)[0])]
    return get_args(hint)[0] if get_origin(hint) is Literal else {bool: True, int: 1, str: "x"}[cast("type", hint)]


def with_a_number(hint: object) -> Iterator[tuple[tuple[str, ...], str, object]]:
    """Yield, for every text field inside, its place, its kind, and content that has a number there and is right elsewhere."""
    kind, inside = kind_of(hint), get_args(hint)
    if kind:
        yield (), kind, 5
    elif isinstance(hint, type) and issubclass(hint, Shape):
        hints = get_type_hints(hint, include_extras=True)
        for name, field in hint.model_fields.items():
            for at, of, content in with_a_number(hints[name]):
                yield (field.alias or name, *at), of, cast("dict[str, object]", sample(hint)) | {field.alias or name: content}
    elif get_origin(hint) in (Annotated, Union, UnionType):
        yield from with_a_number(inside[0])
    elif get_origin(hint) is list:
        yield from ((("0", *at), of, [content]) for at, of, content in with_a_number(inside[0]))
    elif get_origin(hint) is dict:
        key = str(get_args(inside[0])[0]) if get_origin(inside[0]) is Literal else "1"
        yield from (((key, *at), of, {key: content}) for at, of, content in with_a_number(inside[1]))


@pytest.mark.parametrize("kind", TYPES)
def test_a_number_in_a_text_field_is_refused_under_the_code_of_the_field(kind: str) -> None:
    """Every id, amount, day, time and currency of every type names its place and its own code."""
    tried = 0
    for at, of, content in with_a_number(TYPES[kind]):
        refused = refusal(said(kind, content))
        assert refused.message.startswith(f"data.{'.'.join(at)}: write ")
        assert refused.code == KINDS[of][1]
        tried += 1
    assert tried >= 1


def test_the_fields_that_are_tried_are_those_of_the_contract() -> None:
    """The walk over the shapes reaches lists, mappings and shapes inside shapes."""
    tried = {(at, of) for at, of, _ in with_a_number(TYPES[INVOICE])}
    assert len(tried) == 41
    assert {
        (("document",), "id"),
        (("totals", "gross"), "amount"),
        (("lines", "0", "tax", "0", "rate"), "decimal"),
        (("lines", "0", "discounts", "0"), "amount"),
        (("lines", "0", "dimensions", "1"), "id"),
        (("business_date",), "day"),
    } <= tried


def test_a_message_is_its_envelope_its_content_and_its_bytes() -> None:
    """The plain invoice is read whole."""
    raw = said(INVOICE, sale())
    message = read_structured(raw)
    assert isinstance(message, Message)
    assert isinstance(message.data, TYPES[INVOICE])
    assert (message.envelope.id, message.envelope.book, message.raw) == ("e-1", "uk", raw)
