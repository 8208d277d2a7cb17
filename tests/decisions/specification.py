"""Given, when, then: the smallest language in which a decider is specified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import pytest

from engine.decider import Decider
from engine.errors import Outdated, Refused
from schemas.shape import Shape

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class When(Generic[State]):
    """Something is said to a stream in a state."""

    decider: Decider[State]
    state: State
    said: Shape

    def then(self, *expected: Shape) -> State:
        """Expect exactly these events, and silence when the same is said again; return the state after them."""
        assert tuple(self.decider.decide(self.said, self.state)) == expected
        after = self.state
        for event in expected:
            after = self.decider.evolve(after, event)
        assert tuple(self.decider.decide(self.said, after)) == (), "said again, it must not be news"
        return after

    def then_it_is_recorded(self) -> State:
        """Expect that what was said is recorded as it was said."""
        return self.then(self.said)

    def then_nothing(self) -> None:
        """Expect silence."""
        assert tuple(self.decider.decide(self.said, self.state)) == ()

    def then_refused(self, code: str) -> None:
        """Expect a refusal under this code, with a remedy."""
        with pytest.raises(Refused) as caught:
            self.decider.decide(self.said, self.state)
        assert caught.value.code == code
        assert caught.value.remedy

    def then_outdated(self) -> None:
        """Expect that an older version is recognised as such."""
        with pytest.raises(Outdated):
            self.decider.decide(self.said, self.state)


@dataclass(frozen=True, slots=True)
class Specification(Generic[State]):
    """A decider with what has happened on its stream."""

    decider: Decider[State]
    happened: tuple[Shape, ...] = ()

    def given(self, *events: Shape) -> Specification[State]:
        """Begin with these events."""
        return Specification(self.decider, (*self.happened, *events))

    def when(self, said: Shape) -> When[State]:
        """Say something."""
        return When(self.decider, self.state, said)

    @property
    def state(self) -> State:
        """What the events add up to."""
        state = self.decider.initial
        for event in self.happened:
            state = self.decider.evolve(state, event)
        return state
