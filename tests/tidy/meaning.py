"""What the engine promises to cover: every stored kind is evolved, every rule is in the rulebook."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

from tests.tidy.source import Fault, Module, dotted, functions


def unevolved(modules: Sequence[Module], kinds: Mapping[str, type]) -> Iterator[Fault]:
    """Yield the kinds that no `evolve` of the engine names, by their own class or one it extends."""
    named = {
        node.id
        for module in modules
        if module.package == "engine"
        for name, function, _ in functions(module)
        if name.split(".")[-1].lstrip("_").startswith("evolve")
        for node in ast.walk(function)
        if isinstance(node, ast.Name)
    }
    for kind, shape in kinds.items():
        if not any(ancestor.__name__ in named for ancestor in shape.__mro__ if ancestor.__module__.startswith("schemas.")):
            advice = f"{kind} without an evolve is banned, use a case {shape.__name__}() in the evolve of its stream"
            yield Fault("evolve", "schemas/events.py", 1, kind, advice)


def unlisted_rules(modules: Sequence[Module], listed: Collection[str]) -> Iterator[Fault]:
    """Yield the functions that find faults in documents but are no rule, or not in RULES."""
    for module in modules:
        if not module.path.startswith("engine/firewall/"):
            continue
        for name, function, _ in functions(module):
            is_rule = any(dotted(decorator).split(".")[-1] == "rule" for decorator in function.decorator_list)
            answers = (
                ast.unparse(function.args) == "facts: Facts"
                and ast.unparse(function.returns or function.args) == "Finding | None"
            )
            if is_rule and name not in listed:
                advice = f"the rule {name} outside RULES is banned, use RULES in engine/firewall/rulebook.py"
                yield Fault("rulebook", module.path, function.lineno, name, advice)
            elif answers and not is_rule and not name.startswith("_"):
                advice = f"{name} without a code answers like a rule: use @rule above it, or _ before it"
                yield Fault("rulebook", module.path, function.lineno, name, advice)
