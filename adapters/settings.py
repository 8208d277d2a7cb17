"""Settings: what can be set, under which name, what holds where nothing is set, and where a value came from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from adapters.errors import NotFound

Origin = Literal["option", "environment", "default"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One value in force, its environment name, where it came from, and what it means."""

    name: str
    environment: str
    value: str
    origin: Origin
    meaning: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set."""

    store: Setting
    lock_timeout_s: Setting

    def all(self) -> tuple[Setting, ...]:
        """Return every setting, in the order in which they are shown."""
        return (self.store, self.lock_timeout_s)

    @property
    def lock_seconds(self) -> int:
        """How long to wait for another writer. Raises NotFound when it is not a number of seconds."""
        text = self.lock_timeout_s.value
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 3_600:
            raise NotFound(self.lock_timeout_s.environment, f"{text!r} is not a number of seconds", "write 1 to 3600")
        return int(text)


def read(store: str | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings: an option wins over the environment, the environment over the default."""
    return Settings(
        _setting("store", store, environment, ("sqlite:///postgate.db", "where everything is kept, as a URL")),
        _setting("lock_timeout_s", None, environment, ("60", "seconds to wait for another process that writes")),
    )


def _setting(name: str, option: str | None, environment: Mapping[str, str], known: tuple[str, str]) -> Setting:
    named, (default, meaning) = f"POSTGATE_{name.upper()}", known
    if option is not None:
        return Setting(name, named, option, "option", meaning)
    if environment.get(named):
        return Setting(name, named, environment[named], "environment", meaning)
    return Setting(name, named, default, "default", meaning)
