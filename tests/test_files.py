"""Files of JSON Lines: named by content, read by line, bounded in memory, and never believed when they change."""

from __future__ import annotations

import io
import os
import sys
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest

from adapters.files import CHUNK_BYTES, FileUnreadable, open_source
from schemas.envelope import read_structured
from schemas.gate import MESSAGE_BYTES_MAX, Oversized, Unreadable
from tests.corpus.messages import invoice


def written(folder: Path, content: bytes) -> str:
    """Write a file and return its name."""
    file = folder / "sales.jsonl"
    file.write_bytes(content)
    return str(file)


def messages(path: str, after: int = 0) -> list[tuple[int, bytes]]:
    """Read all of a file."""
    with open_source(path) as source:
        return list(source.messages(after))


def test_lines_are_numbered_from_one_and_blank_lines_count(tmp_path: Path) -> None:
    """A blank line is no message, but it keeps its number, so that positions agree with an editor."""
    path = written(tmp_path, b'{"a":1}\n\n  \t\n{"a":2}\n')
    assert messages(path) == [(1, b'{"a":1}'), (4, b'{"a":2}')]
    with open_source(path) as source:
        assert source.lines == 4


@pytest.mark.parametrize(
    ("content", "lines"), [(b"", 0), (b"\n", 1), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"a\n\n", 2), (b"a\r\nb\r\n", 2)]
)
def test_the_number_of_lines_is_known_before_reading(tmp_path: Path, content: bytes, lines: int) -> None:
    """A progress bar needs the total, whether or not the last line ends."""
    with open_source(written(tmp_path, content)) as source:
        assert source.lines == lines


def test_a_last_line_without_an_end_is_read(tmp_path: Path) -> None:
    """The last line counts, even when its writer left out the line end."""
    assert messages(written(tmp_path, b"a\nb")) == [(1, b"a"), (2, b"b")]


def test_a_truncated_last_line_is_a_line_that_the_gate_refuses(tmp_path: Path) -> None:
    """Half a message is not a damaged file: it becomes a receipt like every unreadable message."""
    whole = invoice()
    [(_, first), (number, half)] = messages(written(tmp_path, whole + b"\n" + whole[:100]))
    assert read_structured(first).raw == whole
    assert number == 2
    with pytest.raises(Unreadable) as refused:
        read_structured(half)
    assert refused.value.code == "SCHEMA_INVALID"


def test_windows_line_ends_are_no_part_of_a_message(tmp_path: Path) -> None:
    """The same message has the same bytes wherever it was written, and only one return is taken off."""
    assert messages(written(tmp_path, b"a\r\nb\r\r\n\r\nc\r")) == [(1, b"a"), (2, b"b\r"), (4, b"c")]


def test_reading_goes_on_after_a_line(tmp_path: Path) -> None:
    """The position is the number of the last line taken in; after a crash the next one follows."""
    path = written(tmp_path, b"a\n\nb\nc\n")
    assert messages(path, after=1) == [(3, b"b"), (4, b"c")]
    assert messages(path, after=3) == [(4, b"c")]
    assert messages(path, after=4) == []


def test_lines_come_whole_however_they_lie_on_chunks(tmp_path: Path) -> None:
    """A line may end, begin or stretch where one read of the file stops."""
    lines = [
        b"x" * length for length in (CHUNK_BYTES - 1, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 2, MESSAGE_BYTES_MAX)
    ]
    assert [line for _, line in messages(written(tmp_path, b"\n".join(lines) + b"\n"))] == lines
    assert [line for _, line in messages(written(tmp_path, b"\r\n".join(lines)))] == lines


