"""The JSON gate: what bytes must be before a model looks at them.

The standard parser takes the last of two equal keys, guesses UTF-16, accepts NaN and turns long numbers into other
numbers. The gate refuses all of that, with a stable code, in time proportional to the message (invariants, section 7).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import NoReturn

MESSAGE_BYTES_MAX = 256 * 1024
DEPTH_MAX = 16
KEYS_MAX = 5_000
INTEGER_DIGITS_MAX = 19
PLACED_CHARACTERS_MAX = 32 * 1024
SHOWN_CHARACTERS_MAX = 64

_NOT_SKELETON = bytes(set(range(256)) - set(b'[]{}"'))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_STEPS = {ord("["): 1, ord("]"): -1}
_ESCAPED_TROUBLE = re.compile(rb"\\(?:[bf]|u(?:00(?:0[0-8bBcCeEfF]|1|7[fF]|[89])|[dD][89a-fA-F]))")
_ESCAPED_CONTROL = re.compile(rb"\\(?:[bf]|u00(?:0[0-8bBcCeEfF]|1|7[fF]|[89]))")
_SURROGATE_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_CONTROL = re.compile("[\x7f-\x9f]")


class Unreadable(ValueError):
    """A message that cannot be taken as said: `code` is stable, the text names the place and the remedy."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Oversized(bytes):
    """The first bytes of a message that was too large to be held, with the size and the SHA-256 of all of it."""

    size: int
    digest: str

    def __new__(cls, head: bytes, size: int, digest: str) -> Oversized:
        """Keep the head; `size` must be over the limit, so that the gate refuses it."""
        whole = super().__new__(cls, head)
        whole.size, whole.digest = size, digest
        return whole


def read(raw: bytes) -> dict[str, object]:
    """Return the JSON object in `raw`, or raise Unreadable with the reason."""
    value = read_value(raw)
    if not isinstance(value, dict):
        raise Unreadable("NOT_AN_OBJECT", "the message must be one JSON object")
    return value


def read_value(raw: bytes, *, keys_around: int = 0) -> object:
    """Return the one JSON value in `raw`, or raise Unreadable with the reason.

    `keys_around` is the number of keys of the object that will hold the value, when it is the payload of a message.
    """
    size_checked(raw.size if isinstance(raw, Oversized) else len(raw))
    if not raw or raw.isspace():
        raise Unreadable("SCHEMA_INVALID", "the message is empty")
    text = _decoded(raw)
    unescaped = raw
    if b"\\" in raw:
        unescaped = raw.replace(rb"\\", b"  ")
        _refuse_escaped_trouble(unescaped)
        unescaped = unescaped.replace(rb"\"", b"  ")
    levels_max = DEPTH_MAX - 1 if keys_around else DEPTH_MAX
    if _deeper(unescaped, levels_max):
        raise Unreadable("TOO_DEEP", f"nested deeper than {DEPTH_MAX} levels: send a flatter message")
    few = keys_around + raw.count(b":") <= KEYS_MAX
    return _parsed(text, _DECODER if few else _counting(keys_around))


def size_checked(size: int) -> None:
    """Raise when a message has more bytes than one may have."""
    if size > MESSAGE_BYTES_MAX:
        raise Unreadable("TOO_LARGE", f"{size:,} bytes; the limit is {MESSAGE_BYTES_MAX:,}: send a smaller message")


def _decoded(raw: bytes) -> str:
    """Decode strict UTF-8 without a byte order mark, without zero bytes and without control characters."""
    if raw[0] == 0 and not _wide(raw):
        raise Unreadable("UNEXPECTED_FRAMING", "starts with a zero byte: schema-registry framing is not read, send plain JSON")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("ENCODING", f"not UTF-8 at byte {error.start:,}: send UTF-8") from error
    if text[0] == "\ufeff":
        raise Unreadable("ENCODING", "starts with a byte order mark: send UTF-8 without one")
    if b"\0" in raw:
        raise Unreadable("ENCODING", "holds zero bytes: send UTF-8, not UTF-16 or UTF-32")
    if b"\x7f" in raw or not text.isascii():
        found = _CONTROL.search(text)
        if found:
            raise Unreadable("CONTROL_CHARACTER", f"holds U+{ord(found[0]):04X} at character {found.start():,}: leave it out")
    return text


def _wide(raw: bytes) -> bool:
    """True for the start of big-endian UTF-16 or UTF-32, where a schema-registry frame has an id and then a payload."""
    return (raw[1:2] != b"\0" and raw[2:3] == b"\0") or raw[4:7] == b"\0\0\0"


