"""Certificates for the tests: an authority of our own, and a server's certificate for one name, made by openssl."""

from __future__ import annotations

import subprocess
from pathlib import Path

DAYS = "2"


def authority(folder: Path, name: str) -> Path:
    """Make an authority and return the file of its certificate; the key lies beside it."""
    certificate = folder / f"{name}.crt"
    _openssl("req", "-x509", *_KEY, "-keyout", f"{folder}/{name}.key", "-out", certificate, "-subj", f"/CN={name}", "-days", DAYS)
    return certificate


def signed(folder: Path, by: Path, host: str) -> tuple[Path, Path]:
    """Make the certificate of a server for one host name, signed by an authority, and return it and its key."""
    certificate, key, request = (folder / f"{host}.{end}" for end in ("crt", "key", "csr"))
    names = folder / f"{host}.names"
    names.write_text(f"subjectAltName=DNS:{host}\n")
    _openssl("req", *_KEY, "-keyout", key, "-out", request, "-subj", f"/CN={host}")
    signing = ("-CA", by, "-CAkey", by.with_suffix(".key"), "-CAcreateserial", "-extfile", names)
    _openssl("x509", "-req", "-in", request, "-out", certificate, "-days", DAYS, *signing)
    return certificate, key


_KEY = ("-newkey", "rsa:2048", "-nodes")


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
