"""History of an earlier release: what its rulebook decided stands as recorded, is counted, and is not called a fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from engine.audit.recheck import Recheck
from engine.firewall.rulebook import EARLIER, RULEBOOK
from engine.handling import batch, judging
from engine.record import Recorded, decode
from tests import said
from tests.given import Story
from tests.rules.test_rules import Past
from tests.stories.command import postgate

OLD = EARLIER[-1]


def sold() -> Story:
    """A sale that posted, the money for a part of it, and a sale that is held."""
    story = Story().shop().invoice("i1").payment("p1", "60.00", on="i1")
    return story.customer("c2").invoice("i2", customer="c2")


def by(rulebook: str, records: Sequence[Recorded]) -> list[Recorded]:
    """Return records as a release with another rulebook would have left them."""
    old, new = RULEBOOK.encode(), rulebook.encode()
    return [
        replace(each, state=each.state.replace(b'"rules":"%s"' % old, b'"rules":"%s"' % new).replace(
            b'"rulebook":"%s"' % old, b'"rulebook":"%s"' % new
        ))
        for each in records
    ]  # fmt: skip


def heard(story: Story, records: list[Recorded]) -> tuple[list[tuple[int, str]], int, dict[str, int]]:
    """Return the faults of a history, how many decisions were made again, and how many stand, by rulebook."""
    story.log.records = records
    recheck = Recheck(Past(story.log))
    faults = [fault for recorded in records for fault in recheck.check(decode(recorded))]
    faults += recheck.at_the_end(len(records))
    return [(fault.position, fault.code) for fault in faults], recheck.decisions, dict(recheck.rulebooks.earlier)


def test_what_an_earlier_release_decided_stands() -> None:
    """This release would decide the held sale otherwise, and say more of the money; neither is a fault of then."""
    story = sold()
    records = [replace(each, state=each.state.replace(b"LINK_MISSING", b"LINK_WANTED_")) for each in story.log.records]
    differing = heard(story, list(records))
    assert [code for _, code in differing[0]] == ["DECISION_DIFFERS"]
    assert heard(story, by(OLD, records)) == ([], 0, {OLD: 3})


def test_history_goes_on_under_this_rulebook() -> None:
    """What comes after the upgrade is decided from what stood, and made again."""
    story = sold()
    story.log.records = by(OLD, story.log.records)
    story.linked("c2", "acme").invoice("i3")
    assert story.state("i2") == "POSTED"
    assert heard(story, list(story.log.records)) == ([], 2, {OLD: 3})


def test_what_was_held_by_an_earlier_release_is_not_overdue() -> None:
    """Nothing is against the sale by this rulebook; it is judged when something touches it."""
    story = Story().shop().customer("c2").invoice("i2", customer="c2")
    records = by(OLD, story.log.records)
    link = replace(Story().shop().customer("c2").linked("c2", "acme").log.records[-1], position=len(records) + 1)
    assert "NOT_RELEASED" in [code for _, code in heard(story, [*story.log.records, link])[0]]
    assert heard(story, [*records, *by(OLD, [link])])[0] == []


@pytest.mark.parametrize(
    ("rulebooks", "fault"),
    [
        ((RULEBOOK, OLD), "RULEBOOK_BACKWARDS"),
        ((RULEBOOK, "2031.1"), "RULEBOOK_UNKNOWN"),
        ((OLD, "2031.1"), "RULEBOOK_UNKNOWN"),
    ],
)
def test_a_book_goes_from_rulebook_to_rulebook_and_never_back(rulebooks: tuple[str, str], fault: str) -> None:
    """An earlier one after a later one, or one that no release of ours had, is named at the message."""
    story = sold()
    first, last = rulebooks
    records = [*by(first, story.log.records[:-2]), *by(last, story.log.records[-2:])]
    assert heard(story, records)[0] == [(len(records) - 1, fault)]


def test_a_decision_names_the_rulebook_of_its_record() -> None:
    """A decision that names another rulebook than its record does was made by no release."""
    story = sold()
    state = story.log.records[-1].state.replace(b'"rulebook":"%s"' % RULEBOOK.encode(), b'"rulebook":"%s"' % OLD.encode())
    records = [*story.log.records[:-1], replace(story.log.records[-1], state=state)]
    assert [code for _, code in heard(story, records)[0]] == ["RULEBOOK_UNKNOWN"]


def moved_to_no_class() -> Story:
    """A history of then, when an invoice could be moved to an account without a class, and was."""
    story = Story().shop().account("globex").assigned("globex", "HOUSE").invoice("i1")
    moved = {"transfer": "t1", "date": said.DAY, "from_account": "acme", "to_account": "globex", "documents": ["i1"], "by": "ann"}
    story.said("balance.transferred", **moved)
    story.log.records = [_without_class(each) for each in story.log.records]
    return story


def _without_class(each: Recorded) -> Recorded:
    """Return a record as it would be if another account had been given the class, and the invoice moved all the same."""
    if each.stream == "shop|account|globex" and each.version > 1:
        state = each.state.replace(b'"account": "globex"', b'"account": "nobody"')
        return replace(each, stream="shop|account|nobody", version=each.version - 1, state=state)
    if each.kind == "DocumentTransferred.v1" or each.stream == "shop|transfer|t1":
        return replace(each, state=each.state.replace(b',"class":"HOUSE"', b"").replace(b',"class_version":1', b""))
    return each


def test_what_was_moved_to_an_account_without_a_class_stands() -> None:
    """This rulebook refuses such a transfer; one of then stays, and its credit notes keep the class of the invoice (C1)."""
    then = moved_to_no_class()
    assert heard(then, list(then.log.records))[0][0] == (19, "FACT_REFUSED")
    story = Story()
    story.log.records = by(OLD, then.log.records)
    story.credit_note("k1", "10.00", original="i1")
    assert [(one.account, one.class_, one.class_version) for one in story.journals("k1")] == [("globex", "HOUSE", 1)]
    assert heard(story, list(story.log.records)) == ([], 1, {OLD: 1})


def test_what_is_said_now_of_a_member_of_then_is_decided_now() -> None:
    """The remark that the void of a member waits for its batch is of this rulebook, whichever billed the member."""
    story = Story().book().account("acme").classified("acme", "JOBS", batch_billing=True).customer("c1").linked("c1", "acme")
    story.invoice("i1").said("batch.run", batch="b1", cut_off=said.DAY, date=said.DAY, by="ann", class_="JOBS")
    story.log.records = by(OLD, story.log.records)
    story.voided("i1")
    assert story.codes("i1") == ["MEMBER_OF_POSTED_BATCH"]
    assert heard(story, list(story.log.records)) == ([], 1, {OLD: 2})


def test_verify_counts_what_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that an earlier release wrote, and this one went on with: nothing differs, and the counts say what was proven."""
    monkeypatch.setenv("POSTGATE_STORE", f"sqlite:///{tmp_path / 'store.db'}")
    told = Story().shop().invoice("i1").payment("p1", "60.00", on="i1").messages
    for name, lines in (("then.jsonl", told), ("now.jsonl", [said.invoice("i2").written("shop", "now")])):
        (tmp_path / name).write_bytes(b"\n".join(lines))
    with monkeypatch.context() as then:
        then.setattr(batch, "RULEBOOK", OLD)
        then.setattr(judging, "RULEBOOK", OLD)
        assert (postgate("migrate").code, postgate("ingest", tmp_path / "then.jsonl").code) == (0, 0)
    assert postgate("ingest", tmp_path / "now.jsonl").code == 0
    done = postgate("verify")
    assert (done.code, done.out.splitlines()[1], done.out.splitlines()[-1]) == (
        0,
        f"2 decisions of rulebook {OLD} as recorded: only its release makes them again",
        "nothing differs",
    )
    row = postgate("verify", "--json").row
    assert (row["decisions"], row["earlier"], row["faults"]) == (1, {OLD: 2}, [])
