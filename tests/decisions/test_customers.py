"""Customers: what is recorded when something is said about one."""

from __future__ import annotations

from engine.streams.customers import CUSTOMERS
from schemas.inbound import (
    CustomerChanged,
    CustomerDeactivated,
    CustomerHeld,
    CustomerHoldReleased,
    CustomerMerged,
    CustomerReactivated,
    CustomerRegistered,
)
from tests.decisions.specification import Specification

CUSTOMER = Specification(CUSTOMERS)
ANN = CustomerRegistered(customer="c1", version=1, name="Ann")
ANN_2 = CustomerChanged(customer="c1", version=2, name="Ann Smith")
HELD = CustomerHeld.model_validate({"customer": "c1", "from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"})
FREED = CustomerHoldReleased(customer="c1")
MERGED = CustomerMerged(survivor="c2", merged=["c1"])
GONE, BACK = CustomerDeactivated(customer="c1"), CustomerReactivated(customer="c1")


def test_a_customer_is_registered() -> None:
    """The first record is news."""
    assert CUSTOMER.when(ANN).then_it_is_recorded().version == 1


def test_a_customer_may_begin_with_any_version() -> None:
    """A publisher may have counted before it met us."""
    assert CUSTOMER.when(ANN_2).then_it_is_recorded().version == 2


def test_a_change_is_recorded() -> None:
    """A higher version replaces a lower one, also with a gap between."""
    assert CUSTOMER.given(ANN).when(ANN_2).then_it_is_recorded().record == ANN_2
    CUSTOMER.given(ANN).when(ANN.model_copy(update={"version": 9})).then_it_is_recorded()


def test_an_older_version_is_outdated() -> None:
    """Late news about a customer changes nothing."""
    CUSTOMER.given(ANN, ANN_2).when(ANN).then_outdated()


def test_the_same_version_with_other_content_is_refused() -> None:
    """Nobody may guess which of two contents is true."""
    CUSTOMER.given(ANN).when(ANN.model_copy(update={"name": "Bob"})).then_refused("VERSION_CONFLICT")


def test_the_same_content_under_the_other_type_is_silent() -> None:
    """Registered and changed say the same thing of the same version."""
    CUSTOMER.given(ANN).when(CustomerChanged(customer="c1", version=1, name="Ann")).then_nothing()


def test_a_hold_is_recorded_and_ends() -> None:
    """A hold covers its first moment and not its last."""
    held = CUSTOMER.when(HELD).then_it_is_recorded().hold
    assert held is not None
    day = 86_400_000_000
    first = 1_767_225_600_000_000
    assert [held.covers(moment) for moment in (first - 1, first, first + day - 1, first + day)] == [False, True, True, False]
    assert CUSTOMER.given(HELD).when(FREED).then_it_is_recorded().hold is None


def test_another_hold_replaces_the_first() -> None:
    """There is one hold at a time."""
    CUSTOMER.given(HELD).when(CustomerHeld(customer="c1")).then_it_is_recorded()


def test_a_customer_without_a_hold_is_not_released() -> None:
    """There is nothing to release."""
    CUSTOMER.given(ANN).when(FREED).then_nothing()
    CUSTOMER.given(HELD, FREED).when(FREED).then_nothing()


def test_a_customer_is_merged_once() -> None:
    """The survivor is final; another survivor is refused."""
    assert CUSTOMER.given(ANN).when(MERGED).then_it_is_recorded().survivor == "c2"
    CUSTOMER.given(MERGED).when(CustomerMerged(survivor="c3", merged=["c1"])).then_refused("ALREADY_MERGED")


def test_a_customer_comes_and_goes() -> None:
    """Deactivated, it may be reactivated; what it is already is no news."""
    assert not CUSTOMER.given(ANN).when(GONE).then_it_is_recorded().active
    assert CUSTOMER.given(ANN, GONE).when(BACK).then_it_is_recorded().active
    CUSTOMER.given(ANN).when(BACK).then_nothing()
