"""The reference: every message, field, code and limit of the contract, as a page for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from schemas.asyncapi import NOUNS, TOLD
from schemas.codes import ADMISSION, BROKER, DELIVERIES, DOOR, LIMITS, RECEIPTS
from schemas.events import DECIDED
from schemas.examples import EXAMPLES
from schemas.inbound import TYPES
from schemas.outbound import OUTBOUND, POSTING_KEY_PATTERN
from schemas.values import (
    AMOUNT_PATTERN,
    CURRENCY_PATTERN,
    DAY_PATTERN,
    DECIMAL_PATTERN,
    ID_PATTERN,
    SOURCE_PATTERN,
    THRESHOLD_PATTERN,
    TIME_PATTERN,
)

Node = Mapping[str, object]

_PATTERNS = {
    ID_PATTERN: "identifier",
    AMOUNT_PATTERN: "amount",
    THRESHOLD_PATTERN: "amount from zero upward",
    DECIMAL_PATTERN: "decimal text",
    DAY_PATTERN: "day",
    TIME_PATTERN: "time",
    CURRENCY_PATTERN: "ISO 4217 code",
    SOURCE_PATTERN: "URI reference",
    POSTING_KEY_PATTERN: "UUID",
}
_HEAD = """\
# The contract, message by message

*Generated from the models by `python -m tests.goldens.fresh`; a test compares. Do not edit.*

What other systems say to Postgate and hear from it. The same, for machines, is in [published/](published/): a JSON Schema
(2020-12) of every message as a whole CloudEvent, one of every stored record (`stored.…`), and
[asyncapi.json](published/asyncapi.json) with the topics.

