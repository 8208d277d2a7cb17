"""Rule family G: every line, tax, tender and branch has its place in the books."""

from __future__ import annotations

from engine.facts import mapping
from engine.firewall.facts import Facts
from engine.firewall.rule import SALES, Finding, rule
from engine.journal import charges_account


@rule("LINE_UNCLASSIFIED", "G1", SALES, remedy="give the product a product class, or the line an account")
def lines_are_classified(facts: Facts) -> Finding | None:
    """G1. Where the book keeps a catalogue, a free-text line or an unclassed product cannot post."""
    opened = facts.book.opened
    if not opened or not opened.policies.catalogue_required:
        return None
    sold = facts.sold
    for line in facts.subject.lines:
        if line.revenue_account is None and mapping.class_of(facts.book, line, sold) is None:
            keys = mapping.product_keys(line, sold)
            return Finding(f"line {line.line} has no product class", waits_for=keys, path=f"lines.{line.line}")
    return None


@rule("LINE_CLASS_DO_NOT_POST", "G2", SALES, remedy="change the behaviour of the product class, or the class of the line")
def classes_post(facts: Facts) -> Finding | None:
    """G2. Lines of a class that does not post need a person."""
    if "product_class" not in facts.book.kinds:
        return None
    if not any(value.behaviour == "DO_NOT_POST" for value in facts.book.product_classes):
        return None
    day, sold = facts.subject.business_date, facts.sold
    for line in facts.subject.lines:
        key = mapping.class_of(facts.book, line, sold)
        value = mapping.product_class(facts.book, key, day) if key else None
        if value and value.behaviour == "DO_NOT_POST":
            return Finding(
                f"line {line.line} is of class {key}, which does not post",
                (f"mapping:product_class:{key}",),
                f"lines.{line.line}",
            )
    return None


@rule(
    "REVENUE_ACCOUNT_UNMAPPED", "G5", SALES, remedy="define the revenue mapping of the product class, the branch, or the default"
)
def revenue_is_mapped(facts: Facts) -> Finding | None:
    """G5. Product class, then branch, then default: one of them names the revenue account."""
    if all(facts.places):
        return _charges(facts)
    missing = [line for line, place in zip(facts.subject.lines, facts.places, strict=True) if place is None]
    keys = dict.fromkeys(key for line in missing for key in mapping.revenue_keys(facts.book, line, facts.sold))
    message = f"{len(missing)} lines have no revenue account, the first is line {missing[0].line}"
    return Finding(message, waits_for=tuple(keys), path=f"lines.{missing[0].line}")


def _charges(facts: Facts) -> Finding | None:
    if not facts.subject.sums.charges or charges_account(facts.book, facts.subject.business_date):
        return None
    if mapping.suspense(facts.book):
        return None
    keys = ("mapping:revenue:charges", f"mapping:revenue:{mapping.DEFAULT}")
    return Finding("the charges have no revenue account", waits_for=keys, path="totals.charges")


@rule("TAX_CODE_UNMAPPED", "G6", SALES, remedy="define the tax mapping: postgate.mapping.defined of kind tax")
def tax_codes_are_mapped(facts: Facts) -> Finding | None:
    """G6, G9. Every component of tax has an account of its own; two taxes never collapse into one."""
    codes = dict.fromkeys([tax.code for line in facts.subject.lines for tax in line.tax])
    missing = [code for code in codes if mapping.tax_account(facts.book, code, facts.subject.business_date) is None]
    if missing and not mapping.suspense(facts.book):
        several = any(len(line.tax) > 1 and any(tax.code in missing for tax in line.tax) for line in facts.subject.lines)
        keys = tuple(f"mapping:tax:{code}" for code in missing)
        code = "TAX_COMPONENT_UNMAPPED" if several else "TAX_CODE_UNMAPPED"
        return Finding(f"tax codes without an account: {', '.join(missing)}", waits_for=keys, path="lines", code=code)
    return None


@rule(
    "TENDER_UNMAPPED", "G11", remedy="define the tender mapping with its clearing account, and a fee account where fees are taken"
)
def tenders_are_mapped(facts: Facts) -> Finding | None:
    """G11. Every means of payment has a bank or clearing account."""
    day, said = facts.subject.business_date, facts.subject
    used = [(tender.tender, tender.fee) for tender in said.invoice.tenders] if said.invoice else []
    if said.payment:
        used = [(said.payment.tender, said.payment.fee)]
    fees = facts.book.opened.control_accounts.fees if facts.book.opened else None
    if mapping.suspense(facts.book):
        return None
    for code, fee in used:
        value = mapping.tender_account(facts.book, code, day)
        if value is None:
            return Finding(f"tender {code} has no account", waits_for=(f"mapping:tender:{code}",), path="tenders")
        if fee is not None and value.fee_account is None and fees is None:
            return Finding(
                f"tender {code} takes a fee and has no fee account", waits_for=(f"mapping:tender:{code}",), path="tenders"
            )
    return None


@rule("BRANCH_UNMAPPED", "G12", remedy="define the branch mapping: postgate.mapping.defined of kind branch")
def branch_is_mapped(facts: Facts) -> Finding | None:
    """G12. Where the book maps branches at all, it maps this one."""
    branch = facts.subject.said.branch
    maps_branches = "branch" in facts.book.kinds
    if branch and maps_branches and facts.book.mapped("branch", branch, facts.subject.business_date) is None:
        return Finding(f"branch {branch} has no mapping", waits_for=(f"mapping:branch:{branch}",), path="branch")
    return None


RULES = (
    lines_are_classified, classes_post, revenue_is_mapped, tax_codes_are_mapped, tenders_are_mapped, branch_is_mapped,
)  # fmt: skip
