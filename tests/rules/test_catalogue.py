"""The catalogue of reasons: it names every code there is, and each has messages that make it in an empty store."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path

import pytest

from adapters.eventlog.sqlite import SqliteLog
from adapters.files import open_source
from adapters.ingest import Ingester
from engine.firewall.balance import CODES
from engine.firewall.catalogue import catalogue
from engine.firewall.ranking import rank, ranked
from engine.firewall.rulebook import RULES
from projections.documents import DOCUMENTS
from tests import said
from tests.given import Story
from tests.rules.examples import FOLDER, PAGE, ROOT, WITHOUT, examples, written
from tests.rules.page import page
from tests.rules.table import CASES
from tests.stories.command import asked, child, postgate, url

CODE = re.compile(r"[A-Z][A-Z_]{4,}")
OUTSIDE = re.compile(r"Reason\(\s*code=\"([A-Z_]+)\"")
FILES = sorted(FOLDER.glob("*.jsonl"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, to be copied."""
    path = tmp_path_factory.mktemp("made") / "empty.db"
    SqliteLog.create(str(path)).close()
    return path


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_makes_its_reason(file: Path, made: Path, tmp_path: Path) -> None:
    """Taken into an empty store today, the messages give a document that very reason, or are refused for it."""
    path = tmp_path / "store.db"
    shutil.copy(made, path)
    log = SqliteLog(str(path))
    with open_source(str(file)) as source:
        Ingester(log).ingest(source.tracking_name, source.messages())
    with log.reading() as views:
        found = [reason for row in views.find(DOCUMENTS) for reason in json.loads(row.reasons)]
    log.close()
    reasons = {reason["code"] for reason in found}
    releasable = {reason.get("overridable", False) for reason in found if reason["code"] == file.stem}
    assert releasable <= {catalogue()[file.stem].overridable}
    bodies = [
        json.loads(str(state, "utf-8") if isinstance(state, bytes) else str(state)).get("body", {})
        for (state,) in asked(path, "SELECT state FROM stored_events WHERE topic = 'Billed.v1'")
    ]
    reasons |= {reason["code"] for body in bodies for reason in body.get("reasons", ())}
    refused = [code for (code,) in asked(path, "SELECT code FROM receipts WHERE verdict = 'QUARANTINED'")]
    assert (file.stem in reasons, refused) in ((True, []), (False, [file.stem]))


def test_every_reason_has_an_example() -> None:
    """A code without messages that make it is in the list of those that cannot have any, and only such are."""
    assert sorted(catalogue().keys() - {file.stem for file in FILES}) == sorted(WITHOUT)


def test_the_examples_are_those_of_the_stories() -> None:
    """Each file is what its story says today: python -m tests.rules.examples writes them anew."""
    assert {file.stem: file.read_bytes() for file in FILES} == {code: written(lines) for code, lines in examples().items()}


def test_the_page_is_that_of_the_rules() -> None:
    """The page for people is what the rules say today."""
    assert PAGE.read_text(encoding="utf-8") == page(set(examples()))


def test_every_code_of_a_rule_is_in_the_catalogue() -> None:
    """The rule's own, with its rows, its remedy and who may release it."""
    known = catalogue()
    for rule in RULES:
        entry = known[rule.code]
        assert rule.number in entry.rows
        assert rule.severity in entry.severities
        assert rule.remedy in entry.remedies
        assert not rule.overridable or entry.overridable


def test_every_other_code_is_in_the_catalogue() -> None:
    """Codes that a rule gives beside its own, that the judge gives, and that the life of a document gives."""
    given = {case.code for case in CASES} | {code for case in CASES for code in case.also} | set(CODES)
    for path in (ROOT / "engine").rglob("*.py"):
        given |= set(OUTSIDE.findall(path.read_text(encoding="utf-8")))
    for path in (ROOT / "engine" / "firewall").glob("*.py"):
        given |= _codes_given(ast.parse(path.read_text(encoding="utf-8")))
    assert sorted(given - catalogue().keys()) == []


