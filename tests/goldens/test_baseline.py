"""The baseline: no change narrows what was released, and every way of narrowing is shown to be found."""

from __future__ import annotations

import copy
import json

import pytest

from schemas.publish import published
from tests.goldens import baseline
from tests.goldens.compatibility import Node, broken

PUBLISHED: dict[str, Node] = json.loads(json.dumps(published()))
INVOICE, POSTING, NOTED = (
    "postgate.invoice.issued.v1.json",
    "postgate.posting.authorised.v1.json",
    "stored.SettlementNoted.v1.json",
)

Place = tuple[str, ...]
Change = tuple[Place, str, object]
"""Where, what is done there (drop, set, append, remove), and with what."""


def planted(change: Change) -> dict[str, Node]:
    """Return the published files with one change."""
    place, act, value = change
    whole = copy.deepcopy(PUBLISHED)
    node: object = whole
    for step in place:
        assert isinstance(node, dict)
        node = node[step]
    match act, node:
        case "drop", dict():
            del node[value]
        case "set", dict() if isinstance(value, dict):
            node.update(value)
        case "append", list():
            node.append(value)
        case "remove", list():
            node.remove(value)
        case _:
            raise AssertionError(f"{act} does nothing at {place}")
    return whole


def fields(file: str, shape: str, *more: str) -> Place:
    """Return the place of a shape's fields, or of what is inside one of them."""
    return file, "$defs", shape, "properties", *more


def required(file: str, shape: str) -> Place:
    """Return the place of the names of required fields."""
    return file, "$defs", shape, "required"


NULL: dict[str, object] = {"type": "null"}
COLOUR: dict[str, object] = {"colour": {"type": "string"}}
STATUS = fields(INVOICE, "InvoiceIssued", "status", "enum")

BREAKS: dict[str, tuple[Change, str]] = {
    "a file gone": (((), "drop", INVOICE), f"{INVOICE}: is gone"),
    "a field gone": ((fields(INVOICE, "InvoiceIssued"), "drop", "branch"), f"{INVOICE}: message.data.branch is gone"),
    "a field made required": (
        (required(INVOICE, "Line"), "append", "product"),
        f"{INVOICE}: message.data.lines[].product is required",
    ),
    "a value gone": ((STATUS, "remove", "PAID"), f"{INVOICE}: message.data.status takes fewer values"),
    "values listed where any text was": (
        (fields(INVOICE, "Line", "description"), "set", {"enum": ["Mug"]}),
        f"{INVOICE}: message.data.lines[].description takes fewer values",
    ),
    "another pattern": (
        (fields(INVOICE, "Line", "net"), "set", {"pattern": "^[0-9]+$"}),
        f"{INVOICE}: message.data.lines[].net has another pattern",
    ),
    "a lower limit": (
        (fields(INVOICE, "InvoiceIssued", "lines"), "set", {"maxItems": 500}),
        f"{INVOICE}: message.data.lines has another maxItems",
    ),
    "a limit where there was none": (
        (fields(NOTED, "SettlementNoted", "amount"), "set", {"minimum": 0}),
        f"{NOTED}: message.body.amount has another minimum",
    ),
    "another type": (
        (fields(INVOICE, "Line", "line"), "set", {"type": "string"}),
        f"{INVOICE}: message.data.lines[].line has another type",
    ),
    "null no longer taken": (
        (fields(INVOICE, "Line", "unit", "anyOf"), "remove", NULL),
        f"{INVOICE}: message.data.lines[].unit takes no null any more",
    ),
    "a stored field gone": ((fields(NOTED, "SettlementNoted"), "drop", "currency"), f"{NOTED}: message.body.currency is gone"),
    "a told field gone": ((fields(POSTING, "ToldLine"), "drop", "party"), f"{POSTING}: message.data.lines[].party is gone"),
    "a told field no longer sure": (
        (required(POSTING, "ToldLine"), "remove", "memo"),
        f"{POSTING}: for its readers, message.data.lines[].memo is required",
    ),
    "a told value that was not announced": (
        (fields(POSTING, "AuthorisedPosting", "route", "enum"), "append", "TELEX"),
        f"{POSTING}: for its readers, message.data.route takes fewer values",
    ),
    "a message taken from its topic": (
        (("asyncapi.json", "channels", "postgate.links", "messages"), "drop", "postgate.link.made.v1"),
        "asyncapi.json: postgate.link.made.v1 on postgate.links is gone",
    ),
}
WIDENINGS: dict[str, Change] = {
    "a new file": ((), "set", {"postgate.invoice.issued.v2.json": {}}),
    "a new optional field": (fields(INVOICE, "Line"), "set", COLOUR),
    "a field no longer required": (required(INVOICE, "Line"), "remove", "description"),
    "a new value": (STATUS, "append", "SENT"),
    "a higher limit": (fields(INVOICE, "InvoiceIssued", "lines"), "set", {"maxItems": 5_000}),
    "no pattern": (fields(INVOICE, "Line", "net"), "drop", "pattern"),
    "a new told field": (fields(POSTING, "ToldLine"), "set", COLOUR),
    "a told field now sure": (required(POSTING, "ToldLine"), "append", "party"),
    "a told value no longer told": (fields(POSTING, "AuthorisedPosting", "route", "enum"), "remove", "SUMMARY"),
    "other words": ((INVOICE, "$defs", "Line"), "set", {"description": "One line."}),
}


