"""Rule family B: from the operational customer, along merges and links, to the account customer that owes."""

from __future__ import annotations

from engine.firewall.facts import Facts
from engine.firewall.identity import awaited, dependent
from engine.firewall.rule import SALES, Finding, rule
from engine.firewall.standing import debtor
from engine.streams.links import Linked


@rule("CUSTOMER_UNKNOWN", "B2", severity="WAIT", remedy="publish postgate.customer.registered for it")
def customer_is_known(facts: Facts) -> Finding | None:
    """B2. A customer that was never announced may be a typing error."""
    for party in facts.parties:
        if party.customer.record is None:
            return awaited(facts, f"customer {party.id} was never registered", f"customer:{party.id}")
    return None


@rule("CUSTOMER_INCOMPLETE", "B3", SALES, overridable=True, remedy="complete the customer's record")
def customer_is_complete(facts: Facts) -> Finding | None:
    """B3. A service customer needs a contact and a full billing address, where the book asks for it."""
    invoice = facts.subject.invoice
    opened = facts.book.opened
    if not invoice or invoice.channel != "SERVICE" or not opened or not opened.policies.service_address_required:
        return None
    record = facts.parties[0].customer.record if facts.parties else None
    if record is None:
        return None
    named = record.contact_name and record.first_name and record.last_name
    if not named or not any(address.use == "BILLING" and address.city for address in record.addresses):
        message = f"customer {record.customer} has no contact with first and last name, or no full billing address"
        return Finding(message, waits_for=(f"customer:{facts.parties[0].id}",))
    return None


@rule("INVOICE_TO_CHAIN", "B8", remedy="let the customer be invoiced through one that has an account of its own")
def invoiced_in_one_hop(facts: Facts) -> Finding | None:
    """B8. The customer invoiced may not itself be invoiced through another."""
    payer = facts.parties[-1] if len(facts.parties) > 1 else None
    if payer and payer.customer.record and payer.customer.record.invoice_to:
        keys = (f"customer:{payer.id}", f"customer:{facts.parties[0].id}")
        return Finding(f"customer {payer.id} is itself invoiced through {payer.customer.record.invoice_to}", waits_for=keys)
    return None


@rule("LINK_MISSING", "B1", remedy="link the customer: postgate link CUSTOMER ACCOUNT")
def customer_is_linked(facts: Facts) -> Finding | None:
    """B1, B7. Without a link nobody owes the document, so it may not reach the ledger."""
    if not facts.parties or dependent(facts):
        return None
    payer = facts.parties[-1]
    link = payer.link
    if not isinstance(link, Linked):
        remedy = f"link the customer: postgate link {payer.id} ACCOUNT"
        keys = tuple(dict.fromkeys((f"link:{payer.id}", *(f"customer:{party.id}" for party in facts.parties))))
        return Finding(f"customer {payer.id} is linked to no account customer", waits_for=keys, remedy=remedy)
    if link.effective_from and facts.subject.date < link.effective_from:
        message = f"customer {payer.id} is linked from {link.effective_from} on, the document is dated {facts.subject.date}"
        return Finding(message, waits_for=(f"link:{payer.id}",))
    return None


@rule("LINK_CURRENCY_MISMATCH", "B10", remedy="link the customer to an account of its currency")
def link_keeps_the_currency(facts: Facts) -> Finding | None:
    """B10. A customer and its account with different fixed currencies do not belong together."""
    record = facts.parties[-1].customer.record if facts.parties else None
    account = facts.account.record
    if (
        record
        and account
        and record.currency
        and account.currency
        and record.currency != account.currency
        and not dependent(facts)
    ):
        message = f"customer {record.customer} trades in {record.currency}, account {account.account} in {account.currency}"
        keys = (f"customer:{record.customer}", f"account:{account.account}", f"link:{record.customer}")
        return Finding(message, waits_for=keys)
    return None


@rule(
    "ACCOUNT_UNKNOWN",
    "B2",
    severity="WAIT",
    remedy="publish postgate.account.opened for it, or import it from the accounting system",
)
def account_is_known(facts: Facts) -> Finding | None:
    """B2. A link leads to an account customer that was announced."""
    if facts.account_id and facts.account.record is None:
        return awaited(facts, f"account {facts.account_id} was never opened", f"account:{facts.account_id}")
    return None


@rule("ACCOUNT_CUSTOMER_NOT_SYNCED", "B11", severity="WAIT", remedy="wait for the accounting system to create the account")
def account_exists_in_accounting(facts: Facts) -> Finding | None:
    """B11. Where a book waits for it, the account must exist in the accounting system first."""
    record, opened = debtor(facts), facts.book.opened
    if record and opened and opened.policies.account_sync == "WAIT" and record.origin == "CREATED" and not record.external_ref:
        return Finding(
            f"account {record.account} has no reference in the accounting system", waits_for=(f"account:{record.account}",)
        )
    return None


@rule("ANONYMOUS_NO_DEFAULT", "B14", remedy="give the branch or the book a default GENERIC class, or name the customer")
def anonymous_sale_has_a_default(facts: Facts) -> Finding | None:
    """B14. A sale without a customer goes to the shared debtor of its branch, if there is one."""
    if not facts.anonymous or facts.class_id or dependent(facts):
        return None
    branch = getattr(facts.subject.said, "branch", None)
    keys = (f"mapping:branch:{branch}",) if branch else ()
    return Finding("the document names no customer and no default class takes it", waits_for=(*keys, "book:"))


RULES = (
    customer_is_known, customer_is_complete, invoiced_in_one_hop, customer_is_linked, link_keeps_the_currency,
    account_is_known, account_exists_in_accounting, anonymous_sale_has_a_default,
)  # fmt: skip