**A message that fits its schema may still be refused.** The gate is stricter than JSON Schema can say: a key given twice,
bytes that are not UTF-8, control characters, numbers with a fraction, messages that are too large or too deep, amounts with
more digits than their currency has, days that are not in the calendar. Every refusal has a [code](#codes) that never
changes; its text names the place and what to write instead. Nothing is defaulted, invented or repaired: a message that is
refused is kept in quarantine with its bytes.

**Fields are added, never changed.** What is here keeps its name and meaning. Inbound messages are closed: a field that is
not listed is refused. Outbound messages are open: ignore what you do not know.

## Kinds of text

| Kind | Written as |
|---|---|
| identifier | 1 to 128 of `A-Z a-z 0-9 . _ : / -`, in quotes |
| amount | decimal text in quotes, `"1234.50"`: no exponent, sign `+` or separators; at most the currency's ISO 4217 decimals |
| decimal text | the same for quantities and rates, up to 12 digits after the point |
| day | `"2026-01-31"` |
| time | RFC 3339 with an offset, `"2026-01-31T13:45:00+01:00"` |
"""


def reference(schemas: Mapping[str, Node]) -> str:
    """Return the page, from the published schemas by file name."""
    parts = [_HEAD, "## Envelope\n", _envelope(schemas)]
    parts.append("## Inbound messages\n")
    for topic, nouns in NOUNS.items():
        parts.append(f"### On `{topic}`\n")
        names = [name for name in TYPES if name.split(".")[1] in nouns]
        parts.extend(_message(name, schemas[f"{name}.json"], _same(name, schemas)) for name in names)
    parts.append("## Parts of inbound messages\n")
    parts.extend(_parts(schemas, TYPES))
    parts.append("## Outbound messages\n")
    for topic, (told, key) in TOLD.items():
        parts.append(f"### On `{topic}`\n\nThe key is {key}.\n")
        parts.extend(_message(name, schemas[f"{name}.json"], _same(name, schemas)) for name in told)
    parts.append("## Parts of outbound messages\n")
    parts.extend(_parts(schemas, OUTBOUND))
    parts.append(_codes())
    parts.append(_limits())
    parts.append(_stored(schemas))
    return "\n".join(parts)


def _envelope(schemas: Mapping[str, Node]) -> str:
    schema = schemas[f"{next(iter(TYPES))}.json"]
    shown = {name: field for name, field in _node(schema, "properties").items() if name not in ("data", "type")}
    kind = {"type": "string", "description": "what is said: one of the types below"}
    fields = {"specversion": shown.pop("specversion"), "type": kind, **shown}
    return _table({"properties": fields, "required": schema["required"]})


def _message(name: str, schema: Node, same: str | None) -> str:
    shape = _own(schema)
    lines = [f"#### {name}\n", f"{shape['description']}\n"]
    lines.append(f"Fields as in [{same}](#{_anchor(same)}).\n" if same else _table(shape))
    if name in EXAMPLES:
        told = json.dumps(EXAMPLES[name]["data"], ensure_ascii=False)
        lines.append(f"Example of `data`:\n\n```json\n{told}\n```\n")
    return "\n".join(lines)


def _same(name: str, schemas: Mapping[str, Node]) -> str | None:
    """Return the first type that has exactly these fields, if it is another one."""
    fields = _own(schemas[f"{name}.json"])["properties"]
    first = next(other for other in (*TYPES, *OUTBOUND) if _own(schemas[f"{other}.json"])["properties"] == fields)
    return None if first == name else first


def _own(schema: Node) -> Node:
    name = str(_node(_node(schema, "properties"), "data")["$ref"]).rpartition("/")[2]
    return _node(_node(schema, "$defs"), name)


def _parts(schemas: Mapping[str, Node], names: Iterable[str]) -> Iterator[str]:
    """Yield a section for every shape inside messages, by name."""
    found: dict[str, Node] = {}
    for name in names:
        schema = schemas[f"{name}.json"]
        own = _own(schema)
        found |= {key: _node(_node(schema, "$defs"), key) for key in _node(schema, "$defs") if _node(schema, "$defs")[key] != own}
    for key in sorted(found):
        yield f"#### {key}\n\n{found[key]['description']}\n\n{_table(found[key])}"


def _table(shape: Node) -> str:
    required = shape.get("required", [])
    sure = required if isinstance(required, list) else []
    rows = ["| Field | Required | Holds | Meaning |", "|---|---|---|---|"]
    for field, value in _node(shape, "properties").items():
        meaning = str(value.get("description", "")).partition("; decimal text")[0]
        rows.append(f"| `{field}` | {'yes' if field in sure else _default(value)} | {_kind(value)} | {_cell(meaning)} |")
    return "\n".join(rows) + "\n"


def _default(value: Node) -> str:
    """Say that a field may be left out, and what that stands for where it is not simply nothing."""
    known = value.get("default")
    if known is None or isinstance(known, list | dict):
        return "no"
    return f"no, then {json.dumps(known) if isinstance(known, bool | int) else f'`{known}`'}"


def _kind(value: Node) -> str:
    """Say in words what a field holds."""
    choices = value.get("anyOf")
    if isinstance(choices, list):
        return next(_kind(choice) for choice in choices if choice.get("type") != "null")
    if "$ref" in value:
        name = str(value["$ref"]).rpartition("/")[2]
        return f"[{name}](#{_anchor(name)})"
    allowed = value.get("enum", [value["const"]] if "const" in value else None)
    if isinstance(allowed, list):
        return ", ".join(f"`{one}`" for one in allowed)
    match value.get("type"):
        case "array":
            return f"list of {_kind(_node(value, 'items'))}{_bounds(value, 'Items')}"
        case "object":
            return "texts by name"
        case "boolean":
            return "true or false"
        case "integer":
            return f"whole number{_bounds(value, '')}"
    pattern = str(value.get("pattern", ""))
    return _PATTERNS.get(pattern) or (f"text like `{_cell(pattern)}`" if pattern else f"text{_bounds(value, 'Length')}")


def _bounds(value: Node, of: str) -> str:
    first, last = (value.get(f"{end}{of}" if of else f"{end}imum") for end in ("min", "max"))
    if first is None and last is None:
        return ""
    return f", {first if first is not None else 'up'} to {last}" if last is not None else f", at least {first}"


def _codes() -> str:
    rows = [f"| `{code}` | {_cell(told)} | {_cell(remedy)} |" for code, (told, remedy) in DOOR.items()]
    rows += [f"| `{code}` | {_cell(told)} | {_cell(remedy)} |" for code, (told, remedy) in BROKER.items()]
    later = [f"| `{code}` | {_cell(told)} | {_cell(remedy)} |" for code, (told, remedy) in ADMISSION.items()]
    receipts = [f"| `{code}` | {verdict} | {told} |" for code, (verdict, told) in RECEIPTS.items()]
    deliveries = [f"| `{code}` | {_cell(told)} | {_cell(remedy)} |" for code, (told, remedy) in DELIVERIES.items()]
    head = "| Code | Means | Remedy |\n|---|---|---|"
    return "\n".join(
        (
            "## Codes\n\nEvery message has one receipt. Quarantined because it cannot be read:\n",
            *(head, *rows, "\nQuarantined because it contradicts what is recorded:\n"),
            *(head, *later, "\nNot quarantined:\n\n| Code | Verdict | Means |\n|---|---|---|"),
            *(*receipts, "\nWhat is not as it should be between a posting and an accounting system:\n"),
            *(head, *deliveries, ""),
        )
    )


def _limits() -> str:
    rows = [
        f"| `{name.lower()}` | {value if value < 10_000 else f'{value:,}'} | {told} |" for name, (value, told) in LIMITS.items()
    ]
    return "\n".join(("## Limits\n", "| Limit | Value | Of what |", "|---|---|---|", *rows, ""))


def _stored(schemas: Mapping[str, Node]) -> str:
    rows = []
    for shape in DECIDED:
        name = f"stored.{shape.__name__}.v1.json"
        rows.append(f"| [{shape.__name__}.v1](published/{name}) | {_cell(str(schemas[name]['description']))} |")
    told = (
        "## Stored records\n\nEvery inbound message is stored verbatim, under a kind of its own. What the engine decides is "
        "stored as one of these; there, amounts are integers of the smallest unit.\n\n| Kind | Says |\n|---|---|"
    )
    return "\n".join((told, *rows, ""))


def _node(value: Node, key: str) -> dict[str, dict[str, object]]:
    found = value[key]
    if not isinstance(found, dict):
        raise TypeError(f"{key} is not an object")
    return found


def _anchor(heading: str) -> str:
    return "".join(character for character in heading.lower() if character.isalnum() or character in "_- ").replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
