"""Books: one set of accounts, its control accounts, policies, mappings and periods."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from schemas.shape import AT_THE_DOOR, Shape
from schemas.values import HOUR_PATTERN, PERIODS_APART_PATTERN, Code, Currency, Day, Decimal, Id, Name, Threshold, scaled

_TOLERANCE, _RATE = {"place": "rate_tolerance"}, {"place": "value.rate"}


class ControlAccounts(Shape):
    """The ledger accounts the engine itself posts to; `deposits` is a liability."""

    receivable: Id
    deposits: Id
    rounding: Id
    suspense: Id | None = None
    fx_difference: Id | None = None
    discount: Id | None = None
    interest: Id | None = None
    fees: Id | None = None
    cash_rounding: Id | None = None
    cutover: Id | None = None


class Policies(Shape):
    """A book's choices where the rulebook leaves one; each default is the rulebook's."""

    period_control: Literal["OPEN_UNLESS_CLOSED", "CLOSED_UNLESS_OPENED"] = "OPEN_UNLESS_CLOSED"
    closed_period: Literal["HOLD", "ROLL_FORWARD"] = "HOLD"
    dates_from: Day | None = None
    dates_to: Day | None = None
    future_days_max: Annotated[int, Field(ge=0, le=3650)] = 1
    cutover: Day | None = None
    zero_value: Literal["EXCLUDE", "HOLD"] = "EXCLUDE"
    negative_invoice: Literal["HOLD", "CREDIT_NOTE"] = "HOLD"
    unreferenced_credit: Literal["HOLD", "POST"] = "HOLD"
    account_sync: Literal["CREATE_ON_FIRST_POSTING", "WAIT"] = "CREATE_ON_FIRST_POSTING"
    anonymous_class: Id | None = None
    post_to_suspended: bool = False
    inactive_class: Literal["HOLD", "POST"] = "HOLD"
    disputed: Literal["WARN", "HOLD"] = "WARN"
    delinquent: Literal["WARN", "HOLD"] = "WARN"
    rounding_max: Threshold = "0"
    payment_tolerance: Threshold = "0"
    dependency_days_max: Annotated[int, Field(ge=0, le=3650)] = 7
    service_address_required: bool = False
    catalogue_required: bool = False
    credit_mode: Literal["WARN_ONLY", "WARN_AND_BLOCK", "BLOCK_ONLY", "NO_CHECK"] = "WARN_ONLY"
    credit_counts_held: bool = True
    overdue_min: Threshold = "0"
    rate_source: Literal["DOCUMENT", "TABLE"] = "DOCUMENT"
    rate_tolerance: Decimal | None = None
    tax_period: Literal["HOLD", "WARN", "IGNORE"] = "HOLD"
    open_periods: Annotated[str, Field(pattern=PERIODS_APART_PATTERN)] | None = None
    period_close: Literal["RECORD", "ACKNOWLEDGE"] = "RECORD"
    day_begins: Annotated[str, Field(pattern=HOUR_PATTERN)] = "00:00"
    suspense: Literal["HOLD", "POST"] = "HOLD"
    posting_mode: Literal["PERMANENT", "PROVISIONAL", "HELD"] = "PERMANENT"
    tax_exemptions: Literal["SAID", "RECORDED"] = "SAID"
    duplicate_accounts: Literal["IGNORE", "WARN", "HOLD"] = "IGNORE"
    balance_by: Annotated[list[Id], Field(max_length=10)] = []
    four_eyes: bool = False
    release_roles: Annotated[dict[Code, Annotated[list[Name], Field(min_length=1, max_length=20)]], Field(max_length=100)] = {}

    @model_validator(mode="after")
    def tolerates_something_or_nothing(self, reading: ValidationInfo) -> Policies:
        """Refuse a tolerance below zero: no rate would ever be near enough."""
        if reading.context is AT_THE_DOOR and self.rate_tolerance is not None and scaled(self.rate_tolerance)[0] < 0:
            raise PydanticCustomError("AMOUNT_RANGE", "must not be below zero; 0 takes the rate of the table alone", _TOLERANCE)
        return self


class BookOpened(Shape):
    """A set of accounts begins: its currency, control accounts, time zone and policies."""

    base_currency: Currency
    control_accounts: ControlAccounts
    timezone: Name
    policies: Policies = Policies()


MappingKind = Literal[
    "revenue",
    "tax",
    "tender",
    "branch",
    "product_class",
    "dimension_policy",
    "product",
    "unit",
    "ledger_account",
    "rate",
    "dimension",
]


class MappingValue(Shape):
    """What a source code stands for in the books; which fields count depends on the kind of mapping.

    revenue: account, dimensions. tax: account, rate, code. tender: account, refund_account, fee_account, liability,
    clears_after_days. branch: dimensions,
    generic_class, account (its default revenue). product_class: behaviour, account, department, accounts. product: product_class
    (key `default:CHANNEL` or `default`: of lines of free text).
    dimension_policy: dimensions to MANDATORY, OPTIONAL or PROHIBITED. unit: base, factor. ledger_account: status,
    taxes_refused. rate: rate, above zero, of one unit of the currency in the book's. dimension: status, of the code `NAME:CODE`.
    """

    account: Id | None = None
    fee_account: Id | None = None
    code: Id | None = None
    rate: Decimal | None = None
    liability: bool = False
    generic_class: Id | None = None
    behaviour: Literal["DO_NOT_POST", "DIRECT", "DEPARTMENTAL"] | None = None
    product_class: Id | None = None
    dimensions: dict[Id, Id] = {}
    base: Id | None = None
    factor: Decimal | None = None
    status: Literal["OPEN", "SUSPENDED", "CLOSED"] | None = None
    refund_account: Id | None = None
    clears_after_days: Annotated[int, Field(ge=1, le=365)] | None = None
    department: Id | None = None
    accounts: Annotated[dict[Literal["WEB", "POS", "SERVICE"], Id], Field(max_length=3)] = {}
    taxes_refused: Annotated[list[Id], Field(max_length=50)] = []


class MappingDefined(Shape):
    """A source code is given its place in the books; forward only, held documents are judged anew."""

    kind: MappingKind
    key: Id
    value: MappingValue
    effective_from: Day | None = None

    @model_validator(mode="after")
    def a_rate_has_one(self, reading: ValidationInfo) -> MappingDefined:
        """Refuse a currency without a rate, or with one that makes its money worth nothing."""
        if reading.context is not AT_THE_DOOR or self.kind != "rate":
            return self
        if self.value.rate is None:
            told = "is required for a rate; write what one unit of the currency is worth in the book's, such as 0.8526"
            raise PydanticCustomError("SCHEMA_INVALID", told, _RATE)
        if scaled(self.value.rate)[0] <= 0:
            raise PydanticCustomError("AMOUNT_RANGE", "must be above zero: one unit of the currency is worth something", _RATE)
        return self


class PeriodOpened(Shape):
    """Days `from`..`to`, both included, take postings."""

    period: Id
    from_: Annotated[Day, Field(alias="from")]
    to: Day
    acknowledged: bool = False
    by: Name | None = None

    @model_validator(mode="after")
    def ends_after_it_begins(self) -> PeriodOpened:
        """Refuse days that run backwards; one day is a period."""
        if self.to < self.from_:
            raise PydanticCustomError("DATE", "the period ends before it begins", {"place": "to"})
        return self


class PeriodLocked(PeriodOpened):
    """Operational postings are refused in these days; accountants may still release into them."""


class PeriodClosed(PeriodOpened):
    """Nobody posts in these days."""


class PeriodReopened(PeriodOpened):
    """A locked or closed period takes postings again."""


class TaxPeriodClosed(Shape):
    """The tax return of days `from`..`to` was made; what is dated in them is held or marked."""

    period: Id
    from_: Annotated[Day, Field(alias="from")]
    to: Day
    by: Name | None = None

    @model_validator(mode="after")
    def ends_after_it_begins(self) -> TaxPeriodClosed:
        """Refuse days that run backwards."""
        if self.to < self.from_:
            raise PydanticCustomError("DATE", "the period ends before it begins", {"place": "to"})
        return self


class TaxPeriodReopened(TaxPeriodClosed):
    """The tax return of these days will be made again."""
