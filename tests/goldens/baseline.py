"""The baseline: the contract as it was last released, kept in one file, against which every change is compared.

python -m tests.goldens.baseline              while nothing has been released: what is promised is what is there now
python -m tests.goldens.baseline v1.0.0       as the last step before that tag is made
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from schemas.publish import published

BASELINE = Path(__file__).parent / "baseline.json"


def last_tag() -> str | None:
    """Return the last release before or at this commit, None when there has been none."""
    command = ["git", "describe", "--tags", "--abbrev=0"]
    told = subprocess.run(command, cwd=BASELINE.parent, capture_output=True, text=True, check=False)
    return told.stdout.strip() or None


def as_released(tag: str) -> bytes:
    """Return the baseline as it is in a release."""
    command = ["git", "show", f"{tag}:./{BASELINE.name}"]
    return subprocess.run(command, cwd=BASELINE.parent, capture_output=True, check=True).stdout


def content(raw: bytes) -> tuple[str | None, dict[str, Mapping[str, object]]]:
    """Return the release a baseline is of, and its files."""
    kept = json.loads(raw)
    return kept["release"], kept["schemas"]


def text(release: str | None) -> str:
    """Return the baseline of the contract as it is now."""
    return json.dumps({"release": release, "schemas": published()}, ensure_ascii=False, separators=(",", ":")) + "\n"


def main(arguments: list[str]) -> str:
    """Write the baseline; return what was done."""
    release, tag = (arguments[0] if arguments else None), last_tag()
    if tag is not None and release in (None, tag):
        return f"refused: {tag} is released and promised; name the release that is being made"
    BASELINE.write_text(text(release), encoding="utf-8")
    return f"wrote {BASELINE.name} of {release or 'no release'}"


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
