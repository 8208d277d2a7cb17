"""The table: every row of the design's nasty inputs as exact bytes with the receipt we owe, or why it is not here."""

from __future__ import annotations

from tests.corpus import content, form, order
from tests.corpus.case import DOOR, Case

__all__ = ["CASES", "DOOR", "ELSEWHERE", "Case"]

CASES: list[Case] = [
    *(*form.SHAPE_OF_BYTES, *form.HEADS),
    *(*content.FIELDS, *content.NUMBERS, *content.TEXTS, *content.TIMES),
    *order.ENGINE,
]

ELSEWHERE: dict[int, str] = {
    2: "A value that is null exists in Kafka only: tested in kafka/test_records and, on a broker, in kafka/test_ingesting.",
    5: "Compressed batches exist in Kafka only: tested in kafka/test_records and, on a broker, in kafka/test_ingesting.",
    65: "A credential that names a tenant exists over HTTP only.",
    70: "Content-Length, chunks and idempotency keys exist over HTTP only.",
    71: "Columns and quotes belong to CSV; the line over the limit and CR are tested for JSON Lines in test_files.",
    72: "A header row exists in CSV only.",
    74: "There is no XML adapter.",
    75: "There is no archive adapter.",
    76: "A file that is replaced, grows or is a link is tested in test_files: it is about reading, not about bytes.",
}
"""Rows without a case here, and why."""
