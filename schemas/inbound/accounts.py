"""Account customers (debtors), the links that lead to them and the classes that give them posting rules."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.inbound.customers import AnalysisCodes, Channel, TaxExemption, checked_merge
from schemas.shape import Shape
from schemas.values import (
    DUNNING_LEVELS_MAX,
    MERGED_MAX,
    TRANSFERRED_MAX,
    Currency,
    Day,
    Decimal,
    Id,
    Name,
    Text,
    Threshold,
    Time,
    Version,
    instant,
)

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
    tolerance_days: Annotated[int, Field(ge=0, le=3650)] = 0


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
    head_office: Id | None = None
    collect_from: Id | None = None
    account_type: Literal["DEBTOR", "CLIENT"] = "DEBTOR"
    balance_type: Literal["OPEN_ITEM", "BALANCE_FORWARD"] = "OPEN_ITEM"
    lookup_code: Id | None = None
    short_heading: Name | None = None
    payment_method: Name | None = None
    payment_mode: Name | None = None
    payment_location: Name | None = None
    single_payment: bool = False
    bank_details: Name | None = None
    treasury_bank_account: Name | None = None
    discount_applies: bool = False
    accepts_credit_cards: bool = False
    accepts_cheques: bool = False
    vendor: Id | None = None
    priority: Name | None = None
    collection_agency: Name | None = None
    user_area: Text | None = None
    remarks: Text | None = None
    distinct_from: Annotated[list[Id], Field(max_length=50)] = []


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
    by: Name | None = None
    origin: Literal["UI", "POS", "RESOLVE", "IMPORT", "RULE"] | None = None


class LinkRemoved(Shape):
    """An operational customer owes through nobody; what was posted stays."""

    customer: Id
    reason: Text | None = None


class Interest(Shape):
    """What overdue invoices cost a year, in percent of `base`, from `grace_days` after their due date."""

    rate: Decimal
    days_in_year: Literal[360, 365] = 365
    base: Literal["REMAINING", "ORIGINAL"] = "REMAINING"
    minimum: Threshold = "0"
    grace_days: Annotated[int, Field(ge=0, le=365)] = 0
    include_disputed: bool = False

    @model_validator(mode="after")
    def is_not_paid_to_the_debtor(self) -> Interest:
        """Refuse a rate below zero."""
        if self.rate.startswith("-"):
            raise PydanticCustomError("SCHEMA_INVALID", "a rate is not below zero", {"place": "rate"})
        return self


class DunningLevel(Shape):
    """A letter that is sent from so many days after the due date, and what it costs the debtor."""

    level: Annotated[int, Field(ge=1, le=DUNNING_LEVELS_MAX)]
    days: Annotated[int, Field(ge=0, le=3650)]
    letter: Name


class Dunning(Shape):
    """Letters by level; one for each invoice, each level or each debtor; receipts on account may lower what is dunned."""

    levels: Annotated[list[DunningLevel], Field(min_length=1, max_length=DUNNING_LEVELS_MAX)]
    letter_per: Literal["INVOICE", "LEVEL", "CUSTOMER"] = "CUSTOMER"
    minimum: Threshold = "0"
    nets_receipts: bool = True

    @model_validator(mode="after")
    def levels_rise(self) -> Dunning:
        """Refuse levels that are named twice, or that come no later than a lower one."""
        ordered = sorted(self.levels, key=lambda each: each.level)
        if any(one.level == other.level or one.days >= other.days for one, other in pairwise(ordered)):
            raise PydanticCustomError("SCHEMA_INVALID", "a higher level comes after more days", {"place": "levels"})
        return self


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
    effective_from: Day | None = None
    detail: Literal["ITEMISED", "SUMMARY"] = "ITEMISED"
    billing_cycle: Literal["ON_DEMAND", "WEEKLY", "MONTHLY"] = "ON_DEMAND"
    zero_value: Literal["EXCLUDE", "HOLD"] | None = None
    negative_invoice: Literal["HOLD", "CREDIT_NOTE"] | None = None
    closed_period: Literal["HOLD", "ROLL_FORWARD"] | None = None
    interest: Interest | None = None
    dunning: Dunning | None = None
    abbreviation: Name | None = None
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
    by: Name | None = None


class ClassUnassigned(Shape):
    """An account customer has no posting rules."""

    account: Id
    class_: Annotated[Id, Field(alias="class")]


class AccountHeld(Shape):
    """An account customer is on hold, from and until given times or without an end."""

    account: Id
    from_: Annotated[Time | None, Field(alias="from")] = None
    until: Time | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def ends_after_it_begins(self) -> AccountHeld:
        """Refuse a hold that is over before it begins; `until` is the first moment after it."""
        if self.from_ and self.until and instant(self.until) <= instant(self.from_):
            raise PydanticCustomError("DATE", "the hold ends before it begins", {"place": "until"})
        return self


class AccountHoldReleased(Shape):
    """An account customer is no longer on hold."""

    account: Id
    reason: Text | None = None


class BalanceTransferred(Shape):
    """What is open on these documents is owed by another account from now on; history stays where it was posted."""

    transfer: Id
    date: Day
    from_account: Id
    to_account: Id
    documents: Annotated[list[Id], Field(min_length=1, max_length=TRANSFERRED_MAX)]
    by: Name
    reason: Text | None = None

    @model_validator(mode="after")
    def accounts_differ(self) -> BalanceTransferred:
        """Refuse a transfer from an account to itself, or of one document twice."""
        if self.from_account == self.to_account:
            raise PydanticCustomError("SCHEMA_INVALID", "the two accounts are one", {"place": "to_account"})
        if len(set(self.documents)) != len(self.documents):
            raise PydanticCustomError("DUPLICATE_LINE", "a document is named twice", {"place": "documents"})
        return self
