"""The source under the eyes of the checks: modules with their trees, and faults with their places."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "engine", "projections", "adapters")
CORE = ("schemas", "engine", "projections")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = Function | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Module:
    """One source file: its path below the root, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The dotted name under which it is imported."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def package(self) -> str:
        """The first of its names: schemas, engine, projections or adapters."""
        return self.path.split("/")[0]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is banned, where it is, and what to write instead; `name` is the function or word an exception names."""

    check: str
    path: str
    line: int
    name: str
    advice: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.advice}"


def parse(path: str, text: str) -> Module:
    """Return source text as a module."""
    return Module(path, text, ast.parse(text))


@cache
def product() -> tuple[Module, ...]:
    """Return every module of the four packages, read once for all checks, which only look."""
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    modules = tuple(parse(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths)
    gc.freeze()  # Hundreds of thousands of nodes stay to the end: what follows need not look for garbage among them.
    return modules


@cache
def nodes(module: Module) -> tuple[ast.AST, ...]:
    """Return every node of a module's tree, outer ones first."""
    return tuple(ast.walk(module.tree))


@cache
def scopes(module: Module) -> tuple[tuple[str, Scope, ast.ClassDef | None], ...]:
    """Return every class and function with its qualified name and the class it stands in, if it is a member."""

    def inside(node: ast.AST, prefix: str, owner: ast.ClassDef | None) -> Iterator[tuple[str, Scope, ast.ClassDef | None]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Scope):
                yield prefix + child.name, child, owner
                yield from inside(child, f"{prefix}{child.name}.", child if isinstance(child, ast.ClassDef) else None)
            else:
                yield from inside(child, prefix, owner)

    return tuple(inside(module.tree, "", None))


def functions(module: Module) -> Iterator[tuple[str, Function, ast.ClassDef | None]]:
    """Yield every function with its qualified name and its class."""
    for name, node, owner in scopes(module):
        if isinstance(node, Function):
            yield name, node, owner


def within(module: Module, line: int) -> str:
    """Return the qualified name of the innermost class or function around a line, or an empty text."""
    around = [(node.lineno, name) for name, node, _ in scopes(module) if node.lineno <= line <= (node.end_lineno or line)]
    return max(around)[1] if around else ""


def origins(module: Module) -> dict[str, str]:
    """Return what each imported local name stands for: `dt` -> `datetime`, `now` -> `time.time`."""
    found: dict[str, str] = {}
    for node in nodes(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a chain of names, or an empty text for any other expression."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            before = dotted(node.value)
            return f"{before}.{node.attr}" if before else ""
        case ast.Call():
            return dotted(node.func)
    return ""


def listed(faults: Iterable[Fault]) -> str:
    """Return faults as the text of a failure, one on a line."""
    return "\n".join(str(fault) for fault in faults)
