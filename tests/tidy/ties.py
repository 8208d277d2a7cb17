"""How modules hang together: nothing is dead, nothing goes round in a circle, and each outside library has one home."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from tests.tidy.source import PACKAGES, Fault, Module, dotted, nodes

HOMES = {
    "pydantic": "schemas",
    "pydantic_core": "schemas",
    "iso4217": "schemas.values",
    "eventsourcing": "adapters.eventlog",
    "psycopg": "adapters.eventlog.postgres",
    "psycopg_pool": "adapters.eventlog.postgres",
    "kafka": "adapters.kafka",
    "structlog": "adapters.telemetry",
    "prometheus_client": "adapters.metrics",
    "click": "adapters.cli",
    "tabulate": "adapters.cli",
}
"""Library -> the one module or package that imports it."""

_NAMED_IN_TEXT = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+(?::\w+)?")


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Yield the line and full name of everything a module imports; `from a import b` yields `a.b`."""
    for node in nodes(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def strangers(modules: Sequence[Module]) -> Iterator[Fault]:
    """Each library from outside is imported in its home and nowhere else."""
    for module in modules:
        for line, name in imports(module):
            root = name.split(".")[0]
            if root in PACKAGES or root in sys.stdlib_module_names:
                continue
            home = HOMES.get(root)
            if home is None:
                advice = f"{root} without a home is banned, use HOMES in tests/tidy/ties.py to name its one importer"
                yield Fault("home", module.path, line, root, advice)
            elif module.name != home and not module.name.startswith(f"{home}."):
                yield Fault("home", module.path, line, root, f"import of {root} in {module.name} is banned, use {home}")


def dead_modules(modules: Sequence[Module], entries: Sequence[str]) -> Iterator[Fault]:
    """Every module can be reached from an entry point of the distribution."""
    by_name = {module.name: module for module in modules}
    for entry in entries:
        if entry not in by_name:
            yield Fault("dead", "pyproject.toml", 1, entry, f"the entry point {entry} does not exist; name a module that does")
    reached = _reached(by_name, entries)
    for name, module in by_name.items():
        empty = module.path.endswith("__init__.py") and all(isinstance(node, ast.Expr) for node in module.tree.body)
        if name not in reached and not empty:
            yield Fault("dead", module.path, 1, name, f"{name} is never imported by the product: use it, or delete it")


def circles(modules: Sequence[Module]) -> Iterator[Fault]:
    """No module needs itself, around however many corners; what is imported for the type checker alone is not needed."""
    by_name = {module.name: module for module in modules}
    order: TopologicalSorter[str] = TopologicalSorter()
    for name, module in sorted(by_name.items()):
        for_types = _lines_for_types(module)
        needed = {_provider(wanted, by_name) for line, wanted in imports(module) if line not in for_types}
        order.add(name, *sorted(needed & by_name.keys()))
    try:
        order.prepare()
    except CycleError as error:
        around = " > ".join(reversed(error.args[1]))
        path = by_name[error.args[1][-1]].path
        yield Fault("circle", path, 1, around, f"{around} is a circle and banned, use a module of its own for what they share")


def _lines_for_types(module: Module) -> set[int]:
    """Return the lines that only the type checker reads."""
    branches = [node for node in nodes(module) if isinstance(node, ast.If) and dotted(node.test).endswith("TYPE_CHECKING")]
    return {line for branch in branches for line in range(branch.lineno, (branch.body[-1].end_lineno or branch.lineno) + 1)}


def _provider(wanted: str, by_name: Mapping[str, Module]) -> str:
    """Return the module that an imported name is or comes from."""
    return wanted if wanted in by_name else wanted.rpartition(".")[0]


def _reached(by_name: Mapping[str, Module], entries: Sequence[str]) -> set[str]:
    reached: set[str] = set()
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name in reached or name not in by_name:
            continue
        reached.add(name)
        for imported in _names_in(by_name[name]):
            steps = imported.split(".")
            waiting.extend(".".join(steps[:count]) for count in range(1, len(steps) + 1))
    return reached


def _names_in(module: Module) -> Iterator[str]:
    """Yield imported names, and module names written as text, as a command that loads its modules late does."""
    yield from (name for _, name in imports(module))
    for node in nodes(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _NAMED_IN_TEXT.fullmatch(node.value):
            yield node.value.split(":")[0]
