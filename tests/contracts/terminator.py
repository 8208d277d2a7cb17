"""A terminator of TLS before a server that was built without it: what a client verifies is the same."""

from __future__ import annotations

import select
import socket
import ssl
import struct
import threading
from pathlib import Path

ASKS_FOR_TLS, ASKS_FOR_KERBEROS = 80_877_103, 80_877_104


class Terminator:
    """Answers the question of PostgreSQL's clients for TLS with a certificate, and speaks plainly with the server."""

    def __init__(self, port: int, certificate: Path, key: Path) -> None:
        """Listen on a free port."""
        self._target = port
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate, key)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            while (asked := struct.unpack(">II", client.recv(8))[1]) == ASKS_FOR_KERBEROS:
                client.sendall(b"N")
            assert asked == ASKS_FOR_TLS
            client.sendall(b"S")
            with self._tls.wrap_socket(client, server_side=True) as inside:
                self._pass_on(inside)
        except (OSError, struct.error):
            client.close()  # The client does not trust us, or went away.

    def _pass_on(self, client: ssl.SSLSocket) -> None:
        self.accepted += 1
        with socket.create_connection(("127.0.0.1", self._target)) as server:
            while True:
                ready = [client] if client.pending() else select.select([client, server], [], [])[0]
                for end in ready:
                    content = end.recv(65_536)
                    if not content:
                        return
                    (server if end is client else client).sendall(content)

    def close(self) -> None:
        """Stop listening."""
        self._listening.close()
