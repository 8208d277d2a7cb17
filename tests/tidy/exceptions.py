"""Where the house leaves its own rules: one line each, with the reason. A line that is no longer needed fails too."""

from __future__ import annotations

EXCEPTIONS: dict[tuple[str, str, str], str] = {
    (
        "broad-except",
        "engine/firewall/judge.py",
        "spoken",
    ): "The gate fails closed: whatever a rule raises becomes a hold that names it.",
    (
        "broad-except",
        "adapters/ingest.py",
        "Ingester._taken",
    ): "A message that breaks the engine may not stop its batch: it is found by halving, and quarantined.",
    (
        "broad-except",
        "adapters/workers/ingesting.py",
        "IngestWorker.read",
    ): "A record that breaks its reader may not stop its partition: it is quarantined.",
    (
        "broad-except",
        "adapters/workers/running.py",
        "Running._keep",
    ): "Whatever a worker raises ends the process in order, and is told.",
    (
        "broad-except",
        "adapters/workers/running.py",
        "Running._close",
    ): "The process ends anyway; what did not close is given back by leaving.",
}
"""(check, path, name) -> why; the name is the function, class or word that the check reports, or empty for the whole file."""
