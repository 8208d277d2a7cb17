"""Files of JSON Lines as a source: what was read is named by its content, and where we are by the line."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

from schemas.gate import MESSAGE_BYTES_MAX, Oversized

STANDARD_INPUT = "-"
CHUNK_BYTES = 64 * 1024
HEAD_BYTES_MAX = MESSAGE_BYTES_MAX + 1
_REASONS = {
    errno.ENOENT: ("does not exist", "check the name"),
    errno.EACCES: ("may not be read", "give this user read permission"),
    errno.ELOOP: ("is a symbolic link", "name the file itself, or send it to standard input as `-`"),
    errno.ENOSPC: ("does not fit the temporary directory", "free some space, or set TMPDIR to a directory that has it"),
}


class FileUnreadable(Exception):
    """A file that cannot be read as one unchanging whole: which, why, and what to do."""

    def __init__(self, path: str, reason: str, remedy: str) -> None:
        super().__init__(f"{path}: {reason}; {remedy}")
        self.path, self.reason, self.remedy = path, reason, remedy


@dataclass(frozen=True, slots=True)
class Source:
    """An open file of JSON Lines: `digest` is the SHA-256 of all of it, `lines` how many it has, blank ones too."""

    path: str
    digest: str
    lines: int
    _file: IO[bytes]
    _seen: tuple[int, ...]

    def __enter__(self) -> Source:
        """Be closed at the end of the block."""
        return self

    def __exit__(self, *ended: object) -> None:
        """Close the file."""
        self._file.close()

    @property
    def tracking_name(self) -> str:
        """The name under which the line last taken in is recorded; the same content has the same name everywhere."""
        return f"file:{self.digest}"

    def messages(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield line number and bytes of every line after `after` that is not blank, without its line end.

        A line over the limit comes as Oversized, which the gate refuses. Raises FileUnreadable when the file changes.
        """
        for number, line in enumerate(_lines(self._chunks()), start=1):
            if number > after and (len(line) > MESSAGE_BYTES_MAX or line.strip(b" \t\r")):
                yield number, line

    def _chunks(self) -> Iterator[bytes]:
        """Read from the start, and look before every use of what was read whether the file is still the one opened."""
        content = sha256()
        with _named(self.path):
            self._file.seek(0)
            while chunk := self._file.read(CHUNK_BYTES):
                self.refuse_change()
                content.update(chunk)
                yield chunk
            self.refuse_change()
        if content.hexdigest() != self.digest:
            raise _changed(self.path)

    def refuse_change(self) -> None:
        """Raise when the file grew, was rewritten, or when its name stands for another file now."""
        now = [os.fstat(self._file.fileno())]
        if self.path != STANDARD_INPUT:
            with suppress(FileNotFoundError):
                now.append(os.lstat(self.path))
        names = 1 if self.path == STANDARD_INPUT else 2
        if [_identity(status) for status in now] != [self._seen] * names:
            raise _changed(self.path)


def open_source(path: str) -> Source:
    """Open a file, or standard input as `-`, and read it once to know its digest and length; close it with `with`."""
    with _named(path), ExitStack() as undo:
        file = undo.enter_context(_opened(path) if path != STANDARD_INPUT else tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
        if path == STANDARD_INPUT:
            # The digest of all of it must be known before the first line is used.
            shutil.copyfileobj(sys.stdin.buffer, file)
            file.seek(0)
        seen = _identity(os.fstat(file.fileno()))
        content, line_ends, last = sha256(), 0, b"\n"
        while chunk := file.read(CHUNK_BYTES):
            content.update(chunk)
            line_ends += chunk.count(b"\n")
            last = chunk[-1:]
        source = Source(path, content.hexdigest(), line_ends + (last != b"\n"), file, seen)
        source.refuse_change()
        undo.pop_all()
        return source


def _opened(path: str) -> IO[bytes]:
    # Without O_NONBLOCK the opening of a pipe would wait for its writer before we could refuse it.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        kind = "a directory" if stat.S_ISDIR(mode) else "not a regular file"
        raise FileUnreadable(path, f"is {kind}", "name a file of JSON Lines, or send it to standard input as `-`")
    return os.fdopen(descriptor, "rb")


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Turn what the system says about a file into an error that names the file and the remedy."""
    try:
        yield
    except OSError as error:
        reason, remedy = _REASONS.get(error.errno or 0, (f"cannot be read ({error.strerror})", "check the file and its disk"))
        raise FileUnreadable(path, reason, remedy) from error


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _changed(path: str) -> FileUnreadable:
    remedy = "wait until it is complete and give it again; what was taken in already is not taken in twice"
    return FileUnreadable(path, "was changed or replaced while it was read", remedy)


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Cut chunks into lines without their ends; of a line over the limit only the head is held."""
    head, size, content = b"", 0, sha256()
    for chunk in chunks:
        for ended, part in enumerate(chunk.split(b"\n")):
            if ended:
                yield _line(head, size, content.hexdigest)
                head, size, content = b"", 0, sha256()
            head += part[: HEAD_BYTES_MAX - len(head)]
            size += len(part)
            content.update(part)
    if size:
        yield _line(head, size, content.hexdigest)


def _line(head: bytes, size: int, digest: Callable[[], str]) -> bytes:
    return Oversized(head, size, digest()) if size > HEAD_BYTES_MAX else head.removesuffix(b"\r")
