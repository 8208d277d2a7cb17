"""The museum: every kind ever stored is read for ever, and written back as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import Corrupt
from engine.record import Happened, Recorded, decode, encode
from schemas.envelope import read_structured
from schemas.events import KINDS
from schemas.inbound import LinkMade
from schemas.upcasts import UPCASTS, Fields
from tests.goldens import museum_make
from tests.goldens.museum_make import MUSEUM, read, samples, text

SAMPLES = sorted(MUSEUM.glob("*.json"))
ADVICE = "run python -m tests.goldens.museum_make; a new kind first needs a message in its story"


def _with_message(happened: Happened, state: bytes) -> Happened:
    """Return an event with the message that said it, which decoding leaves in the log."""
    said = state.partition(b',"said":')[2][:-1]
    return replace(happened, cause=replace(happened.cause, said=said)) if happened.is_fact else happened


def test_every_kind_has_a_sample() -> None:
    """A kind is not shipped before one real record of it hangs in the museum."""
    assert sorted(set(KINDS) - {path.stem for path in SAMPLES}) == [], ADVICE


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_read(path: Path) -> None:
    """Every sample is decoded, and a kind that is still written is written as it was, byte for byte."""
    recorded = read(path)
    happened = decode(recorded)
    assert recorded.kind == path.stem
    assert happened.kind in KINDS
    if recorded.kind in KINDS:
        assert happened.kind == recorded.kind
        assert encode(_with_message(happened, recorded.state)) == recorded.state


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_fact_is_kept_as_the_message_that_said_it(path: Path) -> None:
    """What a record of a fact holds passes the door as it stands, and says the same."""
    recorded = read(path)
    happened = decode(recorded)
    if happened.is_fact:
        assert read_structured(recorded.state.partition(b',"said":')[2][:-1]).data == happened.event
    else:
        assert set(json.loads(recorded.state)) == {"seq", "at", "src", "digest", "by", "rules", "body"}


def test_the_story_makes_every_kind() -> None:
    """The workshop can make a sample of whatever the engine writes today."""
    assert sorted(samples()) == sorted(KINDS)


def test_the_workshop_never_touches_a_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is added; what is there stays, whatever the engine writes today."""
    monkeypatch.setattr(museum_make, "MUSEUM", tmp_path)
    (tmp_path / "LinkMade.v1.json").write_text("old", encoding="utf-8")
    assert museum_make.main([]) == f"wrote {len(KINDS) - 1} samples; still without one: none"
    assert (tmp_path / "LinkMade.v1.json").read_text(encoding="utf-8") == "old"
    assert len(list(tmp_path.iterdir())) == len(KINDS)


def test_samples_are_made_again_only_before_the_first_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once somebody may have stored a kind, its sample is history."""
    monkeypatch.setattr(museum_make, "MUSEUM", tmp_path)
    monkeypatch.setattr(museum_make, "released", lambda: True)
    assert museum_make.main(["--again"]).startswith("refused: there has been a release")
    assert list(tmp_path.iterdir()) == []


def test_a_sample_says_what_the_record_says(tmp_path: Path) -> None:
    """Writing a sample down and reading it loses nothing but the position."""
    recorded = samples()["PostingAuthorised.v1"]
    (tmp_path / "x.json").write_text(text(recorded), encoding="utf-8")
    assert read(tmp_path / "x.json") == replace(recorded, position=1)


def _fact(kind: str, content: Fields) -> Recorded:
    kept = read(MUSEUM / "LinkMade.v1.json")
    state = json.loads(kept.state)
    state["said"]["data"] = content
    return replace(kept, kind=kind, state=json.dumps(state).encode())


def _decision(kind: str, content: Fields) -> Recorded:
    kept = read(MUSEUM / "SettlementNoted.v1.json")
    return replace(kept, kind=kind, state=json.dumps(json.loads(kept.state) | {"body": content}).encode())


def _renamed(kind: str, **names: str) -> Callable[[Fields], tuple[str, Fields]]:
    return lambda fields: (kind, {names.get(name, name): value for name, value in fields.items()})


def test_a_retired_kind_is_read_as_its_successor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two steps lead a fact from the oldest kind to the one written today."""
    monkeypatch.setitem(UPCASTS, "LinkMade.v-1", _renamed("LinkMade.v0", buyer="client"))
    monkeypatch.setitem(UPCASTS, "LinkMade.v0", _renamed("LinkMade.v1", client="customer"))
    happened = decode(_fact("LinkMade.v-1", {"buyer": "c-1", "account": "a-1"}))
    assert (happened.kind, happened.event) == ("LinkMade.v1", LinkMade(customer="c-1", account="a-1"))


def test_a_retired_decision_is_read_as_its_successor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision is upcast by its own fields, and keeps its cause."""
    monkeypatch.setitem(UPCASTS, "SettlementNoted.v0", _renamed("SettlementNoted.v1", units="amount"))
    recorded = _decision("SettlementNoted.v0", {"payment": "p-1", "units": 5, "currency": "GBP"})
    assert decode(recorded) == decode(_decision("SettlementNoted.v1", {"payment": "p-1", "amount": 5, "currency": "GBP"}))


def test_a_kind_nobody_knows_stops_the_reader() -> None:
    """History written by a newer release is not guessed at."""
    with pytest.raises(Corrupt, match=r"holds kind LinkMade\.v2, newer than this release"):
        decode(_fact("LinkMade.v2", {"customer": "c-1", "account": "a-1"}))


def test_upcasts_that_lead_nowhere_stop_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """An upcast to a kind that is not there, and a circle of upcasts, are faults of ours and are named."""
    monkeypatch.setitem(UPCASTS, "LinkMade.v0", _renamed("LinkMade.v9"))
    with pytest.raises(Corrupt, match=r"LinkMade\.v0 of north-shops\|link\|c-1001\) cannot be read"):
        decode(_fact("LinkMade.v0", {"customer": "c-1", "account": "a-1"}))
    monkeypatch.setitem(UPCASTS, "LinkMade.v9", _renamed("LinkMade.v0"))
    with pytest.raises(Corrupt, match="upcast in a circle"):
        decode(_fact("LinkMade.v0", {"customer": "c-1", "account": "a-1"}))
