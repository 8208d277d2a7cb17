"""What a transfer decides: that it was permitted, and where what is open of a document is owed from then on (O7)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.decided import Decided, Reason


class DocumentTransferred(Decided):
    """What is open of a document is owed by another account now: its money and credits follow there."""

    transfer: str
    account: str
    control: str
    class_: Annotated[str | None, Field(alias="class")] = None
    class_version: int | None = None


class TransferDecided(Decided):
    """A transfer was permitted: of how many documents, and by which rulebook; its journals follow."""

    documents: int
    reasons: list[Reason] = []
    version: int = 1
    rulebook: str
