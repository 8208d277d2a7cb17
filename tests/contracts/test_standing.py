"""What stands too long, and what is not as it should be in accounting systems, on every store."""

from __future__ import annotations

from adapters.eventlog.store import Store
from adapters.standing import standing
from adapters.undelivered import Open, Undelivered
from tests.corpus.messages import SETTING, said
from tests.test_metrics import answer, keys, sales, take


def test_what_is_not_well_anywhere_is_told_by_its_state(store: Store) -> None:
    """Lost, and drifted long after it was confirmed: both are told, and what is to be sent again is pending again."""
    take(store, *SETTING, *sales("i1", "i2", "i3"))
    one, two, three = keys(store)
    watch = Undelivered(store, ("xero",))
    at = watch.look()["xero", "PENDING"].oldest_at
    booked = [answer("acknowledged", key, "xero", external_id=key) for key in (one, three)]
    take(store, *booked, answer("unanswered", two, "xero"))
    assert watch.look() == {("xero", "UNKNOWN"): Open(1, at)}
    take(store, answer("drifted", one, "xero", finding="MISSING"), answer("drifted", three, "elsewhere", finding="MISSING"))
    assert watch.look() == {("xero", "UNKNOWN"): Open(1, at), ("xero", "DRIFTED"): Open(1, at)}
    resolved = {"posting_key": one, "target": "xero", "resolution": "SEND_OURS", "by": "ann"}
    take(store, answer("acknowledged", two, "xero", external_id=two), said("postgate.drift.resolved.v1", resolved, id="resolved"))
    assert watch.look() == Undelivered(store, ("xero",)).look() == {("xero", "PENDING"): Open(1, at)}
    anew = {"posting_key": one, "target": "xero", "external_id": "another"}
    take(store, said("postgate.posting.acknowledged.v1", anew, id="anew"))
    assert watch.look() == {}
    assert [row[0] for row in _states(store)] == ["CONFIRMED"] * 3


def _states(store: Store) -> list[tuple[object, ...]]:
    with store.querying() as cursor:
        cursor.execute("SELECT state FROM view_deliveries WHERE target = 'xero'")
        return [tuple(row) for row in cursor.fetchall()]


def test_what_stands_too_long_is_told_apart(store: Store) -> None:
    """A document that is held since today is not stuck, one that came eight days ago is (N14)."""
    take(store, *SETTING, *sales("i1", "i2", customer="unlinked"))
    assert dict(standing(store, Undelivered(store, ())).stuck) == {}
    with store.noting() as cursor:
        cursor.execute("UPDATE view_documents SET since = '2017-01-01' WHERE document = 'i1'")
    assert dict(standing(store, Undelivered(store, ())).stuck) == {"REQUIRES_ATTENTION": 1}
