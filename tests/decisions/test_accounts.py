"""Account customers: opened whole, classed, merged."""

from __future__ import annotations

from engine.streams.accounts import ACCOUNTS
from schemas.events import TermsDefaulted
from schemas.inbound import AccountChanged, AccountMerged, AccountOpened, ClassAssigned, ClassUnassigned
from schemas.inbound.accounts import Terms
from tests.decisions.specification import Specification

ACCOUNT = Specification(ACCOUNTS)
OPENED = AccountOpened(account="a1", version=1, name="Ann", ledger_account="1100")
CHANGED = AccountChanged(account="a1", version=2, name="Ann", ledger_account="1100", terms=Terms(days=30))
TRADE = ClassAssigned.model_validate({"account": "a1", "class": "trade"})
CASH = ClassAssigned.model_validate({"account": "a1", "class": "cash"})
NO_TRADE = ClassUnassigned.model_validate({"account": "a1", "class": "trade"})
DEFAULTS = TermsDefaulted.model_validate({"class": "trade", "class_version": 1, "days": 14, "rule": "DAYS_AFTER_BILL_DATE"})


def test_an_account_is_opened_and_changed() -> None:
    """A higher version replaces a lower one."""
    ACCOUNT.when(OPENED).then_it_is_recorded()
    assert ACCOUNT.given(OPENED).when(CHANGED).then_it_is_recorded().version == 2


def test_an_older_version_is_outdated() -> None:
    """Late news changes nothing."""
    ACCOUNT.given(OPENED, CHANGED).when(OPENED).then_outdated()


def test_the_same_version_with_other_content_is_refused() -> None:
    """Nobody may guess which of two contents is true."""
    ACCOUNT.given(OPENED).when(OPENED.model_copy(update={"ledger_account": "1200"})).then_refused("VERSION_CONFLICT")


def test_an_account_has_one_class() -> None:
    """Another class replaces the one it has."""
    assert ACCOUNT.when(TRADE).then_it_is_recorded().assigned == "trade"
    assert ACCOUNT.given(TRADE).when(CASH).then_it_is_recorded().assigned == "cash"


def test_a_class_is_taken_away() -> None:
    """Only the class that the account has; without one there is nothing to take."""
    assert ACCOUNT.given(TRADE).when(NO_TRADE).then_it_is_recorded().assigned is None
    ACCOUNT.given(CASH).when(NO_TRADE).then_refused("CLASS_NOT_ASSIGNED")
    ACCOUNT.given(OPENED).when(NO_TRADE).then_nothing()


def test_an_account_is_merged_once() -> None:
    """The survivor is final."""
    assert ACCOUNT.when(AccountMerged(survivor="a2", merged=["a1"])).then_it_is_recorded().survivor == "a2"
    merged = ACCOUNT.given(AccountMerged(survivor="a2", merged=["a1"]))
    merged.when(AccountMerged(survivor="a3", merged=["a1"])).then_refused("ALREADY_MERGED")


def test_own_terms_come_before_those_of_the_class() -> None:
    """The terms copied from the first class count until the account has its own (C12)."""
    assert ACCOUNT.given(OPENED).state.terms is None
    assert ACCOUNT.given(OPENED, DEFAULTS).state.terms == Terms(days=14)
    assert ACCOUNT.given(OPENED, DEFAULTS, CHANGED).state.terms == Terms(days=30)
