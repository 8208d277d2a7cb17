"""The same messages give the same records on every machine: whatever the seed of hashes, the time zone and the locale."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.properties.messages import GENERIC, SHOP, credit_note, in_book, invoice, payment, void
from tests.properties.shop import Shop

ROOT = Path(__file__).parents[2]
MESSAGES = [
    *SHOP,
    *(in_book(message, "other") for message in reversed(GENERIC)),
    *(invoice(f"i{n}", (n * 100, 55), order_number=f"o{n % 3}") for n in range(1, 20)),
    *(payment(f"p{n}", 900, {f"i{n}": 500, f"i{n + 1}": 400}, kind="DEPOSIT" if n % 2 else "PAYMENT") for n in range(1, 19)),
    *(credit_note(f"n{n}", (n * 50,), original=f"i{n}") for n in range(1, 9)),
    *(void(f"i{n}") for n in range(1, 4)),
    *(invoice(f"i{n}", (77,), customer="nobody", branch="b1") for n in range(30, 34)),
]


def digest() -> str:
    """Return a digest of every stored byte, view row and receipt of the messages above."""
    shop = Shop()
    hashing = sha256()
    for start in range(0, len(MESSAGES), 10):
        hashing.update(repr(shop.hear(*MESSAGES[start : start + 10]).receipts).encode())
    for recorded in shop.log.read(0, 1_000_000):
        hashing.update(repr(recorded).encode())
    hashing.update(repr(shop.documents).encode())
    return hashing.hexdigest()


@pytest.mark.parametrize(
    ("seed", "zone", "locale"),
    [
        ("2", "Pacific/Kiritimati", "C.UTF-8"),
        pytest.param("1", "UTC", "C", marks=pytest.mark.slow),
        pytest.param("3", "America/St_Johns", "C", marks=pytest.mark.slow),
    ],
)
def test_the_machine_leaves_no_trace(seed: str, zone: str, locale: str) -> None:
    """A process with other settings writes the same bytes."""
    around = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.properties.test_same_everywhere"]
    told = subprocess.run(command, cwd=ROOT, env=around, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == digest()


if __name__ == "__main__":
    sys.stdout.write(digest())
