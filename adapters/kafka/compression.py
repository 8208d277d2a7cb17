"""Compression: what was packed is opened up to a bound and not a byte further."""

from __future__ import annotations

import zlib
from importlib import import_module
from io import BytesIO

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
ZSTD_WINDOW_BYTES_MAX = 64 * 1024 * 1024
_XERIAL = b"\x82SNAPPY\0"
_XERIAL_HEAD = 16


class TooLarge(ValueError):
    """It would grow over the bound."""


def opened(packed: bytes, codec: int, bound: int) -> bytes:
    """Return what was packed. Raises TooLarge beyond the bound, ValueError for what cannot be opened."""
    if codec == GZIP:
        return _gzip(packed, bound)
    if codec == SNAPPY:
        return b"".join(_snappy(packed, bound))
    if codec == LZ4:
        return _lz4(packed, bound)
    if codec == ZSTD:
        return _zstd(packed, bound)
    raise ValueError(f"compression {codec} is not known")


def _gzip(packed: bytes, bound: int) -> bytes:
    parts, left = [], bound
    while packed:
        member = zlib.decompressobj(wbits=31)
        try:
            part = member.decompress(packed, left + 1)
        except zlib.error as error:
            raise ValueError(str(error)) from error
        parts.append(_within(part, left))
        left -= len(part)
        if not member.eof:
            raise ValueError("it breaks off")
        packed = member.unused_data
    return b"".join(parts)


def _snappy(packed: bytes, bound: int) -> list[bytes]:
    """Open blocks; each says first how large it will be."""
    snappy = import_module("snappy")
    if not packed.startswith(_XERIAL):
        blocks = [packed]
    else:
        blocks, at = [], _XERIAL_HEAD
        while at < len(packed):
            size = int.from_bytes(packed[at : at + 4], "big")
            blocks.append(packed[at + 4 : at + 4 + size])
            at += 4 + size
    if sum(map(_snappy_size, blocks)) > bound:
        raise TooLarge
    try:
        return [bytes(snappy.decompress(block)) for block in blocks]
    except snappy.UncompressError as error:
        raise ValueError(str(error)) from error


def _snappy_size(block: bytes) -> int:
    size = 0
    for place, byte in enumerate(block[:5]):
        size |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            return size
    raise ValueError("a block does not say how large it is")


def _lz4(packed: bytes, bound: int) -> bytes:
    frames = import_module("lz4.frame")
    parts, left = [], bound
    while packed:
        frame = frames.LZ4FrameDecompressor()
        try:
            part = bytes(frame.decompress(packed, max_length=left + 1))
        except (RuntimeError, EOFError) as error:
            raise ValueError(str(error)) from error
        parts.append(_within(part, left))
        left -= len(part)
        if not frame.eof:
            raise ValueError("it breaks off")
        packed = frame.unused_data or b""
    return b"".join(parts)


def _zstd(packed: bytes, bound: int) -> bytes:
    zstandard = import_module("zstandard")
    decompressor = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES_MAX)
    try:
        with decompressor.stream_reader(BytesIO(packed), read_across_frames=True) as reader:
            return _within(bytes(reader.read(bound + 1)), bound)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error


def _within(part: bytes, left: int) -> bytes:
    if len(part) > left:
        raise TooLarge
    return part
