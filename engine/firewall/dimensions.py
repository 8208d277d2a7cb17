"""Rule family G, dimensions: each ledger account says which codes its lines must have, may have, or may not have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.firewall.facts import Facts
from engine.firewall.rule import Finding, rule
from engine.firewall.standing import debtor
from engine.journal import legs
from schemas.events import PostingLine


def journal_lines(facts: Facts) -> Sequence[PostingLine]:
    """Return the lines the document would post, receivables too; none while another rule keeps the journal from being built."""
    try:
        return [line for leg in legs(facts) for line in leg.lines]
    except (ValueError, ArithmeticError, KeyError):
        return ()


def _ruled(facts: Facts) -> Iterator[tuple[PostingLine, str, str]]:
    """Yield each line with the dimensions its account has a policy for, one at a time."""
    if "dimension_policy" not in facts.book.kinds:
        return
    for line in journal_lines(facts):
        policy = facts.book.mapped("dimension_policy", line.account, facts.subject.business_date)
        yield from ((line, name, wanted) for name, wanted in sorted(policy.dimensions.items())) if policy else ()


def _keys(facts: Facts, account: str) -> tuple[str, ...]:
    """Return what may change the codes of a line: the policy of its account, its branch, the parties it takes codes from."""
    branch, owed = facts.subject.said.branch, debtor(facts)
    return (
        f"mapping:dimension_policy:{account}",
        *((f"mapping:branch:{branch}",) if branch else ()),
        *(f"customer:{party.id}" for party in facts.parties[:1]),
        *((f"account:{owed.account}",) if owed else ()),
    )


@rule(
    "DIMENSION_MISSING", "G13", remedy="give the code to the line, the branch or the party, or make it optional for the account"
)
def mandatory_dimensions_are_there(facts: Facts) -> Finding | None:
    """G13. A ledger account that asks for a code takes no line without it."""
    for line, name, wanted in _ruled(facts):
        if wanted == "MANDATORY" and name not in line.dimensions:
            return Finding(
                f"ledger account {line.account} asks for {name}", _keys(facts, line.account), path=f"dimensions.{name}"
            )
    return None


@rule("DIMENSION_PROHIBITED", "G13", remedy="leave the code out, or let the ledger account take it")
def prohibited_dimensions_are_not(facts: Facts) -> Finding | None:
    """G13. A ledger account that forbids a dimension takes no line that has it."""
    for line, name, wanted in _ruled(facts):
        if wanted == "PROHIBITED" and name in line.dimensions:
            message = f"ledger account {line.account} does not take {name}, the line has {line.dimensions[name]}"
            return Finding(message, _keys(facts, line.account), path=f"dimensions.{name}")
    return None


@rule("DIMENSION_CLOSED", "G13", remedy="use an open code, or open this one again")
def dimension_codes_are_open(facts: Facts) -> Finding | None:
    """G13. A code that was closed takes no more postings."""
    book, day = facts.book, facts.subject.business_date
    if "dimension" not in book.kinds:
        return None
    for line in journal_lines(facts):
        for name, code in line.dimensions.items():
            known = book.mapped("dimension", f"{name}:{code}", day)
            if known and known.status == "CLOSED":
                keys = (f"mapping:dimension:{name}:{code}", *_keys(facts, line.account))
                return Finding(f"code {code} of {name} is closed", waits_for=keys, path=f"dimensions.{name}")
    return None


RULES = (mandatory_dimensions_are_there, prohibited_dimensions_are_not, dimension_codes_are_open)
