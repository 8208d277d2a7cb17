"""Reading deploy/: its YAML, JSON, units, queries and commands, in the shape that the tests ask about."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.tidy.source import ROOT

DEPLOY = ROOT / "deploy"
Document = Mapping[str, Any]
"""What a YAML or JSON file says."""

_SELECTOR = re.compile(r"\b((?:postgate|process)_\w+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r"""(\w+)\s*(=|!=|=~|!~)\s*"([^"]*)\"""")
_GROUPED = re.compile(r"\bby\s*\(([^)]*)\)\s*\(")
_FENCE = re.compile(r"^ *```(?:sh|console)[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def text(name: str) -> str:
    """Return a file of deploy/."""
    return (DEPLOY / name).read_text(encoding="utf-8")


def document(name: str) -> Document:
    """Return what a YAML or JSON file of deploy/ says."""
    said = json.loads(text(name)) if name.endswith(".json") else yaml.safe_load(text(name))
    assert isinstance(said, dict), name
    return said


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule of Prometheus."""

    name: str
    query: str
    severity: str
    annotations: Mapping[str, str]


def alerts() -> list[Alert]:
    """Return every alert."""
    rules = [rule for group in document("prometheus/alerts.yml")["groups"] for rule in group["rules"]]
    return [Alert(rule["alert"], rule["expr"], rule["labels"]["severity"], rule["annotations"]) for rule in rules]


def panels() -> list[Document]:
    """Return every panel of the dashboard that asks something."""
    return [panel for panel in document("grafana/dashboards/postgate.json")["panels"] if panel["type"] != "row"]


def queries() -> dict[str, str]:
    """Return every query of alerts and dashboard, by where it stands."""
    found = {alert.name: alert.query for alert in alerts()}
    return found | {f"{panel['title']} {target['refId']}": target["expr"] for panel in panels() for target in panel["targets"]}


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric as a query names it, and the labels it is expected to have with the values it is compared to."""

    metric: str
    labels: Mapping[str, str]


def selectors(query: str) -> Iterator[Selector]:
    """Yield every metric that a query names; of what stands inside `by (label) (…)`, the labels are expected too."""
    groups = [(match.end(), _closing(query, match.end()), match[1].split(",")) for match in _GROUPED.finditer(query)]
    for match in _SELECTOR.finditer(query):
        inside = [labels for begin, end, labels in groups if begin <= match.start() < end]
        grouped = {label.strip(): "" for labels in inside for label in labels}
        yield Selector(match[1], grouped | {label: value for label, _, value in _MATCHER.findall(match[2] or "")})


def _closing(query: str, begin: int) -> int:
    """Return where the parenthesis ends that was opened just before."""
    depth = 1
    for place in range(begin, len(query)):
        depth += {"(": 1, ")": -1}.get(query[place], 0)
        if not depth:
            return place
    return len(query)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of systemd: every setting with all its values, in order."""

    settings: Mapping[str, tuple[str, ...]]

    def one(self, name: str) -> str:
        """Return the only value of a setting."""
        (value,) = self.settings[name]
        return value


def unit(name: str) -> Unit:
    """Return a unit."""
    found: dict[str, tuple[str, ...]] = {}
    for line in text(f"systemd/{name}").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[key] = (*found.get(key, ()), value)
    return Unit(found)


def assignments(name: str) -> dict[str, str]:
    """Return what a file of NAME=VALUE lines sets."""
    lines = [line for line in text(name).splitlines() if line and not line.startswith("#")]
    return {line.partition("=")[0]: line.partition("=")[2] for line in lines}


def commands(name: str) -> list[list[str]]:
    """Return every postgate command in the shell blocks of a document, as its words behind `postgate`."""
    found: list[list[str]] = []
    for block in _FENCE.findall(text(name)):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line.strip().removeprefix("$ "), comments=True)
            found += _said(words)
    return found


def _said(words: list[str]) -> Iterator[list[str]]:
    """Yield the commands of one line: they may follow a pipe, settings, or the name of a container."""
    while words:
        end = next((place for place, word in enumerate(words) if word in ("|", "&&", "||", ">")), len(words))
        part, words = words[:end], words[end + 1 :]
        if part[:4] == ["docker", "compose", "run", "--rm"]:
            yield part[5:]
        while part and "=" in part[0]:
            part = part[1:]
        if part and Path(part[0]).name == "postgate":
            yield part[1:]


def environment_names(name: str) -> set[str]:
    """Return every POSTGATE_ name that a file speaks of."""
    return set(re.findall(r"\bPOSTGATE_[A-Z_]*[A-Z]", text(name)))
