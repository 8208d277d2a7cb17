"""Every field of the rulebook's tables is carried by a shape or left out for a reason, kept as said, and shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas.examples import EXAMPLES
from schemas.inbound import AccountOpened, ClassDefined, CustomerRegistered
from schemas.inbound.books import MappingValue
from schemas.shape import Shape
from tests import said
from tests.rules.case import covers
from tests.rules.fields import ACCOUNT, CLASS, CUSTOMER, PRODUCT_CLASS
from tests.stories.command import postgate

TABLES: dict[str, tuple[type[Shape], dict[str, tuple[str, ...] | str]]] = {
    "c1": (CustomerRegistered, CUSTOMER),
    "c2": (AccountOpened, ACCOUNT),
    "c3": (ClassDefined, CLASS),
    "c5": (MappingValue, PRODUCT_CLASS),
}
ROWS = {"c1": 29, "c2": 49, "c3": 23, "c5": 13}
"""How many rows each table has: one that is lost is noticed."""


@pytest.mark.parametrize("table", TABLES)
def test_every_field_of_the_rulebook_is_carried_or_left_out_for_a_reason(table: str) -> None:
    """The fields named are fields of the shape; what is not carried says why."""
    shape, rows = TABLES[table]
    named = {field for fields in rows.values() if isinstance(fields, tuple) for field in fields}
    assert sorted(named - shape.model_fields.keys()) == []
    assert [row for row, said in rows.items() if isinstance(said, str) and len(said.split()) < 3] == []
    assert len(rows) == ROWS[table]


@pytest.mark.parametrize("table", TABLES)
def test_every_field_of_a_shape_is_one_of_the_rulebook(table: str) -> None:
    """Nothing is said of a party that no row of the table asks for."""
    shape, rows = TABLES[table]
    named = {field for fields in rows.values() if isinstance(fields, tuple) for field in fields}
    assert sorted(shape.model_fields.keys() - named) == []


@pytest.mark.parametrize("noun", ["customer", "account", "class"])
def test_what_was_said_of_a_party_is_shown_whole(noun: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The detail of one party has every field of its message, in text and in JSON, and what happened to it since."""
    monkeypatch.chdir(tmp_path)
    kinds = {"customer": "customer.registered", "account": "account.opened", "class": "class.defined"}
    messages = [EXAMPLES[f"postgate.{kind}.v1"] for kind in ("book.opened", kinds[noun])]
    content = messages[1]["data"]
    assert isinstance(content, dict)
    Path("said.jsonl").write_text("".join(f"{json.dumps(message)}\n" for message in messages), encoding="utf-8")
    listed = f"{noun}es" if noun == "class" else f"{noun}s"
    assert [postgate(*words).code for words in (("migrate",), ("ingest", "said.jsonl"))] == [0, 0]
    shown = postgate(listed, content[noun], "--json").row
    assert (shown["record"], shown[noun]) == (content, content[noun])
    assert [field for field in content if field not in postgate(listed, content[noun]).out] == []
    assert postgate(listed, "nobody").code == 2


@covers("C15")
def test_who_decided_and_where_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link and a class from the till say so in the detail of the customer and of the account, and in their lists."""
    monkeypatch.chdir(tmp_path)
    link = said.say("link.made", customer="c1", account="acme", origin="POS", by="till 3")
    assigned = said.say("class.assigned", account="acme", class_="HOUSE", by="ann")
    told = (said.book(), said.class_("HOUSE"), said.account("acme"), said.customer("c1"), link, assigned)
    Path("said.jsonl").write_bytes(b"".join(b"%s\n" % one.written("shop", f"m{at}") for at, one in enumerate(told)))
    assert [postgate(*words).code for words in (("migrate",), ("ingest", "said.jsonl"))] == [0, 0]
    assert "LinkMade account acme, origin POS, by till 3  by /till" in postgate("customers", "c1").out
    assert "ClassAssigned account acme class HOUSE, by ann  by /till" in postgate("accounts", "acme").out
    row = postgate("customers", "--customer", "c1", "--json").row
    assert (row["link_origin"], row["linked_by"]) == ("POS", "till 3")
    assert postgate("accounts", "--account", "acme", "--json").row["class_by"] == "ann"
    now = postgate("accounts", "acme", "--json").row["now"]
    assert isinstance(now, dict)
    assert (now["class"], now["class_by"]) == ("HOUSE", "ann")
