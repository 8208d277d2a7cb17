"""Codes of customers, accounts and branches reach exactly the lines whose ledger account asks for them (rulebook G13)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests import said
from tests.given import Story
from tests.said import RECEIVABLE, REVENUE, VAT

NAMES = ("customer.1", "customer.10", "account.1", "SITE", "TEAM")
WANTED = ("MANDATORY", "OPTIONAL", "PROHIBITED")

policies = st.dictionaries(
    st.sampled_from((RECEIVABLE, REVENUE, VAT)), st.dictionaries(st.sampled_from(NAMES), st.sampled_from(WANTED), max_size=3)
)
codes = st.dictionaries(st.sampled_from(("1", "10")), st.sampled_from(("A", "B")))
own = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(("L", "M")), max_size=2)


@given(policies, codes, codes, own)
def test_each_line_has_what_its_account_asks_for(
    ruled: dict[str, dict[str, str]], customer: dict[str, str], account: dict[str, str], line: dict[str, str]
) -> None:
    """A line has its own codes, and of those offered the ones that its account names as mandatory or optional, nothing else.

    A document is held exactly when a line then lacks what is mandatory, or has what is prohibited.
    """
    story = Story().shop().mapped("branch", "north", dimensions={"SITE": "N"})
    story.account("acme", version=2, analysis_codes=account).customer("c1", version=2, analysis_codes=customer)
    story.say(*(said.mapping("dimension_policy", ledger, dimensions=wanted) for ledger, wanted in ruled.items()))
    story.invoice("i1", lines=[said.line(tax="20.00", dimensions=line)], branch="north")
    offered = (
        {"SITE": "N"} | {f"customer.{n}": code for n, code in customer.items()} | {f"account.{n}": c for n, c in account.items()}
    )
    expected = {}
    for ledger in (RECEIVABLE, REVENUE, VAT):
        wanted = ruled.get(ledger, {})
        stated = {"SITE": "N"} | line if ledger == REVENUE else {}
        asked = {name: code for name, code in offered.items() if wanted.get(name) in ("MANDATORY", "OPTIONAL")}
        expected[ledger] = asked | stated
    lacks = any(want == "MANDATORY" and name not in expected[to] for to, rules in ruled.items() for name, want in rules.items())
    has = any(want == "PROHIBITED" and name in expected[to] for to, rules in ruled.items() for name, want in rules.items())
    assert story.codes("i1") == ["DIMENSION_MISSING"] * lacks + ["DIMENSION_PROHIBITED"] * has
    assert {posted.account: posted.dimensions for posting in story.journals("i1") for posted in posting.lines} == (
        {} if lacks or has else expected
    )


@given(policies, codes, own)
def test_it_does_not_matter_what_was_known_first(
    ruled: dict[str, dict[str, str]], customer: dict[str, str], line: dict[str, str]
) -> None:
    """Policies and codes that come before the document, or after it while it is held, give the same journal (law 5)."""
    policy = [said.mapping("dimension_policy", ledger, dimensions=wanted) for ledger, wanted in ruled.items()]
    coded = said.customer("c1", version=2, analysis_codes=customer)
    lines = [said.line(tax="20.00", dimensions=line)]
    first = Story().shop().say(*policy, coded).invoice("i1", lines=lines)
    later = Story().shop().say(said.say("link.removed", customer="c1")).invoice("i1", lines=lines)
    later.say(*policy).say(coded).linked("c1", "acme")
    assert (first.codes("i1"), first.state("i1")) == (later.codes("i1"), later.state("i1"))
    assert [posting.lines for posting in first.journals("i1")] == [posting.lines for posting in later.journals("i1")]
