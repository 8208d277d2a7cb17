"""Freshness: writes the published schemas and the reference as the models say them now.

python -m tests.goldens.fresh
"""

from __future__ import annotations

import sys
from pathlib import Path

from schemas.publish import files

SCHEMAS = Path(__file__).parents[2] / "schemas"


def main(folder: Path = SCHEMAS) -> str:
    """Write every generated file that is not fresh, delete what is of nothing any more; return what was done."""
    texts = files()
    stale = [path for path in (folder / "published").glob("*") if path.relative_to(folder).as_posix() not in texts]
    for path in stale:
        path.unlink()
    written = [name for name, text in texts.items() if not _says(folder / name, text)]
    for name in written:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(texts[name], encoding="utf-8")
    return f"wrote {len(written)} files, deleted {len(stale)}"


def _says(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.stdout.write(main() + "\n")
