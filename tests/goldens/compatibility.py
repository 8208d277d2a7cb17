"""Compatibility: whether somebody who built on a published contract is still understood, and still understands us.

What we read, messages and stored records, may be taken more widely than before, never more narrowly. What we tell may say
more than before, but no field may go, become optional or hold what was not announced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemas.outbound import OUTBOUND

Node = Mapping[str, object]

LOWER = ("minimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")
AS_BEFORE = ("pattern", "const", "patternProperties", "propertyNames")
TOLD = frozenset(f"{name}.json" for name in OUTBOUND)


def broken(before: Mapping[str, Node], after: Mapping[str, Node]) -> list[str]:
    """Return every promise of the earlier contract that the later one does not keep."""
    found: list[str] = []
    for name, old in before.items():
        new = after.get(name)
        if new is None:
            found.append(f"{name}: is gone")
        elif name == "asyncapi.json":
            found.extend(f"{name}: {place} is gone" for place in sorted(_topics(old) - _topics(new)))
        elif name in TOLD:
            found.extend(f"{name}: {place} is gone" for place in sorted(_fields(old, old) - _fields(new, new)))
            found.extend(f"{name}: for its readers, {fault}" for fault in _narrowed((new, new), (old, old), "message"))
        else:
            found.extend(f"{name}: {fault}" for fault in _narrowed((old, old), (new, new), "message"))
    return found


Side = tuple[Node, Node]
"""A node with the file it stands in, where its references lead."""


def _narrowed(wide: Side, narrow: Side, at: str) -> Iterator[str]:
    """Yield what the first side allows and the second does not."""
    wide, narrow = _resolved(wide), _resolved(narrow)
    first, second = _choices(wide), _choices(narrow)
    if len(first) > 1 or len(second) > 1:
        yield from _unmatched(first, second, at)
        return
    (node, _), (other, _) = wide, narrow
    if node.get("$ref") != other.get("$ref") or ("type" in other and node.get("type") != other["type"]):
        yield f"{at} has another type"
        return
    yield from _values(node, other, at)
    for field in sorted(set(_texts(other, "required")) - set(_texts(node, "required"))):
        yield f"{at}.{field} is required"
    closed = other.get("additionalProperties") is False
    if closed and node.get("additionalProperties") is not False:
        yield f"{at} is closed to unknown fields"
    shown = _inside(other, "properties")
    for field, value in _inside(node, "properties").items():
        if field in shown:
            yield from _narrowed((value, wide[1]), (shown[field], narrow[1]), f"{at}.{field}")
        elif closed:
            yield f"{at}.{field} is gone"
    for key in ("items", "additionalProperties"):
        inner, outer = node.get(key), other.get(key)
        if isinstance(outer, Mapping):
            yield from _narrowed((inner if isinstance(inner, Mapping) else {}, wide[1]), (outer, narrow[1]), f"{at}[]")


def _values(node: Node, other: Node, at: str) -> Iterator[str]:
    if "enum" in other and not set(_texts(node, "enum") or ["anything"]) <= set(_texts(other, "enum")):
        yield f"{at} takes fewer values"
    for key in AS_BEFORE:
        if key in other and node.get(key) != other[key]:
            yield f"{at} has another {key}"
    for key in LOWER:
        if key in other and _number(node, key, -(10**30)) < _number(other, key, 0):
            yield f"{at} has another {key}"
    for key in UPPER:
        if key in other and _number(node, key, 10**30) > _number(other, key, 0):
            yield f"{at} has another {key}"


def _unmatched(first: list[Side], second: list[Side], at: str) -> Iterator[str]:
    """Yield the choices that no choice of the other side allows; the closest one tells why."""
    for choice in first:
        faults = [list(_narrowed(choice, other, at)) for other in second]
        if all(faults):
            same = [found for found, other in zip(faults, second, strict=True) if _kind(other) == _kind(choice)]
            yield from same[0] if same else [f"{at} takes no {_kind(choice)} any more"]


def _resolved(side: Side) -> Side:
    node, file = side
    name = str(node.get("$ref", ""))
    return (_inside(file, "$defs")[name.rpartition("/")[2]], file) if name.startswith("#/$defs/") else side


def _choices(side: Side) -> list[Side]:
    choices = side[0].get("anyOf")
    return [_resolved((choice, side[1])) for choice in choices] if isinstance(choices, list) else [side]


def _kind(side: Side) -> object:
    return side[0].get("type")


def _fields(node: Node, file: Node, at: str = "message") -> set[str]:
    """Return the place of every field, of whatever is inside too."""
    found: set[str] = set()
    for choice, _ in _choices(_resolved((node, file))):
        for field, value in _inside(choice, "properties").items():
            found |= {f"{at}.{field}"} | _fields(value, file, f"{at}.{field}")
        items = choice.get("items")
        if isinstance(items, Mapping):
            found |= _fields(items, file, f"{at}[]")
    return found


def _topics(document: Node) -> set[str]:
    return {
        f"{message} on {topic}"
        for topic, channel in _inside(document, "channels").items()
        for message in _inside(channel, "messages")
    }


def _inside(node: Node, key: str) -> Mapping[str, Node]:
    found = node.get(key, {})
    return found if isinstance(found, Mapping) else {}


def _texts(node: Node, key: str) -> list[str]:
    found = node.get(key, [])
    return [str(one) for one in found] if isinstance(found, list) else []


def _number(node: Node, key: str, otherwise: int) -> int:
    found = node.get(key, otherwise)
    return found if isinstance(found, int) else otherwise
