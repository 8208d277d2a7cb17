"""Waits: which documents a touched key may release, with what this batch has already changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from engine.handling.intake import Touch
from engine.ports import Index, Waiting

KEYS_PER_QUERY_MAX = 500


class Waits:
    """The index of waiting documents for one batch: stored rows, loaded by key, under what the batch decided."""

    def __init__(self, index: Index) -> None:
        """Begin with nothing loaded."""
        self._index = index
        self._stored: dict[tuple[str, str], list[Waiting]] = {}
        self._keys_of: dict[str, tuple[int, frozenset[str]]] = {}
        self._by_key: dict[tuple[str, str], dict[str, int]] = {}

    def prefetch(self, book: str, keys: Collection[str]) -> None:
        """Load the documents that wait for any of the keys."""
        missing = [key for key in dict.fromkeys(keys) if (book, key) not in self._stored]
        for start in range(0, len(missing), KEYS_PER_QUERY_MAX):
            wanted = missing[start : start + KEYS_PER_QUERY_MAX]
            self._stored.update({(book, key): [] for key in wanted})
            for waiting in self._index.waiting(book, wanted):
                self._stored[book, waiting.key].append(waiting)

    def decided(self, stream: str, received: int, keys: Iterable[str]) -> None:
        """Note what a document waits for after a decision of this batch."""
        book = stream.partition("|")[0]
        self._keys_of[stream] = (received, frozenset(keys))
        for key in self._keys_of[stream][1]:
            self._by_key.setdefault((book, key), {})[stream] = received

    def released(self, book: str, touches: Iterable[Touch]) -> list[str]:
        """Return the documents that wait for what was touched, oldest first."""
        found: dict[str, int] = {}
        for touch in touches:
            for waiting in self._touched(book, touch):
                if waiting.stream not in self._keys_of or waiting.key in self._keys_of[waiting.stream][1]:
                    found[waiting.stream] = waiting.received
        return sorted(found, key=lambda stream: (found[stream], stream))

    def _touched(self, book: str, touch: Touch) -> list[Waiting]:
        if touch.last is None:
            self.prefetch(book, (touch.first,))
            fresh = self._by_key.get((book, touch.first), {})
            return [*self._stored[book, touch.first], *(Waiting(touch.first, name, received) for name, received in fresh.items())]
        between = [
            Waiting(key, name, received)
            for (other, key), streams in self._by_key.items()
            if other == book and touch.first <= key <= touch.last
            for name, received in streams.items()
        ]
        return [*self._index.waiting_between(book, touch.first, touch.last), *between]
