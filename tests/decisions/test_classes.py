"""Classes: defined in versions, forward only."""

from __future__ import annotations

from engine.streams.classes import CLASSES
from schemas.inbound import ClassDeactivated, ClassDefined, ClassRevised
from tests.decisions.specification import Specification

CLASS = Specification(CLASSES)


def defined(version: int = 1, behaviour: str = "ACCOUNT", **rest: object) -> ClassDefined:
    """Return a definition."""
    shape = ClassDefined if version == 1 else ClassRevised
    return shape.model_validate({"class": "k", "version": version, "name": "K", "behaviour": behaviour, **rest})


def test_a_class_is_defined_and_revised() -> None:
    """A revision is a higher version."""
    CLASS.when(defined()).then_it_is_recorded()
    assert CLASS.given(defined()).when(defined(2, "ASK")).then_it_is_recorded().version == 2


def test_an_older_version_is_outdated() -> None:
    """Revisions act forward only (C14)."""
    CLASS.given(defined(), defined(2)).when(defined()).then_outdated()


def test_the_same_version_with_other_rules_is_refused() -> None:
    """A version says one thing."""
    CLASS.given(defined()).when(defined(1, "ASK")).then_refused("VERSION_CONFLICT")


def test_a_shared_debtor_does_not_bill_in_batches() -> None:
    """One asks for payment later, the other before (C8)."""
    CLASS.when(defined(1, "GENERIC", generic_account="g", batch_billing=True)).then_refused("CLASS_INVALID_COMBINATION")


def test_a_generic_class_names_its_account() -> None:
    """Without the shared account nobody would owe."""
    CLASS.when(defined(1, "GENERIC")).then_refused("CLASS_INVALID_COMBINATION")
    CLASS.when(defined(1, "GENERIC", generic_account="g")).then_it_is_recorded()


def test_a_class_is_deactivated_once() -> None:
    """Also when it was only spoken about."""
    gone = ClassDeactivated.model_validate({"class": "k"})
    assert not CLASS.given(defined()).when(gone).then_it_is_recorded().active
    CLASS.when(gone).then_it_is_recorded()