def _refuse_escaped_trouble(unescaped: bytes) -> None:
    """Refuse an escaped control character other than tab, line feed and return, and half a surrogate pair.

    Escaped backslashes are blanked before, so that what they stood between does not join.
    """
    if not _ESCAPED_TROUBLE.search(unescaped):
        return
    control = _ESCAPED_CONTROL.search(unescaped)
    if control:
        place = f"at byte {control.start():,}"
        raise Unreadable("CONTROL_CHARACTER", f"an escape stands for a control character {place}: leave it out")
    half = _SURROGATE.search(_SURROGATE_PAIR.sub(b" " * 12, unescaped))
    if half:
        raise Unreadable("ENCODING", f"half a surrogate pair at byte {half.start():,}: no text can hold it, send both halves")


def _deeper(unescaped: bytes, levels_max: int) -> bool:
    """True when brackets outside strings nest deeper than allowed; escaped quotes are blanked before.

    Quotes without a bracket between them go first. If none is left, every bracket stands outside strings; otherwise
    what is quoted is cut out. Then pairs of brackets are peeled from the inside out, level by level; both kinds count
    as one, because peeling them one after the other would take two levels at once.
    """
    skeleton = unescaped.translate(_ONE_KIND, _NOT_SKELETON).replace(b'""', b"")
    if b'"' in skeleton:
        skeleton = b"".join(skeleton.split(b'"')[::2])
    brackets = skeleton
    for _ in range(levels_max):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets) and max(accumulate(map(_STEPS.__getitem__, skeleton))) > levels_max


def _parsed(text: str, decoder: json.JSONDecoder) -> object:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        if error.msg.startswith("Invalid control character"):
            remedy = r"write a line break as \n and a tab as \t, and leave others out"
            raise Unreadable("CONTROL_CHARACTER", f"a bare control character at {place}: {remedy}") from error
        raise Unreadable("SCHEMA_INVALID", f"not JSON at {place}: {error.msg}") from error
    except _WrongNumber as error:
        if text.lstrip()[0] != "{":
            raise Unreadable("NOT_AN_OBJECT", "the message must be one JSON object") from error
        raise Unreadable(error.code, f"{_placed(text)}{error.message}") from error


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise Unreadable("DUPLICATE_KEY", f"{key[:SHOWN_CHARACTERS_MAX]!r} is given twice in one object: say it once")
            seen.add(key)
    return value


def _counting(keys: int) -> json.JSONDecoder:
    """Return a decoder that also counts keys; only a message with many colons needs it."""

    def counted(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal keys
        keys += len(pairs)
        if keys > KEYS_MAX:
            raise Unreadable("TOO_MANY_KEYS", f"more than {KEYS_MAX:,} keys: send a smaller message")
        return _once(pairs)

    return _decoder(counted)


class _WrongNumber(Unreadable):
    """A number that would become another number; its place is found afterwards."""


def _integer(digits: str) -> int:
    if len(digits) > INTEGER_DIGITS_MAX:
        raise _WrongNumber("NUMBER", f"an integer of {len(digits):,} characters; the limit is {INTEGER_DIGITS_MAX}")
    return int(digits)


def _no_float(digits: str) -> NoReturn:
    remedy = "write amounts as decimal text in quotes, and counts as whole numbers"
    shown = digits[:SHOWN_CHARACTERS_MAX]
    raise _WrongNumber("AMOUNT_NOT_STRING", f"{shown} is a JSON number with a fraction or an exponent: {remedy}")


def _no_constant(name: str) -> NoReturn:
    raise Unreadable("SCHEMA_INVALID", f"{name} is not JSON")


def _decoder(hook: Callable[[list[tuple[str, object]]], dict[str, object]]) -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=hook, parse_float=_no_float, parse_int=_integer, parse_constant=_no_constant)


_DECODER = _decoder(_once)


class _Marked(str):
    """A number that the gate refuses, kept as text while its place is looked for."""


def _placed(text: str) -> str:
    """Return the path to the first refused number and a colon; nothing when the message is long or broken elsewhere."""
    if len(text) > PLACED_CHARACTERS_MAX:
        return ""
    try:
        value = json.loads(text, parse_float=_Marked, parse_int=lambda d: _Marked(d) if len(d) > INTEGER_DIGITS_MAX else 0)
    except json.JSONDecodeError:
        return ""
    return next((f"{'.'.join(path)}: " for path in _marked(value, ()) if path), "")


def _marked(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, _Marked):
        yield path
    elif isinstance(value, dict):
        for key, inside in value.items():
            yield from _marked(inside, (*path, key[:SHOWN_CHARACTERS_MAX]))
    elif isinstance(value, list):
        for index, inside in enumerate(value):
            yield from _marked(inside, (*path, str(index)))