def _codes_given(tree: ast.Module) -> set[str]:
    """Return the codes that a module names in findings: `code=...`, choices between two codes, and doubts of the judge."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="_doubt")):
                found.append(node.args[0])
            case ast.keyword(arg="code"):
                found.append(node.value)
            case ast.Assign(targets=[ast.Name(id="code")], value=ast.IfExp() as choice):
                found += [choice.body, choice.orelse]
    texts = [each.value for each in found if isinstance(each, ast.Constant)]
    return {text for text in texts if isinstance(text, str) and CODE.fullmatch(text)}


def test_every_entry_says_what_it_means_and_what_to_do() -> None:
    """Each code has a meaning that is a sentence, and a remedy."""
    for entry in catalogue().values():
        assert all(meaning.endswith((".", ".)")) for meaning in entry.meanings), entry.code
        assert all(entry.remedies), entry.code
        assert entry.rows or "REFUSED" in entry.severities, entry.code


def test_what_must_be_mended_first_comes_first() -> None:
    """A new version before parties, the link before the class before the mapping before the day; remarks come last."""
    story = Story().shop(disputed="WARN").customer("c1", version=2, status="DISPUTED").said("link.removed", customer="c1")
    story.period("2026-03", "2026-03-01", "2026-03-31", verb="closed")
    story.invoice("i1", tax={"GST": "5.00"}, status="DRAFT", totals={"gross": "1.00"})
    stored = [reason.code for reason in story.decision("i1").reasons]
    wanted = [
        "TOTAL_GROSS_MISMATCH",
        "LINK_MISSING",
        "TAX_CODE_UNMAPPED",
        "PERIOD_CLOSED",
        "DOCUMENT_NOT_FINAL",
        "CUSTOMER_DISPUTED",
    ]
    assert [reason.code for reason in ranked(story.decision("i1").reasons)] == wanted
    assert sorted(stored) == sorted(wanted)
    assert stored != wanted


def test_a_code_of_no_rule_comes_last() -> None:
    """What an earlier release decided for a reason that this one does not have stands behind all others of its strength."""
    known = [rank(code, "HOLD") for code, entry in catalogue().items() if "REFUSED" not in entry.severities]
    assert rank("NOT_A_REASON", "HOLD") >= max(known)
    assert rank("NOT_A_REASON", "HOLD") < rank("LINK_MISSING", "WAIT")


def test_held_documents_tell_first_what_must_be_mended_first(tmp_path: Path) -> None:
    """`held --documents` shows the remedy of the reason that ranks first."""
    path = tmp_path / "store.db"
    story = Story().shop().said("customer.held", customer="c1").mapped("branch", "north").invoice("i1", branch="south")
    story.said("link.removed", customer="c1").invoice("i2", branch="south", totals={"gross": "1.00"})
    file = tmp_path / "said.jsonl"
    file.write_bytes(written(tuple(story.messages)))
    assert postgate("migrate", "--store", url(path)).code == 0
    assert postgate("ingest", file, "--store", url(path)).code == 0
    rows = postgate("held", "--documents", "--json", "--store", url(path)).rows
    assert [row["remedy"] for row in rows] == [
        "link the customer: postgate link c1 ACCOUNT",
        "correct the document at its source and publish the next version",
    ]


def test_the_catalogue_is_listed() -> None:
    """All of it for a program; a filter by severity, and by what may be released."""
    rows = postgate("reasons", "--json").rows
    assert [row["code"] for row in rows] == list(catalogue())
    warned = postgate("reasons", "--json", "--severity", "warn").rows
    assert [row["code"] for row in warned] == [code for code, entry in catalogue().items() if "WARN" in entry.severities]
    releasable = postgate("reasons", "--json", "--releasable").rows
    assert {row["code"] for row in releasable} == {code for code, entry in catalogue().items() if entry.overridable}


def test_one_reason_is_shown_whole() -> None:
    """Rule, severity, who may release it, remedy, and its example."""
    told = postgate("reasons", "link_missing").out.splitlines()
    assert told[:2] == ["LINK_MISSING, rulebook B1, B7", "severity   HOLD"]
    assert "released   nobody: it must be mended" in told
    may = "whoever answers for it, in a role that the book's release_roles take"
    assert postgate("reasons", "CUSTOMER_ON_HOLD", "--json").row["released_by"] == may
    row = postgate("reasons", "LINK_MISSING", "--json").row
    assert row["example"] == (FOLDER / "LINK_MISSING.jsonl").read_text(encoding="utf-8").splitlines()


def test_an_example_can_be_piped_into_an_empty_store(tmp_path: Path) -> None:
    """The line that `postgate reasons` prints works as it stands."""
    store = url(tmp_path / "store.db")
    assert postgate("migrate", "--store", store).code == 0
    told = child("reasons", "CLASS_MISSING", "--example").out
    assert child("ingest", "-", "--store", store, given=told.encode()).code == 0
    (row,) = postgate("held", "--json", "--store", store).rows
    assert (row["reason"], row["documents"]) == ("CLASS_MISSING", 1)


@pytest.mark.parametrize("words", [("NO_SUCH",), ("RULE_ERROR", "--example"), ("--example",)], ids=str)
def test_what_is_not_there_is_said(words: tuple[str, ...]) -> None:
    """Exit code 2 with where to look."""
    told = postgate("reasons", *words)
    assert (told.code, told.out, "postgate reasons" in told.err) == (2, "", True)


def test_a_message_in_the_example_of_a_refusal_is_the_only_one_refused() -> None:
    """The stories of the door are kept short: what is known before, and the one message."""
    lines = examples()["LINK_ALREADY_EXISTS"]
    assert lines[-1] == said.link("c1", "globex").written("shop", f"m{len(lines)}")
