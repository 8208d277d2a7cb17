"""Settings: what can be set, under which name, what holds where nothing is set, and where a value came from."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal

from adapters.errors import NotFound
from schemas.values import ID_PATTERN

Origin = Literal["option", "environment", "default"]
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}", re.ASCII)
_INBOUND = ",".join(f"postgate.{noun}" for noun in ("customers", "accounts", "links", "classes", "documents", "books", "acks"))
_KAFKA = {
    "bootstrap": ("kafka", "", "the broker, as HOST:PORT; several with commas between them"),
    "security_protocol": ("", "PLAINTEXT", "how the broker is spoken to: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"),
    "sasl_mechanism": ("", "", "how to log in to the broker: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"),
    "sasl_username": ("", "", "who logs in to the broker"),
    "sasl_password": ("", "", "the password of who logs in to the broker; never shown"),
    "ssl_cafile": ("", "", "the file of certificates that vouch for the broker, where the system's own do not"),
    "ssl_certfile": ("", "", "the file of our own certificate, where the broker asks for one"),
    "ssl_keyfile": ("", "", "the file of the key of our own certificate"),
    "ssl_password": ("", "", "the password of that key; never shown"),
    "cluster": ("", "", "the id of the cluster to read, when it is another than this store has read before"),
    "topics": ("topics", _INBOUND, "the topics to read, with commas between them"),
    "group": ("group", "postgate", "the consumer group that shares the topics' partitions"),
    "instance": ("instance", "", "a name of this process in its group, kept over restarts; makes it a static member"),
}
"""Setting -> its name (with `kafka_` before it when empty), what holds where nothing is set, what it means."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One value in force, its environment name, where it came from, and what it means."""

    name: str
    environment: str
    value: str
    origin: Origin
    meaning: str

    @property
    def shown(self) -> str:
        """The value as it may be shown to people and logs: a password never is."""
        return "…" if self.value and self.name.endswith("password") else self.value


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Everything that can be set about the broker, and about what is read from it."""

    bootstrap: Setting
    security_protocol: Setting
    sasl_mechanism: Setting
    sasl_username: Setting
    sasl_password: Setting
    ssl_cafile: Setting
    ssl_certfile: Setting
    ssl_keyfile: Setting
    ssl_password: Setting
    cluster: Setting
    topics: Setting
    group: Setting
    instance: Setting

    def all(self) -> tuple[Setting, ...]:
        """Return every setting, in the order in which they are shown."""
        return tuple(getattr(self, field.name) for field in fields(self))

    @property
    def inbound(self) -> tuple[str, ...]:
        """The topics to read. Raises NotFound when one is no name of a topic."""
        names = tuple(dict.fromkeys(name.strip() for name in self.topics.value.split(",") if name.strip()))
        wrong = [name for name in names if not _TOPIC.fullmatch(name) or name in (".", "..")]
        if wrong or not names:
            told = f"{wrong[0]!r} is no name of a topic" if wrong else "names no topic"
            raise NotFound(self.topics.environment, told, "write names with commas between them, such as postgate.documents")
        return names

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may never be shown."""
        return tuple(setting.value for setting in (self.sasl_password, self.ssl_password) if setting.value)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set."""

    store: Setting
    lock_timeout_s: Setting
    cells: Setting
    health: Setting
    targets: Setting
    kafka: KafkaSettings

    def all(self) -> tuple[Setting, ...]:
        """Return every setting, in the order in which they are shown."""
        return (self.store, self.lock_timeout_s, self.cells, self.health, self.targets, *self.kafka.all())

    @property
    def lock_seconds(self) -> int:
        """How long to wait for another writer. Raises NotFound when it is not a number of seconds."""
        text = self.lock_timeout_s.value
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 3_600:
            raise NotFound(self.lock_timeout_s.environment, f"{text!r} is not a number of seconds", "write 1 to 3600")
        return int(text)

    @property
    def expected_targets(self) -> tuple[str, ...]:
        """The accounting systems that should answer. Raises NotFound when one is no name of a target."""
        names = tuple(dict.fromkeys(name.strip() for name in self.targets.value.split(",") if name.strip()))
        wrong = [name for name in names if not re.fullmatch(ID_PATTERN, name, re.ASCII)]
        if wrong:
            told = f"{wrong[0]!r} is no name of a target"
            raise NotFound(self.targets.environment, told, "write the names that come in posting.acknowledged, such as xero,sap")
        return names


def read(store: str | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings: an option wins over the environment, the environment over the default."""
    return Settings(
        _setting("store", store, environment, ("sqlite:///postgate.db", "where everything is kept, as a URL")),
        _setting("lock_timeout_s", None, environment, ("60", "seconds to wait for another process that writes")),
        _setting("cells", None, environment, ("", "on PostgreSQL, which schema keeps which book: shop-uk=cell_uk, *=postgate")),
        _setting("health", None, environment, ("127.0.0.1:9464", "where `run` answers /metrics, /healthz and /readyz, or off")),
        _setting("targets", None, environment, ("", "the accounting systems that answer to postings, with commas between them")),
        read_kafka(environment),
    )


def read_kafka(environment: Mapping[str, str] = os.environ) -> KafkaSettings:
    """Return the settings of the broker."""
    return KafkaSettings(
        *(_setting(named or f"kafka_{field}", None, environment, known) for field, (named, *known) in _KAFKA.items())
    )


def _setting(name: str, option: str | None, environment: Mapping[str, str], known: Sequence[str]) -> Setting:
    named, (default, meaning) = f"POSTGATE_{name.upper()}", known
    if option is not None:
        return Setting(name, named, option, "option", meaning)
    if environment.get(named):
        return Setting(name, named, environment[named], "environment", meaning)
    return Setting(name, named, default, "default", meaning)
