"""What stands at a boundary: the reasons of a document, whole, to compare them with what they must be."""

from __future__ import annotations

from tests.given import Story

Objection = tuple[str, str, str | None, list[str]]
"""Code, severity, path, and what the reason waits for."""


def objections(story: Story, document: str = "i1") -> list[Objection]:
    """Return the reasons of the last decision about a document."""
    return [(reason.code, reason.severity, reason.path, list(reason.waits_for)) for reason in story.decision(document).reasons]


def messages(story: Story, document: str = "i1") -> list[str]:
    """Return what the reasons of the last decision about a document say."""
    return [reason.message for reason in story.decision(document).reasons]
