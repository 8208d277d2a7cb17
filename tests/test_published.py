"""The published contract is fresh, complete, and says what the design says."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from schemas.envelope import read_structured
from schemas.events import KINDS
from schemas.examples import EXAMPLES
from schemas.gate import Unreadable
from schemas.inbound import TYPES
from schemas.outbound import OUTBOUND
from schemas.publish import files, published
from tests.goldens import fresh
from tests.goldens.compatibility import Node
from tests.goldens.museum_make import MUSEUM

SCHEMAS = Path(__file__).parents[1] / "schemas"
FILES = files()
PUBLISHED: dict[str, Node] = {
    name.removeprefix("published/"): json.loads(text) for name, text in FILES.items() if name.startswith("published/")
}
REGISTRY: Registry[bool | Node] = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in PUBLISHED.items() if name != "asyncapi.json"
)

DOCUMENT = "document version number date business_date currency prices_include_tax lines totals"
DOCUMENT_MAY = "customer walk_in branch channel due_date tenders order_number status"
MONEY = "payment date currency amount tender"
MONEY_MAY = "customer allocations fee kind"
CUSTOMER_MAY = "contacts addresses currency tax_exemptions analysis_codes invoice_to"
ACCOUNT_MAY = (
    "currency origin external_ref generic terms credit status block offset_account discount_account interest_account fx_account "
    "tax_exemptions analysis_codes"
)
CLASS_MAY = "generic_account batch_billing account_prefix invoice_prefix default_terms default_credit_limit credit_mode channels"
INBOUND = {
    "book.opened": ("base_currency control_accounts timezone", "policies"),
    "mapping.defined": ("kind key value", "effective_from"),
    **dict.fromkeys(("period.opened", "period.locked", "period.closed", "period.reopened"), ("period from to", "")),
    **dict.fromkeys(("customer.registered", "customer.changed"), ("customer version name", CUSTOMER_MAY)),
    "customer.held": ("customer", "from until reason"),
    "customer.hold_released": ("customer", "reason"),
    "customer.merged": ("survivor merged", ""),
    **dict.fromkeys(("customer.deactivated", "customer.reactivated"), ("customer", "reason")),
    **dict.fromkeys(("account.opened", "account.changed"), ("account version name ledger_account", ACCOUNT_MAY)),
    "account.merged": ("survivor merged", ""),
    "link.made": ("customer account", "effective_from"),
    "link.removed": ("customer", "reason"),
    **dict.fromkeys(("class.defined", "class.revised"), ("class version name behaviour", CLASS_MAY)),
    "class.deactivated": ("class", ""),
    **dict.fromkeys(("class.assigned", "class.unassigned"), ("account class", "")),
    **dict.fromkeys(("invoice.issued", "invoice.amended"), (DOCUMENT, DOCUMENT_MAY)),
    **dict.fromkeys(("invoice.voided", "credit_note.voided"), ("document version", "reason")),
    **dict.fromkeys(("credit_note.issued", "credit_note.amended"), (DOCUMENT, f"{DOCUMENT_MAY} original reason")),
    **dict.fromkeys(("payment.received", "payment.reversed", "refund.paid"), (MONEY, MONEY_MAY)),
    "release.granted": ("document version reasons by role note", ""),
    **dict.fromkeys(("posting.acknowledged", "posting.refused"), ("posting_key target", "external_id external_lines code text")),
    "source.gap_declared": ("source from to by reason", ""),
    **dict.fromkeys(("tax_period.closed", "tax_period.reopened"), ("period from to", "by")),
    "account.held": ("account", "from until reason"),
    "account.hold_released": ("account", "reason"),
    "balance.transferred": ("transfer date from_account to_account documents by", "reason"),
    "document.pulled": ("document version by", "reason"),
    "batch.run": ("batch cut_off date by", "class account acknowledged"),
    "batch.reversed": ("batch by", "reason"),
    "day.closed": ("branch day currency", "counted by"),
    **dict.fromkeys(("statement.run", "dunning.run"), ("class as_of by", "")),
    "interest.run": ("class to by", ""),
    "posting.unanswered": ("posting_key target", "external_id external_lines code text"),
    "posting.drifted": ("posting_key target finding", "external_id text"),
    "drift.resolved": ("posting_key target resolution by", "note"),
}
"""Type -> the fields the contract requires, and those it offers; typed in from the contract, not from the models."""

POSTING = (
    "posting_key book document document_version document_number kind route account date business_date period currency lines "
    "sources decision"
)
TOLD = {
    "posting.authorised": (POSTING, "class class_version due_date"),
    "posting.reversed": (f"{POSTING} reverses", "class class_version due_date"),
    "document.decided": ("document version outcome state reasons", "posting_key"),
    "message.quarantined": ("original_bytes source position code message", ""),
}
PARTS = {
    ("invoice.issued", "Line"): (
        "line description net tax",
        "product product_class quantity unit_price discount revenue_account dimensions",
    ),
    ("invoice.issued", "Tax"): ("code amount", "rate"),
    ("invoice.issued", "Tender"): ("tender amount", "reference fee"),
    ("invoice.issued", "Totals"): ("net tax gross", ""),
    ("payment.received", "Allocation"): ("document amount", ""),
    ("book.opened", "ControlAccounts"): ("receivable deposits rounding", "suspense fx_difference"),
    ("account.opened", "Credit"): ("", "limit warning days mode"),
    ("posting.authorised", "ToldLine"): (
        "account side amount currency memo dimensions base_amount base_currency",
        "party tax_code operational_customer",
    ),
    ("posting.authorised", "Authority"): ("position rulebook reasons", ""),
    ("document.decided", "ToldReason"): ("code message remedy", "path"),
}


def shape(name: str, part: str | None = None) -> Node:
    """Return the published shape of a type's data, or of a part of it."""
    schema = PUBLISHED[f"postgate.{name}.v1.json"]
    properties, shapes = schema["properties"], schema["$defs"]
    assert isinstance(properties, dict)
    assert isinstance(shapes, dict)
    return dict(shapes[part or properties["data"]["$ref"].rpartition("/")[2]])


