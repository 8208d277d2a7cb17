"""Examples: one realistic message of every inbound type, as it would arrive in a file or over HTTP."""

from __future__ import annotations

from schemas.examples.operations import OPERATIONS
from schemas.examples.trading import TRADING
from schemas.examples.written import Content

EXAMPLES: dict[str, Content] = {**TRADING, **OPERATIONS}
