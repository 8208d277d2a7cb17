"""Likeness: two accounts may be one when their names or tax ids are the same words (rulebook B13)."""

from __future__ import annotations

import pytest

from engine.facts.likeness import alike, grounds, name_key, tax_key
from schemas.inbound.accounts import AccountOpened


def account(name: str, tax_id: str | None = None, *, id_: str = "a", distinct_from: tuple[str, ...] = ()) -> AccountOpened:
    """Return an account's record."""
    return AccountOpened(
        account=id_, version=1, name=name, ledger_account="1100", tax_id=tax_id, distinct_from=list(distinct_from)
    )


@pytest.mark.parametrize("name", ["John Doe", "DOE, JOHN", "  doe \u2013  john.", "\uff2a\uff4f\uff48\uff4e Doe"])
def test_a_name_is_its_words(name: str) -> None:
    """Case, order, punctuation and the width of letters say nothing."""
    assert name_key(name) == "doe john"


@pytest.mark.parametrize(
    ("name", "key"), [("Johnny Doe", "doe johnny"), ("Doe John 123", "123 doe john"), ("Straße", "strasse"), ("…", "")]
)
def test_other_words_are_another_name(name: str, key: str) -> None:
    """Every word counts, numbers too; a name without a word is like no other."""
    assert name_key(name) == key


def test_a_tax_id_is_its_letters_and_digits() -> None:
    """Points, spaces and hyphens are how people write it."""
    assert [tax_key(text) for text in ("DE 123.456-7", "de1234567", "...", None)] == ["de1234567", "de1234567", None, None]


def test_the_tax_id_speaks_before_the_name() -> None:
    """Names are shared more often, so what both grounds say is told as the stronger one."""
    one, other = account("Acme", "DE1"), account("ACME", "de 1", id_="b")
    assert list(grounds(one)) == [("TAX_ID", "de1"), ("NAME", "acme")]
    assert [alike(one, other), alike(one, account("ACME", "DE2", id_="b")), alike(one, account("Other", id_="b"))] == [
        "TAX_ID",
        "NAME",
        None,
    ]


def test_a_name_is_no_tax_id() -> None:
    """What one calls itself and what another is taxed under are two things."""
    assert alike(account("de1"), account("Acme", "DE1", id_="b")) is None


@pytest.mark.parametrize(("mine", "theirs"), [(("b",), ()), ((), ("a",))])
def test_one_of_two_may_say_that_they_are_two(mine: tuple[str, ...], theirs: tuple[str, ...]) -> None:
    """Either record ends the doubt; one about somebody else does not."""
    assert alike(account("Acme", distinct_from=mine), account("Acme", id_="b", distinct_from=theirs)) is None
    assert alike(account("Acme", distinct_from=("c",)), account("Acme", id_="b")) == "NAME"
