"""The commands of the how-to that need a broker, run as they stand against a real one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.broker import Broker
from tests.stories.command import child

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def test_the_commands_for_a_broker_run(own_broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tutorial's sale goes to its topics, into a store, and out again as a posting that stands on its topic."""
    sale = re.search(r"<<'END'\n(.*?)END\n", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (block,) = re.findall(r"```sh kafka\n(.*?)```", (ROOT / "adapters/README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert sale is not None
    monkeypatch.chdir(tmp_path)
    Path("first-sale.jsonl").write_text(sale[1], encoding="utf-8")
    told = {}
    for line in block.replace("127.0.0.1:9092", own_broker.bootstrap).splitlines():
        if line.startswith("export "):
            for name, value in re.findall(r"(\w+)=(\S+)", line):
                monkeypatch.setenv(name, value)
            continue
        ended = child(*line.split()[1:])
        assert ended.code == 0, f"{line}\n{ended.out}\n{ended.err}"
        told[line] = ended.out
    assert "missing on the topics 0\nok every message" in re.sub(" +", " ", told["postgate reconcile --topic"])
    # Topics are read in no order, so the sale may be judged once or again with each fact that comes after it.
    assert re.search(r"up to position (\d+) of \1\n", told["postgate doctor"])
    (held,) = child("held", "--json").rows
    assert (held["reason"], held["documents"], held["amount"]) == ("LINK_MISSING", 1, "100.00")
