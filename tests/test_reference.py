"""The reference for people names every message, code and limit there is, and no other."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from schemas import codes, gate, refusals, values
from schemas.examples import EXAMPLES
from schemas.inbound import TYPES
from schemas.outbound import OUTBOUND
from schemas.publish import files

SCHEMAS = Path(__file__).parents[1] / "schemas"
ADAPTERS = Path(__file__).parents[1] / "adapters"
ENGINE = Path(__file__).parents[1] / "engine"
PAGE = files()["README.md"]
CALLS = {"Unreadable", "PydanticCustomError", "InvalidAmount", "_WrongNumber", "_fail", "Grammar"}
CODE = re.compile(r"[A-Z][A-Z_]{3,}")


def _door_codes() -> set[str]:
    """Return every code that the source of the door can give."""
    paths = [*(SCHEMAS / name for name in ("gate.py", "refusals.py", "envelope.py", "values.py")), *SCHEMAS.glob("inbound/*.py")]
    found: list[ast.expr] = []
    for node in (node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))):
        match node:
            case ast.Call(func=ast.Name(id=called)) if called in CALLS:
                found.extend(node.args)
            case ast.IfExp():
                found.extend((node.body, node.orelse))
            case ast.Return(value=ast.Tuple() as pair):
                found.append(pair)
            case ast.Dict():
                found.extend(value for value in node.values if isinstance(value, ast.Tuple))
    firsts = (one.elts[0] if isinstance(one, ast.Tuple) and one.elts else one for one in found)
    texts = (one.value for one in firsts if isinstance(one, ast.Constant))
    return {text for text in texts if isinstance(text, str) and CODE.fullmatch(text)}


def test_every_refusal_of_the_door_is_explained() -> None:
    """The reference names exactly the codes that the door gives."""
    assert _door_codes() == set(codes.DOOR)


def test_whatever_else_sets_a_message_aside_is_explained() -> None:
    """The reference names exactly the codes that readers of sources give beside those of the door."""
    sources = [*ADAPTERS.glob("kafka/*.py"), *ADAPTERS.glob("workers/*.py"), ADAPTERS / "ingest.py"]
    calls = r'(?:Unreadable\(|unread\([^()]*|_sealed\([^()]*?)"([A-Z_]+)"'
    given = {code for path in sources for code in re.findall(calls, path.read_text(encoding="utf-8"))}
    assert given - set(codes.DOOR) == set(codes.BROKER)


def test_every_refusal_of_a_fact_is_explained() -> None:
    """The reference names exactly the codes under which the engine refuses facts."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in ENGINE.rglob("*.py")]
    refused = {
        node.args[0].value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Refused"
        and isinstance(node.args[0], ast.Constant)
    }
    assert refused == set(codes.ADMISSION)


def test_every_limit_is_explained() -> None:
    """Whatever ends in _MAX at the door is in the table of limits, with its value."""
    defined = {
        name: value for module in (values, gate, refusals) for name, value in vars(module).items() if name.endswith("_MAX")
    }
    assert {name: value for name, (value, _) in codes.LIMITS.items()} == defined
    for name, value in defined.items():
        assert f"| `{name.lower()}` | {value if value < 10_000 else f'{value:,}'} |" in PAGE


def test_the_reference_shows_everything() -> None:
    """Every type, code and example is on the page, and every link on it leads to a heading or a file."""
    headings = {
        re.sub(r"[^a-z0-9_ -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in PAGE.split("\n") if line[:1] == "#"
    }
    for name in (*TYPES, *OUTBOUND):
        assert f"\n#### {name}\n" in PAGE
    for code in (*codes.DOOR, *codes.BROKER, *codes.ADMISSION, *codes.RECEIPTS):
        assert f"\n| `{code}` |" in PAGE
    for example in EXAMPLES.values():
        assert json.dumps(example["data"], ensure_ascii=False) in PAGE
    assert {link[1:] for link in re.findall(r"\]\((#[^)]+)\)", PAGE)} <= headings
    assert [link for link in re.findall(r"\]\(([^#)]+)\)", PAGE) if not (SCHEMAS / link).exists()] == []