def names(node: object) -> set[str]:
    """Return field names as a set."""
    assert isinstance(node, list | dict)
    return set(node)


@pytest.mark.parametrize("path", [*FILES, *(p.relative_to(SCHEMAS).as_posix() for p in SCHEMAS.glob("published/*"))])
def test_what_is_published_is_fresh(path: str) -> None:
    """Every generated file is what the models say today, and nothing else lies beside them."""
    assert path in FILES, f"run python -m tests.goldens.fresh: {path} is of nothing any more"
    assert (SCHEMAS / path).read_text(encoding="utf-8") == FILES[path], f"run python -m tests.goldens.fresh: {path} is not fresh"


def test_stale_files_are_written_and_strays_deleted(tmp_path: Path) -> None:
    """One command makes everything fresh; a second run has nothing to do."""
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "old.json").write_text("{}", encoding="utf-8")
    assert fresh.main(tmp_path) == f"wrote {len(FILES)} files, deleted 1"
    assert fresh.main(tmp_path) == "wrote 0 files, deleted 0"
    (tmp_path / "README.md").write_text("", encoding="utf-8")
    assert fresh.main(tmp_path) == "wrote 1 files, deleted 0"


def test_a_second_generation_is_the_same() -> None:
    """Nothing of a set's order or of the moment gets into the files."""
    assert files() == FILES
    assert [name.removesuffix(".json") for name in published()] == [
        *TYPES,
        *OUTBOUND,
        *(f"stored.{kind}" for kind in KINDS),
        "asyncapi",
    ]


@pytest.mark.parametrize(("name", "fields"), [*INBOUND.items(), *TOLD.items()])
def test_a_type_has_the_fields_of_the_contract(name: str, fields: tuple[str, str]) -> None:
    """Exactly the required fields are required, and every optional one is there; what we tell may be more."""
    required, optional = fields
    sure = names(shape(name).get("required", []))
    assert set(required.split()) <= sure if name in TOLD else set(required.split()) == sure
    assert set(optional.split()) <= names(shape(name)["properties"]) - sure


def test_the_contract_names_every_type() -> None:
    """No type is missing, and none is published that the contract does not know."""
    assert {f"postgate.{name}.v1" for name in INBOUND} == set(TYPES)
    assert {f"postgate.{name}.v1" for name in TOLD} == set(OUTBOUND)


@pytest.mark.parametrize(("where", "fields"), PARTS.items())
def test_a_part_has_the_fields_of_the_contract(where: tuple[str, str], fields: tuple[str, str]) -> None:
    """Lines, tenders, totals, posting lines and reasons are as the contract says."""
    required, optional = fields
    sure = names(shape(*where).get("required", []))
    assert set(required.split()) == sure - {"severity"}
    assert set(optional.split()) <= names(shape(*where)["properties"]) - sure


def test_the_envelope_has_the_attributes_of_the_contract() -> None:
    """Six attributes are required in every inbound message, six are offered."""
    schema = PUBLISHED["postgate.invoice.issued.v1.json"]
    required = set("specversion id source type time book data".split())
    offered = set("subject partitionkey correlationid causationid traceparent datacontenttype".split())
    assert names(schema["required"]) == required
    assert names(schema["properties"]) == required | offered


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name != "asyncapi.json"])
def test_a_schema_is_one_of_2020_12(name: str) -> None:
    """Every file is valid JSON Schema, named by its own file, with a title and a sentence."""
    Draft202012Validator.check_schema(PUBLISHED[name])
    assert PUBLISHED[name]["$id"] == name
    assert re.fullmatch(r"[A-Z][a-z ]+", str(PUBLISHED[name]["title"]))
    assert str(PUBLISHED[name]["description"]).endswith(".")


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name != "asyncapi.json"])
def test_every_field_says_what_it_means(name: str) -> None:
    """No field is published without a meaning."""
    silent = [place for place, value in _fields(PUBLISHED[name], "") if "$ref" not in value and not value.get("description")]
    assert silent == [], "say what it means in schemas/meanings/"


