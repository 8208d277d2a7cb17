"""Mutants: every small mistake that could be made in a module, one by one.

A comparison turned or moved by one, a condition negated or left out, `and` for `or`, a number off by one, a flag
flipped, plus for minus, a sequence that is empty, a step left out, an answer that is nothing. Texts, types and docstrings
stay, and so do how a dataclass is made and what a rule says of its remedy.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake: the lines of its statement, the change as text, which names it wherever they move, and the module with it."""

    lines: range
    change: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module's source."""
    tree = ast.parse(source)
    named: Counter[str] = Counter()
    left, within, lines = set(_left_alone(tree)), _functions(tree), _statements(tree)
    for number, node in enumerate(ast.walk(tree)):
        for changed in () if node in left else _changes(node):
            if ast.dump(changed) == ast.dump(node):
                continue
            twin = deepcopy(tree)
            _Put(number, changed, twin).visit(twin)
            ast.fix_missing_locations(twin)
            change = f"{within.get(node, 'module')}: {_told(node)} -> {_told(changed)}"
            named[change] += 1
            again = f" ({named[change]})" if named[change] > 1 else ""
            yield Mutant(lines[node], change + again, ast.unparse(twin))


def _left_alone(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what is no behaviour: types, how a dataclass is made, and the remedy of a rule."""
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        match node:
            case ast.FunctionDef(returns=returns):
                parts = [returns, *(word.value for each in node.decorator_list for word in _words(each) if word.arg == "remedy")]
            case ast.ClassDef():
                parts = [*node.decorator_list]
            case ast.keyword(arg="strict"):
                parts = [node]  # What is paired has one length by the way it is made.
            case ast.arg(annotation=annotation) | ast.AnnAssign(annotation=annotation):
                parts = [annotation]
        for part in parts:
            yield from ast.walk(part) if part else ()


def _words(decorator: ast.expr) -> list[ast.keyword]:
    return decorator.keywords if isinstance(decorator, ast.Call) else []


def _functions(tree: ast.AST) -> dict[ast.AST, str]:
    """Return the name of the innermost function around each node that is in one."""
    outer_first = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {node: function.name for function in outer_first for node in ast.walk(function)}


def _statements(tree: ast.AST) -> dict[ast.AST, range]:
    """Return the lines of the innermost statement around each node, of a compound one those of its head."""
    found: dict[ast.AST, range] = {tree: range(0)}
    for statement in (node for node in ast.walk(tree) if isinstance(node, ast.stmt)):
        body = getattr(statement, "body", None)
        last = body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
        lines = range(statement.lineno, max(last, statement.lineno) + 1)
        found |= dict.fromkeys(ast.walk(statement), lines)
    return found


class _Put(ast.NodeTransformer):
    """Puts one node in the place of the one that the walk met at a number."""

    def __init__(self, number: int, changed: ast.AST, tree: ast.AST) -> None:
        """Find the place in the tree."""
        self._place = next(node for at, node in enumerate(ast.walk(tree)) if at == number)
        self._changed = changed

    def visit(self, node: ast.AST) -> ast.AST:
        """Return the changed node in its place, every other one as it is."""
        return self._changed if node is self._place else super().generic_visit(node)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=ops):
            for at, op in enumerate(ops):
                for other in _COMPARED[type(op)]:
                    yield ast.Compare(node.left, [*ops[:at], other(), *ops[at + 1 :]], node.comparators)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            for at in range(len(values)):
                kept = [*values[:at], *values[at + 1 :]]
                yield kept[0] if len(kept) == 1 else ast.BoolOp(op, kept)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp(op=op) if type(op) in _COUNTED and not _is_type(node):
            yield ast.BinOp(node.left, _COUNTED[type(op)](), node.right)
        case ast.Constant(value=bool(flag)):
            yield ast.Constant(not flag)
        case ast.Constant(value=int(number)):
            yield ast.Constant(number + 1)
        case _:
            yield from _changed_steps(node)


def _changed_steps(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.If(test=test) | ast.While(test=test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.IfExp():
            yield ast.IfExp(node.test, node.orelse, node.body)
        case ast.Return(value=value) if value is not None and not _is_nothing(value):
            yield ast.Return(ast.Constant(None))
        case ast.For():
            yield _with(node, iter=ast.Tuple([], ast.Load()))
        case ast.Continue():
            yield ast.Break()
        case ast.comprehension(ifs=[_, *_]):
            yield ast.comprehension(node.target, node.iter, [], node.is_async)
        case ast.Expr(value=ast.Yield() | ast.YieldFrom() | ast.Call()):
            yield ast.Pass()


def _with(node: ast.AST, **changes: ast.AST) -> ast.AST:
    twin = deepcopy(node)
    for name, value in changes.items():
        setattr(twin, name, value)
    return twin


def _is_nothing(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _is_type(node: ast.BinOp) -> bool:
    """True for a union of types, which is never computed."""
    parts = (node.left, node.right)
    return isinstance(node.op, ast.BitOr) and all(isinstance(part, ast.Name | ast.Constant | ast.BinOp) for part in parts)


def _told(node: ast.AST) -> str:
    """Write a node as one line."""
    if isinstance(node, ast.If | ast.While | ast.For):
        head = node.iter if isinstance(node, ast.For) else node.test
        return f"{type(node).__name__.lower()} {ast.unparse(head)}"
    return (
        " ".join(ast.unparse(node).split())
        if not isinstance(node, ast.comprehension)
        else f"for {ast.unparse(node.iter)}, ifs {len(node.ifs)}"
    )
