"""The mutation run is shown to be awake: what its tests see is told, and so is what they cannot see."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.mutation.trial import ROOT


def _run(*arguments: str) -> str:
    """Try the mutants of one function; return what was said."""
    words = [sys.executable, "-m", "tests.mutation", "engine/firewall/accumulation.py", "--jobs", "1", *arguments]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout


@pytest.mark.slow
def test_a_mutant_is_seen_by_tests_of_its_rule_and_by_no_others() -> None:
    """Tests of the rule that keeps a late sale apart see most of its mutants; tests that judge nothing see none."""
    told = [_run("--in", "document_is_in_time", "--only", f"tests/rules/test_{test}.py") for test in ("rules", "rows")]
    (count, few), (_, every) = ([int(word) for word in said.splitlines()[-1].split() if word.isdigit()][:2] for said in told)
    assert few < count // 2
    assert every == count > 0
