"""The page of reasons, engine/firewall/README.md: the catalogue of what holds documents, as people read it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from engine.firewall.catalogue import Entry, catalogue

_HEAD = """\
# Reasons

*Generated from the rules by `python -m tests.rules.examples`; a test compares. Do not edit.*

Why a document does not post, or posts with a remark: every code that the firewall gives, in the order in which `explain` and
`held` put them, so that what must be mended first comes first. Why a message is refused at the door is in
[schemas/README.md](../../schemas/README.md#codes). `postgate reasons CODE` shows one with the messages that make it, and
`postgate reasons CODE --example | postgate ingest -` makes it in an empty store.

HOLD waits for a person, WAIT for something that is expected to come by itself, EXCLUDE is on record and not for the books, WARN
posts with a remark. What may be released may be released by whoever answers for it, with `postgate release`; a book's
`release_roles` name the roles that may. Everything else must be mended.
"""
_TABLE = "| Code | Row | Severity | Released | The rule, and what mends it |\n|---|---|---|---|---|"
_FAMILIES = {
    "A": "Identity",
    "B": "Customer, link and account",
    "C": "Class and route",
    "D": "Standing",
    "E": "Credit",
    "F": "The document itself",
    "G": "Places in the books",
    "H": "Days and periods",
    "I": "Currency and tax",
    "J": "Batches",
    "K": "Credit notes and refunds",
    "L": "Payments",
    "M": "Journals",
    "N": "Deliveries",
    "O": "Corrections",
    "P": "Releases",
    "Q": "Collection",
}


def page(shown: Collection[str]) -> str:
    """Return the page; `shown` are the codes that have an example."""
    families: dict[str, list[Entry]] = {}
    for entry in catalogue().values():
        if entry.rows and set(entry.severities) != {"REFUSED"}:
            families.setdefault(entry.rows[0][0], []).append(entry)
    return "\n".join([_HEAD, *_sections(families, shown)])


def _sections(families: dict[str, list[Entry]], shown: Collection[str]) -> Iterator[str]:
    for family, entries in families.items():
        yield f"## {family}. {_FAMILIES[family]}\n\n{_TABLE}"
        yield from (_row(entry, shown) for entry in entries)
        yield ""


def _row(entry: Entry, shown: Collection[str]) -> str:
    severities = " ".join(severity for severity in entry.severities if severity != "REFUSED")
    told = f"{' '.join(entry.meanings)} *{_joined(entry.remedies)}.*"
    mark = "" if entry.code in shown else " No message makes it."
    cells = (f"`{entry.code}`", ", ".join(entry.rows), severities, "yes" if entry.overridable else "no", f"{told}{mark}")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _joined(remedies: Iterable[str]) -> str:
    text = "; or ".join(remedies)
    return f"{text[:1].upper()}{text[1:]}"