def test_nothing_published_was_narrowed_since_the_last_release() -> None:
    """Whoever built on the released contract is still understood; before the first release, what was put down counts."""
    tag = baseline.last_tag()
    for raw in (baseline.BASELINE.read_bytes(), *([baseline.as_released(tag)] if tag else [])):
        release, schemas = baseline.content(raw)
        assert broken(schemas, PUBLISHED) == [], f"promised by {release}: keep it, or see tests/goldens/baseline.py"


def test_the_baseline_is_that_of_the_last_release() -> None:
    """The baseline of a release is never edited, and never forgotten; another one is of a release that is being made."""
    tag, raw = baseline.last_tag(), baseline.BASELINE.read_bytes()
    assert out_of_step(tag, raw, baseline.as_released(tag) if tag else b"") == ""


def out_of_step(tag: str | None, raw: bytes, released: bytes) -> str:
    """Return what is wrong with a baseline after a release, nothing when all is well."""
    release, _ = baseline.content(raw)
    if tag is None:
        return ""
    if release is None or (raw == released and release != tag):
        return f"{tag} was made without its baseline"
    return f"the baseline of {tag} was edited" if release == tag and raw != released else ""


@pytest.mark.parametrize(
    ("tag", "of", "same", "told"),
    [
        (None, None, "other", ""),
        ("v1.0.0", "v1.0.0", "same", ""),
        ("v1.0.0", "v1.1.0", "other", ""),
        ("v1.0.0", None, "same", "v1.0.0 was made without its baseline"),
        ("v1.1.0", "v1.0.0", "same", "v1.1.0 was made without its baseline"),
        ("v1.0.0", "v1.0.0", "other", "the baseline of v1.0.0 was edited"),
    ],
)
def test_a_baseline_out_of_step_is_found(tag: str | None, of: str | None, same: str, told: str) -> None:
    """Before a release anything goes; after it, the baseline is the release's own or that of the next."""
    raw = json.dumps({"release": of, "schemas": {}}).encode()
    assert out_of_step(tag, raw, raw if same == "same" else b"") == told


@pytest.mark.parametrize(("change", "told"), BREAKS.values(), ids=BREAKS)
def test_a_planted_break_is_found(change: Change, told: str) -> None:
    """Each way of breaking a promise is found, with its file and place."""
    assert broken(PUBLISHED, planted(change))[0] == told


@pytest.mark.parametrize("change", WIDENINGS.values(), ids=WIDENINGS)
def test_a_widening_keeps_the_promise(change: Change) -> None:
    """Adding is what the contract allows."""
    assert planted(change) != PUBLISHED
    assert broken(PUBLISHED, planted(change)) == []
