"""The mutation run is shown to be awake: what its tests see is told, and so is what they cannot see."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.mutation.trial import ROOT


def _tried(test: str, *more: str) -> tuple[int, int]:
    """Try the mutants of one function on the tests of one module; return how many there were, and how many lived."""
    words = [sys.executable, "-m", "tests.mutation", "engine/firewall/accumulation.py", "--jobs", "1", *more]
    words += ["--in", "document_is_in_time", "--only", f"tests/rules/{test}.py"]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    found = re.search(r"^(\d+) mutants, (\d+) lived: ", told, re.MULTILINE)
    assert found is not None, told
    return int(found[1]), int(found[2])


@pytest.mark.slow
def test_a_mutant_is_seen_by_tests_of_its_rule_and_by_no_others() -> None:
    """Tests of the rule that keeps a late sale apart see most of its mutants; tests that judge nothing see few."""
    every, few = _tried("test_rules")
    some, most = _tried("test_rows", "--part", "1/4")
    assert few < every // 2
    assert most > some // 2
