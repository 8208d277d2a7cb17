"""How source is written: sizes, first lines and names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from tests.tidy.source import Fault, Module, dotted, functions, nodes, scopes

DECIDES = ("engine/streams/", "engine/firewall/")
DECISION_LINES_MAX = 150
MODULE_LINES_MAX = 300
FUNCTION_LINES_MAX = 40
PARAMETERS_MAX = 5

BANNED_WORDS = {
    "manager": "the noun it keeps (Log, Books), or the verb it does",
    "helper": "the name of what it does",
    "processor": "the verb: judge, render, deliver",
    "item": "what it is: line, document, article, posting",
    "info": "what it tells: reason, receipt, settings",
    "util": "the module of the idea it serves",
}
BANNED_WHOLES = {
    "data": "what it holds: message, facts, lines",
    "common": "the idea that is shared: values, shape, stream",
    "service": "the verb, as a function",
}
"""Words that say nothing as the name of a module or a class; a payload is `data` and a shop has a service address."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SENTENCE = re.compile(r"\S.*[.?!]$")
_NO_DOCSTRING_NEEDED = {"override", "overload", "setter", "deleter"}


def module_sizes(modules: Sequence[Module]) -> Iterator[Fault]:
    """Stream and rule modules stay on two pages, others on four."""
    for module in modules:
        decides = module.path.startswith(DECIDES)
        limit, lines = (DECISION_LINES_MAX if decides else MODULE_LINES_MAX), len(module.text.splitlines())
        if lines > limit:
            kind = "a stream or rule module" if decides else "a module"
            advice = f"{lines} lines in {kind} is banned, use at most {limit}: give the second idea a module of its own"
            yield Fault("module-size", module.path, lines, "", advice)


def function_sizes(modules: Sequence[Module]) -> Iterator[Fault]:
    """A function fits on a screen."""
    for module in modules:
        for name, node, _ in functions(module):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                advice = f"{lines} lines in {name} is banned, use at most {FUNCTION_LINES_MAX}: name its steps as functions"
                yield Fault("function-size", module.path, node.lineno, name, advice)


def parameter_counts(modules: Sequence[Module]) -> Iterator[Fault]:
    """A function asks for five things at most; a command is called by click with one for each option."""
    for module in modules:
        for name, node, owner in functions(module):
            if any(dotted(decorator).split(".")[-1] in ("command", "group") for decorator in node.decorator_list):
                continue
            asked = node.args
            count = len(asked.posonlyargs) + len(asked.args) + len(asked.kwonlyargs) + bool(asked.vararg) + bool(asked.kwarg)
            static = any(dotted(decorator) == "staticmethod" for decorator in node.decorator_list)
            count -= owner is not None and not static
            if count > PARAMETERS_MAX:
                advice = f"{count} parameters of {name} is banned, use at most {PARAMETERS_MAX}: pass the value they form"
                yield Fault("parameters", module.path, node.lineno, name, advice)


def first_lines(modules: Sequence[Module]) -> Iterator[Fault]:
    """Every module, public class and public function says its idea as a sentence on its first line."""
    for module in modules:
        starts = module.tree.body[0].lineno if module.tree.body else 1
        if starts != 1 or not _sentence(module.tree):
            advice = 'a module without a first line is banned, use """One sentence that says its idea."""'
            yield Fault("docstring", module.path, 1, "", advice)
        for name, node, owner in scopes(module):
            public = not any(part.startswith("_") for part in name.split("."))
            member = owner is not None or "." not in name
            exempt = any(dotted(decorator).split(".")[-1] in _NO_DOCSTRING_NEEDED for decorator in node.decorator_list)
            if public and member and not exempt and not _sentence(node):
                advice = f'{name} without a first line is banned, use """One sentence in the domain\'s words."""'
                yield Fault("docstring", module.path, node.lineno, name, advice)


def names(modules: Sequence[Module]) -> Iterator[Fault]:
    """A name says the domain's word."""
    for module in modules:
        wholes = [(1, part) for part in module.name.split(".")]
        wholes += [(node.lineno, node.name) for _, node, _ in scopes(module) if isinstance(node, ast.ClassDef)]
        for line, name in wholes:
            yield from _banned(module, line, name, BANNED_WORDS | BANNED_WHOLES)
        for line, name in _given_names(module):
            yield from _banned(module, line, name, BANNED_WORDS)


def _sentence(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    told = ast.get_docstring(node, clean=False)
    return told is not None and bool(_SENTENCE.fullmatch(told.split("\n")[0]))


def _given_names(module: Module) -> Iterator[tuple[int, str]]:
    """Yield every name that the module itself gives: functions, parameters, variables, fields."""
    for node in nodes(module):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.alias() if node.asname:
                yield node.lineno, node.asname


def _banned(module: Module, line: int, name: str, banned: dict[str, str]) -> Iterator[Fault]:
    words = {word.lower() for word in _WORD.findall(name)}
    for word, instead in banned.items():
        if word in words or f"{word}s" in words:
            yield Fault("name", module.path, line, name, f"{name}: the word {word} is banned, use {instead}")
