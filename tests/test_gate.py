"""The gate: every hostile input of the corpus meets its receipt, quickly, and nothing but a refusal is ever raised."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas import gate
from schemas.envelope import Message, read_binary, read_structured
from schemas.gate import DEPTH_MAX, KEYS_MAX, MESSAGE_BYTES_MAX, Oversized, Unreadable
from tests.corpus.cases import CASES, DOOR, ELSEWHERE, Case

ROWS = 76
LONGEST_NS = 50_000_000
"""A law of the design, not a speed: no input holds the door for longer than 50 ms."""

TEXTS = st.text(st.sampled_from('ab[]{}":,\\/é😀\u2028'), max_size=8) | st.text(max_size=8)
NUMBERS = st.integers(-(10**19), 10**19) | st.floats() | st.sampled_from([10**18, 10**19, 10**20])
TREES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
NESTS = st.lists(st.sampled_from("[{"), max_size=DEPTH_MAX + 4)
SCRAPS = st.lists(
    st.sampled_from(
        [b"{", b"}", b"[", b"]", b'"', b"\\", b":", b",", b"1", b"-", b".5", b"e9", b"\\u", b"d83d", b"\xff", b" ", b"\0", b"a"]
    )
)


def read(case: Case) -> Message | Unreadable:
    """Let a case through the door and return what it says."""
    try:
        return read_structured(case.raw) if case.headers is None else read_binary(dict(case.headers), case.raw)
    except Unreadable as refusal:
        return refusal


def judged(raw: bytes) -> tuple[str, object]:
    """Return the code of the gate, or what it read."""
    try:
        return "", gate.read(raw)
    except Unreadable as refusal:
        return refusal.code, None


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row}-{case.name}")
def test_every_hostile_input_meets_its_receipt(case: Case) -> None:
    """The door gives the exact code of the table, and lets in what only the engine can judge."""
    met = read(case)
    if case.verdict == "QUARANTINED":
        assert isinstance(met, Unreadable)
        assert (met.code, bool(met.message)) == (case.code, True)
        assert len(met.message) < 4_096
    else:
        assert isinstance(met, Message)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row}-{case.name}")
def test_no_hostile_input_holds_the_door_for_50_ms(case: Case) -> None:
    """Whatever is sent, the answer comes in time; the best of three is taken because other programs run too."""
    raw, headers = case.raw, case.headers
    made = Case(case.row, case.name, raw, case.verdict, headers=headers)
    assert min(_nanoseconds(made) for _ in range(3)) < LONGEST_NS


def _nanoseconds(case: Case) -> int:
    start = time.perf_counter_ns()
    read(case)
    return time.perf_counter_ns() - start


@pytest.mark.parametrize("case", [c for c in CASES if c.verdict != "QUARANTINED"], ids=lambda case: f"{case.row}-{case.name}")
def test_nothing_is_repaired_silently(case: Case) -> None:
    """What is let in keeps the bytes as they came; a binary message keeps them inside its structured form."""
    met = read(case)
    assert isinstance(met, Message)
    if case.headers is None:
        assert met.raw == case.raw
    else:
        assert met.raw.endswith(b',"data":' + case.raw + b"}")
        assert read_structured(met.raw).data == met.data


def test_messages_that_a_case_says_before_are_let_in() -> None:
    """What a case for the engine says first is plain, so that only the case itself is judged."""
    for case in CASES:
        for raw in case.before:
            assert read_structured(raw).raw == raw


def test_every_row_of_the_table_is_a_case_or_says_why_not() -> None:
    """No row is forgotten, and none is both here and elsewhere."""
    here = {case.row for case in CASES}
    assert here | set(ELSEWHERE) == set(range(1, ROWS + 1))
    assert here & set(ELSEWHERE) == set()


def test_cases_for_the_engine_name_their_outcome() -> None:
    """A case that the door cannot judge alone has the code that the engine owes."""
    assert {case.row for case in CASES if case.verdict not in DOOR} == {38, 40, *range(54, 64)}
    assert all(case.code for case in CASES if case.verdict not in ("ACCEPTED", "POST"))


@given(TREES)
def test_what_is_read_is_what_was_written(tree: object) -> None:
    """JSON made of anything is read as the standard parser reads it, or refused for a reason that is true."""
    raw = json.dumps(tree, ensure_ascii=False).encode("utf-8", "surrogatepass")
    code, met = judged(raw)
    if code:
        assert code in _faults(tree)
    else:
        assert met == json.loads(raw)
        assert not _faults(tree)


@given(st.dictionaries(TEXTS, TREES, max_size=4), st.booleans())
@example({"a": '\\"[' * 3, "b": ["]]]", "[[["]}, False)
@example({"a": "\\\\u0000", "b": "\\b"}, True)
def test_an_object_without_faults_is_let_in(tree: dict[str, object], ascii_only: bool) -> None:  # noqa: FBT001
    """The gate is strict, but it refuses nothing that is right, however quotes, brackets and backslashes mix."""
    raw = json.dumps(tree, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    code, met = judged(raw)
    if code:
        assert code in _faults(tree)
    else:
        assert met == tree


@given(st.binary(max_size=200) | SCRAPS.map(b"".join) | SCRAPS.map(lambda scraps: b'{"a":"' + b"".join(scraps) + b'"}'))
@settings(max_examples=300)
def test_bytes_of_any_kind_are_read_or_refused(raw: bytes) -> None:
    """Arbitrary bytes give the object that the standard parser finds there, or a refusal; never anything else."""
    code, met = judged(raw)
    assert code or met == json.loads(raw)


@given(NESTS, TEXTS)
def test_the_depth_is_counted_outside_strings(nest: list[str], text: str) -> None:
    """Sixteen levels pass and seventeen do not, whatever brackets stand in the texts on the way."""
    tree: object = 1
    for bracket in nest:
        tree = [text, tree, text] if bracket == "[" else {"a": text, "b": tree, "c": text}
    raw = json.dumps({"d": tree}).encode()
    code, met = judged(raw)
    if len(nest) + 1 > DEPTH_MAX:
        assert code in {"TOO_DEEP"} | _faults(text)
    elif code:
        assert code in _faults(text)
    else:
        assert met == {"d": tree}


def test_limits_are_exact() -> None:
    """A message at its limit passes, and one more is refused."""
    room = MESSAGE_BYTES_MAX - len(b'{"a":""}')
    assert gate.read(b'{"a":"' + b"x" * room + b'"}')
    assert _code(b'{"a":"' + b"x" * (room + 1) + b'"}') == "TOO_LARGE"
    assert len(gate.read(json.dumps({str(n): 0 for n in range(KEYS_MAX)}).encode())) == KEYS_MAX
    assert _code(json.dumps({str(n): 0 for n in range(KEYS_MAX + 1)}).encode()) == "TOO_MANY_KEYS"
    assert _code(json.dumps({"a": [{"b": 0}] * KEYS_MAX}).encode()) == "TOO_MANY_KEYS"
    assert gate.read(b'{"a":9999999999999999999}') == {"a": 10**19 - 1}
    assert _code(b'{"a":-9999999999999999999}') == "NUMBER"


@pytest.mark.parametrize(
    "raw",
    [
        b"]" * 260_000,
        b"[[]" * 87_000,
        b"[" + b"[]," * 65_000 + b'"["' + b"[]]",
        b'{"a":[' + b"{}," * 87_000 + b"{}]}",
        b'{"a":[' + b"1," * 130_000 + b"1]}",
        b'{"a":[' + b"1," * 130_000 + b"1.5]}",
        b'{"a":[' + b'"",' * 87_000 + b'"["]}',
        b'{"a":"' + rb"\ud83d\ude00" * 21_000 + b'"}',
        b'{"a":"' + rb"\\" * 130_000 + b'"}',
        b'{"a":"' + rb"\ud83d" * 43_000 + b'"}',
    ],
    ids=lambda raw: raw[:12].decode(),
)
def test_no_message_within_the_size_is_slow(raw: bytes) -> None:
    """Work grows with the size only: shapes made to be slow to count, cut or peel are answered in time."""
    assert len(raw) <= MESSAGE_BYTES_MAX
    assert min(_nanoseconds(Case(6, "slow", raw, "QUARANTINED")) for _ in range(3)) < LONGEST_NS


def test_a_message_too_large_to_hold_is_refused_with_its_true_size() -> None:
    """The head of a long line is enough to refuse it, and the refusal names the size of all of it."""
    with pytest.raises(Unreadable) as refused:
        gate.read(Oversized(b"{" * (MESSAGE_BYTES_MAX + 1), 1_000_000_000, "0" * 64))
    assert refused.value.code == "TOO_LARGE"
    assert refused.value.message == "1,000,000,000 bytes; the limit is 262,144: send a smaller message"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'{"a":{"b":[0,1.5]}}', "a.b.1: 1.5 is a JSON number with a fraction or an exponent: write amounts as decimal text"),
        (b'{"a":{"version":11111111111111111111}}', "a.version: an integer of 20 characters; the limit is 19"),
        (b'{"a":1,"a":2}', "'a' is given twice in one object: say it once"),
        (b'{"a":}', "not JSON at line 1 column 6: Expecting value"),
        (b'{"a":"\xff"}', "not UTF-8 at byte 6: send UTF-8"),
        (rb'{"a":"\\\u0007"}', "an escape stands for a control character at byte 8: leave it out"),
        (b'{"a":"\x7f"}', "holds U+007F at character 6: leave it out"),
    ],
    ids=["number", "digits", "twice", "syntax", "bytes", "escape", "control"],
)
def test_a_refusal_names_the_place_and_the_remedy(raw: bytes, told: str) -> None:
    """A publisher can find what is wrong without our help."""
    with pytest.raises(Unreadable) as refused:
        gate.read(raw)
    assert refused.value.message.startswith(told)


def _code(raw: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        gate.read(raw)
    return refused.value.code


def _faults(tree: object) -> set[str]:
    """Return every code that may be given for a tree, written independently of the gate."""
    codes = set() if isinstance(tree, dict) else {"NOT_AN_OBJECT"}
    for value in _values(tree):
        if isinstance(value, float):
            codes.add("AMOUNT_NOT_STRING" if math.isfinite(value) else "SCHEMA_INVALID")
        elif isinstance(value, int) and not isinstance(value, bool) and len(str(value)) > gate.INTEGER_DIGITS_MAX:
            codes.add("NUMBER")
        elif isinstance(value, str):
            if any((ord(c) < 32 and c not in "\t\n\r") or 127 <= ord(c) <= 159 for c in value):
                codes.add("CONTROL_CHARACTER")
            if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
                codes.add("ENCODING")
    return codes


def _values(tree: object) -> Iterator[object]:
    yield tree
    if isinstance(tree, dict):
        yield from tree
        for value in tree.values():
            yield from _values(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _values(value)
