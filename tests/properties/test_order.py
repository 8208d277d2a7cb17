"""Order and repetition do not matter where they must not (law 5)."""

from __future__ import annotations

from hypothesis import event, given
from hypothesis import strategies as st

from tests.properties.additive import orders, shops
from tests.properties.messages import Said, renamed
from tests.properties.shop import Shop, assert_right, batches, overlooked

sizes = st.lists(st.integers(1, 9), min_size=1, max_size=4)


@given(st.data(), shops())
def test_any_order_and_repetition_gives_the_same_postings(drawn: st.DataObject, said: list[Said]) -> None:
    """Facts that add give the same postings, to the line, and the same states, in any order, however often they are said."""
    tidy = Shop().hear_one_by_one(said)
    for state in set(tidy.states_of.values()):
        event(state)
    heard = Shop().hear_one_by_one(drawn.draw(orders(said)))
    assert heard.postings == tidy.postings
    assert heard.states_of == tidy.states_of
    assert [overlooked(tidy), overlooked(heard)] == [[], []]


@given(st.data(), shops(), sizes)
def test_batches_and_sources_do_not_matter(drawn: st.DataObject, said: list[Said], cut: list[int]) -> None:
    """Cut into batches of any size and spread over several sources, the same messages give the same."""
    tidy = Shop().hear_one_by_one(said)
    shop = Shop()
    for batch in batches(drawn.draw(orders(said)), cut):
        shop.hear(*batch, source=drawn.draw(st.sampled_from(["till", "web", "files"])))
    assert shop.postings == tidy.postings
    assert shop.states_of == tidy.states_of


@given(shops(), sizes)
def test_the_same_order_in_other_batches_gives_the_same_log(said: list[Said], cut: list[int]) -> None:
    """Where a batch ends leaves no trace in what happened: the same events on the same streams, in the same order."""
    alone, batched = Shop().hear_one_by_one(said), Shop()
    for batch in batches(said, cut):
        batched.hear(*batch)
    assert [(told.stream, told.version, told.event) for told in batched.happened] == [
        (told.stream, told.version, told.event) for told in alone.happened
    ]


@given(st.data(), shops())
def test_the_books_are_right_after_every_message(drawn: st.DataObject, said: list[Said]) -> None:
    """Whatever has arrived so far: journals balance, everything received is somewhere, and states tell the ledger."""
    shop = Shop()
    for message in drawn.draw(orders(said)):
        shop.hear(message)
        assert_right(shop)


@given(shops())
def test_saying_everything_again_is_silent(said: list[Said]) -> None:
    """Deciding twice records nothing: the same messages from another source, and the same contents under new ids."""
    shop = Shop().hear_one_by_one(said)
    head = shop.log.head()
    receipts = shop.hear(*said, source="again").receipts
    assert {receipt.verdict for receipt in receipts} <= {"DUPLICATE", "STALE"}
    anew = shop.hear(*(renamed(message, f"new-{number}") for number, message in enumerate(said)), source="anew").receipts
    assert {receipt.verdict for receipt in anew} <= {"DUPLICATE", "STALE"}
    assert shop.log.head() == head
