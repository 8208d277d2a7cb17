"""Joining: an answer that comes while nobody polls is kept for the next poll, instead of asking the whole group again.

In the library a member whose join ends between two polls throws the answer away and joins anew; all others must then join
again too, and members that are busy between their polls never come to rest.
"""

from __future__ import annotations

from typing import Any

from kafka.coordinator.consumer import ConsumerCoordinator


class Joining(ConsumerCoordinator):  # type: ignore[misc]
    """The library's coordinator, which forgets no answer. An existing coordinator is made one by its class."""

    _answered: tuple[Any, bytes] | None = None

    async def _do_join_and_sync_async(self) -> bytes:
        """Return what the group answered to the last attempt if nobody took it yet, else join."""
        answered, self._answered = self._answered, None
        if answered is not None and answered[0] is self._generation:
            return answered[1]
        assignment: bytes = await super()._do_join_and_sync_async()
        self._answered = (self._generation, assignment)
        return assignment

    async def _on_join_complete_async(self, *told: Any) -> None:
        """Take the answer."""
        self._answered = None
        await super()._on_join_complete_async(*told)
