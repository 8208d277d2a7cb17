"""Account customers (debtors), the links that lead to them and the classes that give them posting rules."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from schemas.inbound.customers import AnalysisCodes, Channel, TaxExemption, checked_merge
from schemas.shape import Shape
from schemas.values import MERGED_MAX, Currency, Day, Id, Name, Text, Threshold, Version

CreditMode = Literal["WARN_ONLY", "WARN_AND_BLOCK", "BLOCK_ONLY", "NO_CHECK", "NOT_SET"]


class Terms(Shape):
    """How an invoice date becomes a due date."""

    days: Annotated[int, Field(ge=0, le=3650)]
    rule: Literal["DAYS_AFTER_BILL_DATE", "DAYS_AFTER_BILL_MONTH", "OF_CURRENT_MONTH", "OF_FOLLOWING_MONTH"] = (
        "DAYS_AFTER_BILL_DATE"
    )


class Credit(Shape):
    """Credit in the book's currency; no limit is unlimited, a limit of 0 is no credit."""

    limit: Threshold | None = None
    warning: Threshold | None = None
    overdue: Threshold | None = None
    days: Annotated[int, Field(ge=0, le=3650)] | None = None
    mode: CreditMode = "NOT_SET"


class AccountOpened(Shape):
    """An account customer, whole; a higher version replaces a lower one."""

    account: Id
    version: Version
    name: Name
    ledger_account: Id
    currency: Currency | None = None
    origin: Literal["CREATED", "IMPORTED"] = "CREATED"
    external_ref: Id | None = None
    generic: bool = False
    terms: Terms | None = None
    credit: Credit | None = None
    status: Literal["DRAFT", "OPEN", "HIDDEN", "SUSPENDED", "CLOSED"] = "OPEN"
    block: Literal["NONE", "SHIP", "INVOICE", "ALL"] = "NONE"
    stop_credit: bool = False
    standing: Literal["ACTIVE", "DELINQUENT", "DISPUTED"] = "ACTIVE"
    revenue_account: Id | None = None
    offset_account: Id | None = None
    discount_account: Id | None = None
    interest_account: Id | None = None
    fx_account: Id | None = None
    interest_applies: bool = False
    tax_id: Name | None = None
    tax_exemptions: Annotated[list[TaxExemption], Field(max_length=50)] = []
    analysis_codes: AnalysisCodes = {}
    remarks: Text | None = None


class AccountChanged(AccountOpened):
    """An account customer as it is now, whole."""


class AccountMerged(Shape):
    """Several account customers were one; new documents of the merged go to the survivor."""

    survivor: Id
    merged: Annotated[list[Id], Field(min_length=1, max_length=MERGED_MAX)]

    @model_validator(mode="after")
    def survivor_is_another(self) -> AccountMerged:
        """Refuse an account that is merged into itself."""
        checked_merge(self.survivor, self.merged)
        return self


class LinkMade(Shape):
    """An operational customer owes through this account customer."""

    customer: Id
    account: Id
    effective_from: Day | None = None


class LinkRemoved(Shape):
    """An operational customer owes through nobody; what was posted stays."""

    customer: Id
    reason: Text | None = None


class ClassDefined(Shape):
    """Posting rules under a name, whole; a higher version replaces a lower one, forward only."""

    class_: Annotated[Id, Field(alias="class")]
    version: Version
    name: Name
    behaviour: Literal["ACCOUNT", "GENERIC", "ASK"]
    generic_account: Id | None = None
    batch_billing: bool = False
    account_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/-]{1,16}$")] | None = None
    invoice_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/-]{1,16}$")] | None = None
    default_terms: Terms | None = None
    default_credit_limit: Threshold | None = None
    credit_mode: CreditMode = "NOT_SET"
    channels: Annotated[list[Channel], Field(max_length=3)] = []
    payment_required: bool = True
    description: Text | None = None


class ClassRevised(ClassDefined):
    """A new version of a class."""


class ClassDeactivated(Shape):
    """A class that may not be assigned any more."""

    class_: Annotated[Id, Field(alias="class")]


class ClassAssigned(Shape):
    """An account customer takes the posting rules of a class."""

    account: Id
    class_: Annotated[Id, Field(alias="class")]


class ClassUnassigned(Shape):
    """An account customer has no posting rules."""

    account: Id
    class_: Annotated[Id, Field(alias="class")]
