"""Poolers for the tests: a real pgbouncer where one is installed, and a proxy that drops what a session begins with."""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.contracts.proxy import Proxy
from tests.servers import PASSWORD, START_S, Server, unprivileged


class Forgetful(Proxy):
    """Passes a session on without its `options`, as a pooler does that is told to ignore what it does not track."""

    def begin(self, content: bytes) -> bytes:
        """Take `options` out of the packet that begins a session."""
        if content[4:8] != struct.pack(">I", 196_608):
            return content  # A question about TLS comes first.
        words = content[8:].rstrip(b"\0").split(b"\0")
        kept = [word for pair in zip(words[::2], words[1::2], strict=True) if pair[0] != b"options" for word in pair]
        body = struct.pack(">I", 196_608) + b"\0".join(kept) + b"\0\0"
        return struct.pack(">I", len(body) + 4) + body


def program() -> str | None:
    """Return the program of pgbouncer, where it is installed."""
    return shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")


@contextmanager
def pgbouncer(server: Server, user: str, mode: str, *more: str) -> Iterator[int]:
    """Run a pgbouncer before a server, for one user, and give its port."""
    found = program()
    assert found is not None
    with TemporaryDirectory(prefix="postgate-pooler-") as name, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        folder = Path(name)
        (folder / "users").write_text(f'"{user}" "{PASSWORD}"\n')
        lines = ["[databases]", f"* = host=127.0.0.1 port={server.port}", "[pgbouncer]", "listen_addr = 127.0.0.1"]
        lines += [f"listen_port = {port}", "unix_socket_dir =", "auth_type = scram-sha-256", f"auth_file = {folder}/users"]
        lines += [f"pool_mode = {mode}", "default_pool_size = 5", *more]
        (folder / "ini").write_text("\n".join(lines))
        owner = unprivileged(folder, folder / "users", folder / "ini")
        process = subprocess.Popen([found, "-q", str(folder / "ini")], stderr=subprocess.DEVNULL, user=owner)
        try:
            _answers(port)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=START_S)


def _answers(port: int) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
