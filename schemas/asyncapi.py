"""The AsyncAPI 3 document: which topics Postgate receives and sends, what is on them, and what their keys are."""

from __future__ import annotations

from schemas.inbound import TYPES
from schemas.outbound import OUTBOUND

Node = dict[str, object]

FORMAT = "application/schema+json;version=draft/2020-12"
NOUNS: dict[str, tuple[str, ...]] = {
    "postgate.customers": ("customer",),
    "postgate.accounts": ("account", "balance"),
    "postgate.links": ("link",),
    "postgate.classes": ("class", "statement", "interest", "dunning"),
    "postgate.documents": ("invoice", "credit_note", "payment", "refund", "release", "document", "batch", "day"),
    "postgate.books": ("book", "mapping", "period", "tax_period"),
    "postgate.acks": ("posting", "drift", "source"),
}
"""Inbound topic by default -> the nouns that are expected on it; any type may arrive on any of them."""

TOLD: dict[str, tuple[tuple[str, ...], str]] = {
    "postgate.postings": (("postgate.posting.authorised.v1", "postgate.posting.reversed.v1"), "book and account, joined by |"),
    "postgate.decisions": (("postgate.document.decided.v1",), "book and document, joined by |"),
    "postgate.quarantine": (("postgate.message.quarantined.v1",), "the place the message was read from: source, #, position"),
}
"""Outbound topic -> its types, and what the key of a message is."""

_CORRELATED = {
    "posting": ("a posting and its acknowledgements have the same posting_key", "$message.payload#/posting_key"),
    "invoice": ("document.decided answers under the same document", "$message.payload#/document"),
    "credit_note": ("document.decided answers under the same document", "$message.payload#/document"),
    "release": ("document.decided answers under the same document", "$message.payload#/document"),
    "document": ("the document that was published", "$message.payload#/document"),
    "payment": ("document.decided answers with the payment's id as its document", "$message.payload#/payment"),
    "refund": ("document.decided answers with the refund's id as its document", "$message.payload#/payment"),
}
_ABOUT = (
    "The gate between what happens at the till and what reaches the books. Messages are CloudEvents 1.0. On Kafka they are in "
    "binary mode, as described here: attributes in ce_ headers, data as the value. Structured mode is accepted too: content-type "
    "application/cloudevents+json, and the whole of the schema file as the value. Files and HTTP are in structured mode. "
    "Every message is safe to send again."
)


def asyncapi() -> Node:
    """Return the document; schemas are the published files beside it."""
    channels: dict[str, Node] = {}
    operations: dict[str, Node] = {}
    for topic, nouns in NOUNS.items():
        names = tuple(name for name in TYPES if _noun(name) in nouns)
        channels[topic] = _channel(topic, names, f"Where messages about {_listed(nouns)} arrive by default.")
        operations[f"receive {topic}"] = _operation("receive", topic, names)
    for topic, (names, key) in TOLD.items():
        channels[topic] = _channel(topic, names, f"What Postgate tells; the key is {key}.")
        operations[f"send {topic}"] = _operation("send", topic, names)
    keys = {name: key for names, key in TOLD.values() for name in names}
    inbound_key = "what must stay in order: book and document, party or class; nothing but speed depends on it"
    messages = {name: _node(name, keys.get(name, inbound_key)) for name in (*TYPES, *OUTBOUND)}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Postgate", "version": "1", "description": _ABOUT, "license": {"name": "Apache-2.0"}},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


def _channel(topic: str, names: tuple[str, ...], told: str) -> Node:
    return {
        "address": topic,
        "description": told,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": {"topic": topic, "bindingVersion": "0.5.0"}},
    }


def _operation(action: str, topic: str, names: tuple[str, ...]) -> Node:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic}"},
        "messages": [{"$ref": f"#/channels/{topic}/messages/{name}"} for name in names],
    }


def _node(name: str, key: str) -> Node:
    """Return one message in binary mode."""
    attributes = f"{name}.json#/properties"
    required = ("specversion", "id", "source", "type", "time", "book")
    optional = (
        ("subject", "partitionkey", "causationid")
        if name in OUTBOUND
        else (*("subject", "partitionkey", "correlationid", "causationid", "traceparent"),)
    )
    headers = {f"ce_{attribute}": {"$ref": f"{attributes}/{attribute}"} for attribute in (*required, *optional)}
    content: Node = {"const": "application/json"}
    sure = (*required, *optional) if name in OUTBOUND else required
    node: Node = {
        "name": name,
        "contentType": "application/json",
        "headers": {
            "schemaFormat": FORMAT,
            "schema": {
                "type": "object",
                "properties": {**headers, "content-type": content},
                "required": [*(f"ce_{attribute}" for attribute in sure), "content-type"],
            },
        },
        "payload": {"schemaFormat": FORMAT, "schema": {"$ref": f"{attributes}/data"}},
        "bindings": {"kafka": {"key": {"type": "string", "description": key}, "bindingVersion": "0.5.0"}},
    }
    if _noun(name) in _CORRELATED:
        told, location = _CORRELATED[_noun(name)]
        node["correlationId"] = {"description": told, "location": location}
    return node


def _noun(name: str) -> str:
    return name.split(".")[1]


def _listed(nouns: tuple[str, ...]) -> str:
    return ", ".join(noun.replace("_", " ") for noun in nouns)
