"""What only reads a store works on every database: a document is explained with what would release it, history is heard again."""

from __future__ import annotations

from adapters import auditing
from adapters.changes import Changes
from adapters.eventlog.store import Store
from adapters.ingest import Ingester
from adapters.simulation import Simulation
from tests import said
from tests.given import Story


def told(store: Store) -> None:
    """Take a shop into a store: one invoice without a link, one on a shared debtor that nobody paid."""
    story = Story().counter().customer("c2").invoice("i1", customer="c2").invoice("i2").invoice("i2", number="N-other")
    story.say(said.link("c1", "counter"))
    Ingester(store).ingest("file", enumerate(story.messages, 1))


def test_a_document_is_explained_with_what_would_release_it(store: Store) -> None:
    """The facts are found, and nothing is written."""
    told(store)
    head = store.head()
    explained = auditing.explain_stream(store, "shop|document|i1", head)
    assert explained is not None
    assert explained.release is not None
    assert [(fact.kind, fact.shown) for fact in explained.release.facts] == [("link.made", {"customer": "c2", "account": "?"})]
    assert store.head() == head


def test_history_is_heard_again(store: Store) -> None:
    """Without a change nothing differs; with one, what it releases is named; nothing is written."""
    told(store)
    head = store.head()
    assert Simulation(store, "shop", Changes()).run().differences() == []
    (found,) = (
        Simulation(store, "shop", Changes(fields={"COUNTER": {"behaviour": "ACCOUNT", "generic_account": None}}))
        .run()
        .differences()
    )
    assert (found.stream, found.change, found.reasons) == (
        "shop|document|i2",
        "held, would be held for other reasons",
        ("DOCUMENT_CONFLICT",),
    )
    assert store.head() == head
