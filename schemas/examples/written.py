"""How an example is written: a type and a structured CloudEvent of it."""

from __future__ import annotations

Content = dict[str, object]


def told(name: str, id: str, time: str, content: Content, source: str = "/back-office") -> tuple[str, Content]:
    """Return a type and a structured CloudEvent of it."""
    type_ = f"postgate.{name}.v1"
    head: Content = {"specversion": "1.0", "id": id, "source": source, "type": type_, "time": time, "book": "north-shops"}
    return type_, {**head, "data": content}
