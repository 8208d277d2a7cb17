"""What holds whatever is said, also where facts take something away: conservation, balance, and one place for every document."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.eventlog.memory import MemoryLog
from engine.record import Recorded, decode, encode
from projections.memory import MemoryViews
from projections.views import VIEWS
from tests.properties.changing import changing_shops
from tests.properties.messages import Said, in_book
from tests.properties.shop import Shop, assert_right, batches, overlooked


@given(changing_shops())
def test_the_books_stay_right_through_all_changes(said: list[Said]) -> None:
    """After every message: journals balance, everything received is in one state, and states tell the ledger."""
    shop = Shop()
    for message in said:
        shop.hear(message)
        assert_right(shop)


@given(changing_shops())
def test_nothing_that_could_post_is_left_behind(said: list[Said]) -> None:
    """Whatever was given and taken away, every document that is held is held by something that is still so (I7)."""
    assert overlooked(Shop().hear_one_by_one(said)) == []


@given(changing_shops(), st.lists(st.integers(1, 20), min_size=1, max_size=4))
def test_a_replay_gives_the_views_that_stand(said: list[Said], cut: list[int]) -> None:
    """A fold of the whole log from its bytes gives the rows that were kept batch by batch."""
    shop = Shop()
    for batch in batches(said, cut):
        shop.hear(*batch)
    log = shop.log
    assert isinstance(log, MemoryLog)
    anew = MemoryViews()
    anew.fold([decode(recorded) for recorded in log.read(0, 1_000_000)])
    for view in VIEWS:
        assert list(anew.rows(view)) == list(log.views.rows(view)), view.name


@given(changing_shops())
def test_a_record_is_read_back_as_it_was_written(said: list[Said]) -> None:
    """What the log gives back is what happened, and writing it again gives the same bytes."""
    shop = Shop()
    for message in said:
        for told in shop.hear(message).happened:
            kept = encode(told)
            back = decode(Recorded(1, told.stream, told.version, told.kind, kept))
            assert (back.event, back.stream, back.version, back.sequence, back.is_fact) == (
                told.event,
                told.stream,
                told.version,
                told.sequence,
                told.is_fact,
            )
            assert type(back.event) is type(told.event)
            if not told.is_fact:
                assert encode(back) == kept


@given(st.data(), changing_shops(), changing_shops())
def test_a_book_is_as_it_would_be_alone(drawn: st.DataObject, left: list[Said], right: list[Said]) -> None:
    """Two books whose messages are interleaved are each what they would be without the other."""
    books = {"left": [in_book(message, "left") for message in left], "right": [in_book(message, "right") for message in right]}
    waiting = {name: list(messages) for name, messages in books.items()}
    together = Shop()
    while any(waiting.values()):
        name = drawn.draw(st.sampled_from([name for name, messages in waiting.items() if messages]))
        together.hear(waiting[name].pop(0))
    for name, messages in books.items():
        alone = Shop().hear_one_by_one(messages)
        assert _of(name, together) == _of(name, alone)


def _of(book: str, shop: Shop) -> list[tuple[str, int, int, object]]:
    """Return what happened in a book but for quarantine, whose streams are named by the place of a message in the source."""
    return [
        (told.stream, told.version, told.sequence, told.event)
        for told in shop.happened
        if told.book == book and "|quarantine|" not in told.stream
    ]