def test_a_line_over_the_limit_is_refused_with_its_true_size_without_being_held(tmp_path: Path) -> None:
    """A line of 64 MB costs no more memory than the limit of a message, and the lines around it are read."""
    size = 64_000_000
    path = written(tmp_path, b"a\n" + b"x" * size + b"\nb\n")
    tracemalloc.start()
    read = messages(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MESSAGE_BYTES_MAX
    assert (read[0], read[2]) == ((1, b"a"), (3, b"b"))
    long = read[1][1]
    assert isinstance(long, Oversized)
    assert (len(long), long.size) == (MESSAGE_BYTES_MAX + 1, size)
    assert long.digest == sha256(b"x" * size).hexdigest()
    with pytest.raises(Unreadable) as refused:
        read_structured(long)
    assert refused.value.code == "TOO_LARGE"
    assert refused.value.message.startswith("64,000,000 bytes")


def test_a_long_line_of_blanks_is_not_dropped(tmp_path: Path) -> None:
    """Only its head is seen, so nobody knows that nothing follows; it gets a receipt."""
    [(number, line)] = messages(written(tmp_path, b" " * (MESSAGE_BYTES_MAX + 1)))
    assert (number, len(line)) == (1, MESSAGE_BYTES_MAX + 1)


def test_the_source_is_named_by_its_content(tmp_path: Path) -> None:
    """The same content under another name is the same source; other content under the same name is not."""
    path, copy = written(tmp_path, b"a\n"), tmp_path / "copy.jsonl"
    copy.write_bytes(b"a\n")
    with open_source(path) as source, open_source(str(copy)) as same:
        assert source.tracking_name == same.tracking_name == f"file:{sha256(b'a' + bytes([10])).hexdigest()}"
    written(tmp_path, b"b\n")
    with open_source(path) as other:
        assert other.digest == sha256(b"b\n").hexdigest()


def test_standard_input_is_read_like_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes through a pipe has the same name, lines and numbers as the file it came from."""
    content = b"a\n\nb"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    with open_source("-") as piped, open_source(written(tmp_path, content)) as source:
        assert (piped.tracking_name, piped.lines) == (source.tracking_name, source.lines)
        assert list(piped.messages(after=1)) == list(source.messages(after=1)) == [(3, b"b")]


def test_a_file_that_grows_while_it_is_read_is_not_believed(tmp_path: Path) -> None:
    """A writer that is not done is told apart from a file that is complete."""
    path = written(tmp_path, b"a\n" * CHUNK_BYTES)
    with open_source(path) as source:
        reading = source.messages()
        assert next(reading) == (1, b"a")
        with Path(path).open("ab") as file:
            file.write(b"b\n")
        with pytest.raises(FileUnreadable) as refused:
            list(reading)
    assert str(refused.value) == (
        f"{path}: was changed or replaced while it was read; "
        "wait until it is complete and give it again; what was taken in already is not taken in twice"
    )


def test_a_file_that_is_replaced_while_it_is_read_is_not_believed(tmp_path: Path) -> None:
    """Another file under the same name has another content, so what we know of the first is not true of it."""
    path = written(tmp_path, b"a\n")
    with open_source(path) as source:
        other = tmp_path / "other.jsonl"
        other.write_bytes(b"b\n")
        other.replace(path)
        with pytest.raises(FileUnreadable, match="changed or replaced"):
            list(source.messages())


def test_a_file_that_is_removed_while_it_is_read_is_not_believed(tmp_path: Path) -> None:
    """A name that is gone cannot be read again."""
    path = written(tmp_path, b"a\n")
    with open_source(path) as source:
        Path(path).unlink()
        with pytest.raises(FileUnreadable, match="changed or replaced"):
            list(source.messages())


def test_content_that_changes_under_an_unchanged_date_is_not_believed(tmp_path: Path) -> None:
    """Size and time can be forged; the digest of what was read cannot."""
    path = written(tmp_path, b"a\n")
    with open_source(path) as source:
        before = Path(path).stat()
        with Path(path).open("r+b") as file:
            file.write(b"b")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        with pytest.raises(FileUnreadable, match="changed or replaced"):
            list(source.messages())


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    """Who controls a link would choose what is posted."""
    link = tmp_path / "link.jsonl"
    link.symlink_to(written(tmp_path, b"a\n"))
    with pytest.raises(FileUnreadable) as refused:
        open_source(str(link))
    assert (refused.value.path, refused.value.reason) == (str(link), "is a symbolic link")


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    """A missing file, a directory and a pipe each have a reason of their own, and none is waited for."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reasons = {}
    for path in (tmp_path / "missing", tmp_path, pipe):
        with pytest.raises(FileUnreadable) as refused:
            open_source(str(path))
        assert refused.value.remedy
        reasons[path.name] = refused.value.reason
    assert reasons == {"missing": "does not exist", tmp_path.name: "is a directory", "pipe": "is not a regular file"}


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    """A problem of permission says so."""
    path = written(tmp_path, b"a\n")
    Path(path).chmod(0)
    with pytest.raises(FileUnreadable, match="may not be read; give this user read permission"):
        open_source(path)


def test_a_name_that_no_system_knows_is_refused_like_a_missing_file(tmp_path: Path) -> None:
    """A name too long for the system is an error about the file, not a crash."""
    with pytest.raises(FileUnreadable, match="cannot be read"):
        open_source(str(tmp_path / ("x" * 300)))


def test_the_errors_of_the_reader_stay_its_own(tmp_path: Path) -> None:
    """A full disk under the store is not blamed on the file that is read."""
    path = written(tmp_path, b"a\n")
    with pytest.raises(OSError, match="store is full"):
        _fail_on_the_first(path)
    assert messages(path) == [(1, b"a")]


def _fail_on_the_first(path: str) -> None:
    with open_source(path) as source:
        for _ in source.messages():
            raise OSError("store is full")