def _fields(node: Node, at: str) -> Iterator[tuple[str, Node]]:
    for key, value in node.items():
        if key == "properties" and isinstance(value, dict):
            yield from ((f"{at}.{field}", inside) for field, inside in value.items())
        if isinstance(value, dict) and key != "properties":
            yield from _fields(value, f"{at}.{key}")


def faults(name: str, said: object) -> list[str]:
    """Return what a JSON Schema validator has against a message."""
    return [error.message for error in Draft202012Validator(PUBLISHED[name], registry=REGISTRY).iter_errors(said)]


@pytest.mark.parametrize("name", TYPES)
def test_an_example_passes_the_door_and_its_schema(name: str) -> None:
    """What the reference shows is taken by the gate and by any validator."""
    read = read_structured(json.dumps(EXAMPLES[name]).encode())
    assert type(read.data) is TYPES[name]
    assert faults(f"{name}.json", EXAMPLES[name]) == []
    assert PUBLISHED[f"{name}.json"]["examples"] == [EXAMPLES[name]]


@pytest.mark.parametrize("name", TYPES)
def test_the_schema_refuses_what_the_door_refuses(name: str) -> None:
    """A missing field, an unknown field and a wrong attribute are seen by both."""
    content = EXAMPLES[name]["data"]
    assert isinstance(content, dict)
    first = next(iter(content))
    for wrong in (
        EXAMPLES[name] | {"data": {key: value for key, value in content.items() if key != first}},
        EXAMPLES[name] | {"data": content | {"colour": "red"}},
        EXAMPLES[name] | {"book": "a book"},
        EXAMPLES[name] | {"colour": "red"},
    ):
        assert faults(f"{name}.json", wrong) != []
        with pytest.raises(Unreadable):
            read_structured(json.dumps(wrong).encode())


def test_an_amount_is_text_in_the_schema_too() -> None:
    """A number where an amount belongs does not fit, and the field says why."""
    said = copy.deepcopy(EXAMPLES["postgate.payment.received.v1"])
    assert isinstance(said["data"], dict)
    said["data"]["amount"] = 30
    assert faults("postgate.payment.received.v1.json", said) == ["30 is not of type 'string'"]
    properties = shape("payment.received")["properties"]
    assert isinstance(properties, dict)
    assert properties["amount"]["pattern"] == r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$"
    assert "decimal text" in properties["amount"]["description"]


@pytest.mark.parametrize("path", sorted(MUSEUM.glob("*.json")), ids=lambda path: path.stem)
def test_a_stored_record_fits_its_schema(path: Path) -> None:
    """The bytes in the log are what the schema of their kind says."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert faults(f"stored.{kept['kind']}.json", json.loads(kept["state"])) == []


def test_the_gate_is_stricter_than_a_schema() -> None:
    """A key given twice is nothing a schema can see; the reference says that such messages are refused."""
    raw = json.dumps(EXAMPLES["postgate.link.removed.v1"]).replace('"data": {', '"data": {"customer": "c-1002", ').encode()
    assert faults("postgate.link.removed.v1.json", json.loads(raw)) == []
    with pytest.raises(Unreadable) as refused:
        read_structured(raw)
    assert refused.value.code == "DUPLICATE_KEY"
    assert "may still be refused" in FILES["README.md"]


def test_every_message_has_a_topic() -> None:
    """The AsyncAPI document receives every inbound type once and sends every outbound one, on the topics of the contract."""
    document = PUBLISHED["asyncapi.json"]
    channels, operations = document["channels"], document["operations"]
    assert isinstance(channels, dict)
    assert isinstance(operations, dict)
    arriving = "customers accounts links classes documents books acks".split()
    leaving = "postings decisions quarantine".split()
    assert [channel["address"] for channel in channels.values()] == [f"postgate.{topic}" for topic in (*arriving, *leaving)]
    assert [operation["action"] for operation in operations.values()] == ["receive"] * 7 + ["send"] * 3
    assert sorted(name for channel in channels.values() for name in channel["messages"]) == sorted((*TYPES, *OUTBOUND))


def test_every_reference_of_asyncapi_leads_somewhere() -> None:
    """Pointers into the document and into the files beside it are there."""
    found = list(_references(PUBLISHED["asyncapi.json"]))
    assert len(found) > 300
    for name, _, pointer in (reference.partition("#") for reference in found):
        node: object = PUBLISHED[name or "asyncapi.json"]
        for step in pointer.split("/")[1:]:
            assert isinstance(node, dict)
            node = node[step]


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "$ref")
    for inside in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _references(inside)
