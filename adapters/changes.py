"""Changes: what would have been said instead of what was said: a class, a mapping, a policy, from the beginning or a day on."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.errors import NotFound
from adapters.files import open_source
from schemas.envelope import read_structured
from schemas.gate import Unreadable
from schemas.inbound.accounts import ClassDefined
from schemas.inbound.books import Policies
from schemas.shape import Shape
from schemas.values import instant

CHANGEABLE = ("book.opened", "class.defined", "class.revised", "class.assigned", "mapping.defined")
KINDS = ("BookOpened.v1", "ClassDefined.v1", "ClassRevised.v1", "ClassAssigned.v1", "ClassUnassigned.v1", "MappingDefined.v1")
"""The stored kinds whose facts a change may replace."""

Said = dict[str, object]
"""A message as the JSON object it is."""

Identity = tuple[object, ...]
"""What a fact is about; a change takes the place of the facts that are about the same."""


@dataclass(slots=True)
class Changes:
    """What is changed, and from when: `said` whole messages, `policies` and `fields` of a class only these."""

    said: Sequence[Said] = ()
    policies: Mapping[str, object] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    since: int | None = None
    _versions: dict[str, int] = field(default_factory=dict)
    _classes: dict[str, Said] = field(default_factory=dict)
    _done: set[Identity] = field(default_factory=set)
    _begun: bool = False

    def refuse_nothing(self, known: Collection[Identity]) -> None:
        """Raise NotFound where a part is changed of what was never said, or a day is named for what is said once."""
        for name in self.fields:
            if ("class", name) not in known:
                raise NotFound(name, "was never defined, so no field of it can be changed", "look at postgate classes")
        books = self.policies or any(kind_of(message) == "book.opened" for message in self.said)
        if self.since is not None and books:
            raise NotFound("--from", "a book is opened once, so its policies hold from its beginning", "leave --from out")
        if self.policies and ("book",) not in known:
            raise NotFound("--policy", "the book was never opened", "say how with --with FILE")

    def at_the_beginning(self, known: Collection[Identity]) -> Iterator[Said]:
        """Yield what is said first: the changes that take nobody's place, where history is changed from its beginning."""
        if self.since is None:
            for message in self.said:
                if _places(message).isdisjoint(known):
                    yield message

    def due(self, time: str) -> Iterator[Said]:
        """Yield the changes whose day has come, before a message of that time."""
        if self.since is None or self._begun or instant(time) < self.since:
            return
        self._begun = True
        for message in self.said:
            yield self._renumbered(message)
        for message in [self._classes[name] for name in self.fields if name in self._classes]:
            yield self._renumbered({**self._patched(message), "type": "postgate.class.revised.v1"})

    def instead(self, message: Said, known: Collection[Identity]) -> Iterator[Said]:
        """Yield what is said instead of a message that was said: the message itself, another, or nothing."""
        if self.since is not None and not self._begun:
            self._note(message)
            yield message
            return
        chosen = [change for change in self.said if _replaces(change, message, known)]
        if not chosen:
            yield self._renumbered(self._patched(message)) if self.since is not None else self._patched(message)
            return
        place = _places(message) & {place for change in chosen for place in _places(change)}
        if self.since is None and not place <= self._done:
            self._done |= place
            yield from chosen

    def _patched(self, message: Said) -> Said:
        """Return a message with the policies and fields that are changed one by one."""
        kind, told = kind_of(message), _content(message)
        if kind == "book.opened" and self.policies:
            said = told.get("policies", {})
            policies = {**said, **self.policies} if isinstance(said, dict) else self.policies
            return {**message, "data": {**told, "policies": policies}}
        changed = self.fields.get(str(told.get("class"))) if kind in ("class.defined", "class.revised") else None
        if not changed:
            return message
        return {**message, "data": {name: value for name, value in {**told, **changed}.items() if value is not None}}

    def _note(self, message: Said) -> None:
        told = _content(message)
        if kind_of(message) in ("class.defined", "class.revised"):
            self._versions[str(told["class"])] = int(str(told["version"]))
            self._classes[str(told["class"])] = message

    def _renumbered(self, message: Said) -> Said:
        """Return a class under a version that follows the one said before: a change in mid-history adds a version."""
        told = _content(message)
        if kind_of(message) not in ("class.defined", "class.revised"):
            return message
        version = max(int(str(told["version"])), self._versions.get(str(told["class"]), 0) + 1)
        self._versions[str(told["class"])] = version
        return {**message, "data": {**told, "version": version}}


