"""Operational customers: who the business sells to; they never reach the accounting system themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.shape import Shape
from schemas.values import MERGED_MAX, Currency, Day, Id, Name, Text, Threshold, Time, Version, instant


class Address(Shape):
    """A postal address; `use` says what for."""

    use: Literal["BILLING", "REGISTERED", "LINK", "DELIVERY", "ACKNOWLEDGEMENT", "INVOICE"]
    lines: Annotated[list[Name], Field(min_length=1, max_length=6)]
    city: Name | None = None
    region: Name | None = None
    postcode: Name | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None


class Contact(Shape):
    """A way to reach somebody."""

    type: Literal["PHONE", "MOBILE", "EMAIL", "OTHER"]
    value: Name
    main: bool = False
    location: Name | None = None
    description: Text | None = None


class TaxExemption(Shape):
    """A tax this party does not pay, and while what is true."""

    tax: Id
    certificate: Name | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None

    @model_validator(mode="after")
    def ends_after_it_begins(self) -> TaxExemption:
        """Refuse days that run backwards."""
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise PydanticCustomError("DATE", "the exemption ends before it begins", {"place": "valid_to"})
        return self


AnalysisCodes = Annotated[dict[Annotated[str, Field(pattern=r"^([1-9]|10)$")], Id], Field(max_length=10)]
Channel = Literal["WEB", "POS", "SERVICE"]


class CustomerRegistered(Shape):
    """A customer as its system knows it, whole; a higher version replaces a lower one."""

    customer: Id
    version: Version
    name: Name
    short_name: Name | None = None
    code: Id | None = None
    reference: Name | None = None
    contact_name: Name | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    addresses: Annotated[list[Address], Field(max_length=10)] = []
    contacts: Annotated[list[Contact], Field(max_length=20)] = []
    site_of: Id | None = None
    customer_group: Id | None = None
    ownership_type: Name | None = None
    preferred_language: Name | None = None
    status: Literal["ACTIVE", "DELINQUENT", "DISPUTED"] = "ACTIVE"
    channels: Annotated[list[Channel], Field(max_length=3)] = []
    currency: Currency | None = None
    tax_id: Name | None = None
    tax_group: Id | None = None
    tax_exemptions: Annotated[list[TaxExemption], Field(max_length=50)] = []
    order_number_required: bool = False
    invoice_to: Id | None = None
    block: Literal["NONE", "SHIP", "INVOICE", "ALL"] = "NONE"
    do_not_post: bool = False
    analysis_codes: AnalysisCodes = {}
    salesperson: Id | None = None
    warehouse: Id | None = None
    branch: Id | None = None
    ship_to: Id | None = None
    employees: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    annual_turnover: Threshold | None = None
    established: Annotated[int, Field(ge=1000, le=2100)] | None = None
    remarks: Text | None = None


class CustomerChanged(CustomerRegistered):
    """A customer as its system knows it now, whole."""


class CustomerHeld(Shape):
    """A customer is on hold, from and until given times or without an end."""

    customer: Id
    from_: Annotated[Time | None, Field(alias="from")] = None
    until: Time | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def ends_after_it_begins(self) -> CustomerHeld:
        """Refuse a hold that is over before it begins; `until` is the first moment after it."""
        if self.from_ and self.until and instant(self.until) <= instant(self.from_):
            raise PydanticCustomError("DATE", "the hold ends before it begins", {"place": "until"})
        return self


class CustomerHoldReleased(Shape):
    """A customer is no longer on hold."""

    customer: Id
    reason: Text | None = None


class CustomerMerged(Shape):
    """Several customers were one; new documents of the merged go to the survivor."""

    survivor: Id
    merged: Annotated[list[Id], Field(min_length=1, max_length=MERGED_MAX)]

    @model_validator(mode="after")
    def survivor_is_another(self) -> CustomerMerged:
        """Refuse a customer that is merged into itself."""
        checked_merge(self.survivor, self.merged)
        return self


def checked_merge(survivor: str, merged: list[str]) -> None:
    """Raise when somebody is merged into itself."""
    if survivor in merged:
        raise PydanticCustomError("SCHEMA_INVALID", "the survivor cannot be among the merged", {"place": "survivor"})


class CustomerDeactivated(Shape):
    """A customer is no longer sold to."""

    customer: Id
    reason: Text | None = None


class CustomerReactivated(CustomerDeactivated):
    """A customer is sold to again."""
