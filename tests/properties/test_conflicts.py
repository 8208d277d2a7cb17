"""Two contents under one version: nobody may guess which is true, whichever came first (rulebook A3)."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.properties.messages import GENERIC, SHOP, Said, invoice, link, payment, unlink
from tests.properties.shop import Shop, assert_right

ONE, OTHER, THIRD = invoice(), invoice(nets=(500,)), invoice(nets=(700,))
UNLINKED = [message for message in SHOP if message != link()]


@pytest.mark.parametrize("order", list(permutations([ONE, OTHER, link()])))
def test_conflicting_version_all_permutations(order: tuple[Said, ...]) -> None:
    """In every order the document needs a person and nothing of it stands in the ledger."""
    _assert_disputed(Shop().hear_one_by_one([*UNLINKED, *order]))


@pytest.mark.parametrize("order", list(permutations([ONE, OTHER, THIRD, ONE])))
def test_more_contents_make_no_difference(order: tuple[Said, ...]) -> None:
    """A third content and repetitions of the first change nothing."""
    _assert_disputed(Shop().hear_one_by_one([*SHOP, *order]))


@pytest.mark.parametrize("order", list(permutations([ONE, OTHER, link(), unlink()])))
def test_links_that_come_and_go_do_not_release_a_conflict(order: tuple[Said, ...]) -> None:
    """The link was not what was missing."""
    _assert_disputed(Shop().hear_one_by_one([*UNLINKED, *order]))


@pytest.mark.parametrize("order", list(permutations([ONE, OTHER, *SHOP[-3:]])))
def test_a_conflict_within_one_batch_is_the_same(order: tuple[Said, ...]) -> None:
    """Both contents may come in the same batch as everything else."""
    shop = Shop()
    shop.hear(*SHOP[:-3], *order)
    _assert_disputed(shop)


@pytest.mark.parametrize("order", list(permutations([ONE, OTHER])))
def test_the_next_version_ends_a_conflict(order: tuple[Said, ...]) -> None:
    """The true content under the next version posts, and the disputed version is closed."""
    shop = Shop().hear_one_by_one([*SHOP, *order, invoice(version=2, nets=(600,))])
    assert (shop.state("document|i1#1"), shop.state("document|i1#2")) == ("CANCELLED", "POSTED")
    assert shop.net("shop|document|i1") == {("1100", "a1"): 720, ("4000", None): -600, ("2200", None): -120}
    assert_right(shop)


@pytest.mark.parametrize("order", list(permutations([payment(), payment(amount=700)])))
def test_money_said_twice_is_disputed_too(order: tuple[Said, ...]) -> None:
    """A payment under one id with two amounts needs a person, and nothing of it stands in the ledger."""
    shop = Shop().hear_one_by_one([*SHOP, *order])
    assert (shop.state("payment|p1#1"), shop.net("shop|payment|p1")) == ("REQUIRES_ATTENTION", {})
    assert "DOCUMENT_CONFLICT" in shop.codes("payment|p1#1")
    assert_right(shop)


def test_the_second_content_of_a_pending_version_is_a_conflict_too() -> None:
    """A version that waits for its predecessor is disputed before it is in force."""
    for order in permutations([invoice(version=2), invoice(version=2, nets=(500,)), ONE]):
        shop = Shop().hear_one_by_one([*SHOP, *order])
        assert (shop.state("document|i1#2"), shop.codes("document|i1#2")) == ("REQUIRES_ATTENTION", ["DOCUMENT_CONFLICT"])
        assert shop.net("shop|document|i1") == {}
        assert_right(shop)


def test_a_conflict_on_a_shared_debtor_is_the_same() -> None:
    """The route makes no difference."""
    paid = [{"tender": "cash", "amount": "12.00"}]
    for order in permutations([invoice(tenders=paid), invoice(nets=(500,)), GENERIC[-2]]):
        _assert_disputed(Shop().hear_one_by_one([*GENERIC[:-2], GENERIC[-1], *order]))


def _assert_disputed(shop: Shop) -> None:
    assert shop.state("document|i1#1") == "REQUIRES_ATTENTION"
    assert "DOCUMENT_CONFLICT" in shop.codes("document|i1#1")
    assert shop.net("shop|document|i1") == {}
    assert_right(shop)