def kind_of(message: Said) -> str:
    """Return the kind of a message without its frame: `class.defined`."""
    return str(message.get("type")).removeprefix("postgate.").rpartition(".")[0]


def identities(message: Said) -> set[Identity]:
    """Return what a message of history is about."""
    return _places(message)


def _places(message: Said) -> set[Identity]:
    told = _content(message)
    match kind_of(message):
        case "book.opened":
            return {("book",)}
        case "class.defined" | "class.revised":
            return {("class", told.get("class"), told.get("version")), ("class", told.get("class"))}
        case "mapping.defined":
            return {("mapping", told.get("kind"), told.get("key"))}
        case "class.assigned" | "class.unassigned":
            return {("class of", told.get("account"))}
    return set()


def _replaces(change: Said, message: Said, known: Collection[Identity]) -> bool:
    """True when a change takes the place of a message: of that very version of a class, or of all where it is of none."""
    mine, theirs = _places(change), _places(message)
    versions = {place for place in mine if len(place) == 3 and place[0] == "class"}
    return bool(mine & theirs & versions) if not versions.isdisjoint(known) else bool(mine & theirs)


def _content(message: Said) -> Said:
    told = message.get("data")
    return told if isinstance(told, dict) else {}


def changed_messages(path: str, book: str) -> list[Said]:
    """Return the messages of a file of changes. Raises NotFound for what cannot be read, or is no change."""
    found = []
    with open_source(path) as source:
        for number, raw in source.messages():
            place = f"{path}:{number}"
            try:
                message = read_structured(raw)
            except Unreadable as fault:
                remedy = "postgate validate names every fault of a file"
                raise NotFound(place, f"{fault.code}: {fault.message}", remedy) from fault
            said: Said = json.loads(raw)
            if kind_of(said) not in CHANGEABLE:
                told = f"{message.envelope.type} is nothing that simulate changes"
                raise NotFound(place, told, f"write one of {', '.join(CHANGEABLE)}")
            if message.envelope.book != book:
                raise NotFound(place, f"is of book {message.envelope.book}", f"write the book that is simulated: {book}")
            found.append(said)
    return found


def beginning(day: str) -> int:
    """Return the instant at which a day begins, by UTC. Raises NotFound for what is no day."""
    try:
        return instant(f"{day}T00:00:00Z")
    except ValueError as error:
        raise NotFound(day, "is no day", "write one such as 2026-01-31") from error


def policy(asked: str) -> tuple[str, object]:
    """Return a policy of `NAME=VALUE`. Raises NotFound for what a book does not have."""
    name, value = _parted(asked, "--policy NAME=VALUE")
    return name, _fitting(Policies, {}, (name, value), asked)


def class_field(asked: str) -> tuple[str, str, object]:
    """Return class, field and value of `CLASS.FIELD=VALUE`. Raises NotFound for what a class does not have."""
    place, value = _parted(asked, "--class CLASS.FIELD=VALUE")
    class_, dot, name = place.rpartition(".")
    if not dot or not class_:
        raise NotFound(asked, "names no class and field", "write --class CLASS.FIELD=VALUE")
    plain = {"class": class_, "version": 1, "name": class_, "behaviour": "ACCOUNT"}
    return class_, name, _fitting(ClassDefined, plain, (name, value), asked)


def _parted(asked: str, form: str) -> tuple[str, str]:
    name, equals, value = asked.partition("=")
    if not equals or not name:
        raise NotFound(asked, "is no change", f"write {form}")
    return name, value


def _fitting(shape: type[Shape], plain: Said, named: tuple[str, str], asked: str) -> object:
    """Return a value as text where the field takes text, else as the JSON it is."""
    name, text = named
    if name not in {field.alias or key for key, field in shape.model_fields.items()}:
        raise NotFound(asked, f"{name} is no field there", "see the reference of messages, schemas/README.md")
    told = ""
    for value in (text, *_as_json(text)):
        try:
            shape.model_validate({**plain, name: value})
        except ValueError as error:
            told = (
                told or next((line for line in str(error).splitlines() if " [type=" in line), "").partition(" [type=")[0].strip()
            )
        else:
            return value
    raise NotFound(asked, f"{text} does not fit {name}: {told}", "see the reference of messages, schemas/README.md")


def _as_json(text: str) -> Iterator[object]:
    try:
        yield json.loads(text)
    except ValueError:
        return
