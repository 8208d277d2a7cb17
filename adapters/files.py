"""Files of JSON Lines as a source: what was read is named by its content, and where we are by the line."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
        same = _identity(os.fstat(self._file.fileno())) == self._seen
        if same and self.path != STANDARD_INPUT:
            try:
                same = _identity(os.lstat(self.path)) == self._seen
            except FileNotFoundError:
                same = False
        if not same:
            raise _changed(self.path)


def open_source(path: str) -> Source:
    """Open a file, or standard input as `-`, and read it once to know its digest and length; close it with `with`."""
    with _named(path), ExitStack() as undo:
        file = undo.enter_context(_spooled() if path == STANDARD_INPUT else _opened(path))
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


def _spooled() -> IO[bytes]:
    """Copy standard input to a nameless temporary file, because its digest must be known before its first line is used."""
    with ExitStack() as undo:
        file = undo.enter_context(tempfile.TemporaryFile())
        while chunk := sys.stdin.buffer.read(CHUNK_BYTES):
            file.write(chunk)
        file.seek(0)
        undo.pop_all()
        return file


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
    open_line = _Line()
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        if ended:
            open_line.add(ended[0])
            yield open_line.whole()
            yield from (line.removesuffix(b"\r") for line in ended[1:])
            open_line = _Line()
        open_line.add(rest)
    if open_line.size:
        yield open_line.whole()


class _Line:
    """A line that may be spread over chunks."""

    def __init__(self) -> None:
        self.head, self.size, self.content = b"", 0, sha256()

    def add(self, part: bytes) -> None:
        self.size += len(part)
        self.head += part[: HEAD_BYTES_MAX - len(self.head)]
        self.content.update(part)

    def whole(self) -> bytes:
        if self.size > HEAD_BYTES_MAX:
            return Oversized(self.head, self.size, self.content.hexdigest())
        return self.head.removesuffix(b"\r")
