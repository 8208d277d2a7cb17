"""What files may lie in the repository, and what no file may say."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping

from tests.tidy.source import ROOT, Fault

TOP = frozenset("adapters deploy engine projections schemas tests CHANGELOG.md LICENSE README.md pyproject.toml".split())
FILE_BYTES_MAX = 1_000_000

_MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|tmp|root|home|farm|Users)/[\w.]|\b[A-Z]:\\Users\b")
_REGISTRY = re.compile(
    r"(?:pypi|maven|golang|rubygems)\.org|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io|"
    r"(?:deb|security|ftp)\.debian\.org|--(?:extra-)?index-url|--find-[l]inks|/simple/[\w-]+/"
)


def tracked() -> dict[str, bytes]:
    """Return every file that is in the repository or would be: committed or new, but not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    paths = sorted(path for path in told.split("\0") if path and (ROOT / path).is_file())
    return {path: (ROOT / path).read_bytes() for path in paths}


def places(files: Mapping[str, bytes]) -> Iterator[Fault]:
    """No file names a path of one machine or the host of a package registry."""
    for path, content in files.items():
        if b"\0" in content[:8_000]:
            continue
        for number, line in enumerate(content.decode("utf-8", errors="replace").splitlines(), 1):
            if found := _MACHINE_PATH.search(line):
                advice = f"{found[0]} is banned, use a path relative to the repository, or tmp_path"
                yield Fault("machine-path", path, number, found[0], advice)
            if found := _REGISTRY.search(line):
                advice = f"{found[0]} is banned, use the package's name; the client knows its registry"
                yield Fault("registry", path, number, found[0], advice)


def strays(files: Mapping[str, bytes]) -> Iterator[Fault]:
    """The top level tells the architecture, so nothing else lies there."""
    for name in sorted({path.split("/")[0] for path in files}):
        if name not in TOP and not name.startswith("."):
            advice = f"{name} at the top is banned, use deploy/, tests/ or the package it belongs to"
            yield Fault("top-level", name, 1, name, advice)


def giants(files: Mapping[str, bytes]) -> Iterator[Fault]:
    """No file is larger than a person may review."""
    for path, content in files.items():
        if len(content) > FILE_BYTES_MAX:
            advice = f"{len(content):,} bytes is banned, use at most {FILE_BYTES_MAX:,}: a slice, or a script that makes it"
            yield Fault("file-size", path, 1, path, advice)
