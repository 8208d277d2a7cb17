"""What source may not do: builtin floats, exceptions caught by no name, and asking the world from the core."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tests.tidy.source import CORE, Fault, Module, dotted, nodes, origins, within

FROM_THE_WORLD = {
    "datetime.datetime.now": "a time that is passed in",
    "datetime.datetime.utcnow": "a time that is passed in",
    "datetime.datetime.today": "a day that is passed in",
    "datetime.date.today": "a day that is passed in",
    "time": "a time that is passed in",
    "os": "a value that adapters.settings reads and passes in",
    "sys": "a value that is passed in",
    "random": "an identity derived by uuid5, or an order that is decided",
    "secrets": "an identity derived by uuid5",
    "uuid.uuid1": "an identity derived by uuid5",
    "uuid.uuid4": "an identity derived by uuid5",
    "uuid.uuid6": "an identity derived by uuid5",
    "uuid.uuid7": "an identity derived by uuid5",
}
BUILTINS_OF_THE_WORLD = {
    "open": "bytes that an adapter reads and passes in",
    "input": "an argument",
    "print": "a value that is returned; an adapter shows it",
    "hash": "hashlib, because hash() of a text differs from run to run",
    "eval": "a function",
    "exec": "a function",
    "breakpoint": "a test",
}
TOO_WIDE = ("Exception", "BaseException")


def floats(modules: Sequence[Module]) -> Iterator[Fault]:
    """Money is never a float, so nothing is."""
    for module in modules:
        for node in nodes(module):
            match node:
                case ast.Name(id="float"):
                    yield _fault("float", module, node, "builtin float is banned, use int minor units, or Decimal for a rate")
                case ast.Constant(value=float() as number):
                    advice = f"the float {number} is banned, use an int in a smaller unit, or Decimal in quotes"
                    yield _fault("float", module, node, advice)
                case ast.BinOp(op=ast.Div()) if module.package in CORE:
                    advice = "/ is banned in the core, use //, divmod or an exact allocation: / of ints is a float"
                    yield _fault("float", module, node, advice)


def broad_excepts(modules: Sequence[Module]) -> Iterator[Fault]:
    """Exceptions are caught by name."""
    for module in modules:
        for node in nodes(module):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            for kind in caught:
                if kind is None:
                    yield _fault("broad-except", module, node, "bare except is banned, use the names of what can happen")
                elif dotted(kind).split(".")[-1] in TOO_WIDE:
                    advice = f"except {dotted(kind)} is banned, use the names of what can happen"
                    yield _fault("broad-except", module, node, advice)


def world(modules: Sequence[Module]) -> Iterator[Fault]:
    """The core asks nothing of the world: time, identity, environment and chance arrive as arguments."""
    for module in modules:
        if module.package in CORE:
            yield from _asked_by_name(module)
            yield from _asked_by_builtin(module)


def _asked_by_name(module: Module) -> Iterator[Fault]:
    known = origins(module)
    for node in nodes(module):
        if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue
        root, _, rest = dotted(node).partition(".")
        if root not in known:
            continue
        asked = f"{known[root]}.{rest}" if rest else known[root]
        for banned, instead in FROM_THE_WORLD.items():
            whole_module = "." not in banned and asked.startswith(f"{banned}.") and asked.count(".") == 1
            if whole_module or (asked == banned and "." in banned):
                yield _fault("world", module, node, f"{asked} is banned in {module.package}, use {instead}")


def _asked_by_builtin(module: Module) -> Iterator[Fault]:
    for node in nodes(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BUILTINS_OF_THE_WORLD:
            name = node.func.id
            yield _fault("world", module, node, f"{name}() is banned in {module.package}, use {BUILTINS_OF_THE_WORLD[name]}")


def _fault(check: str, module: Module, node: ast.expr | ast.ExceptHandler, advice: str) -> Fault:
    return Fault(check, module.path, node.lineno, within(module, node.lineno), advice)
