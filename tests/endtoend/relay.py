"""A wire between workers and their store that loses the answer to a commit when asked, and outlives the store."""

from __future__ import annotations

import socket
import threading

HEAVY_BYTES_MIN = 4_000
"""What a connection must have written since its last commit for the next one to be worth losing the answer of."""


class Relay:
    """Passes bytes both ways; every answer to a commit that is asked for is dropped with its connection."""

    def __init__(self, port: int) -> None:
        """Listen on a free port and pass on to another."""
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._wanted = threading.Semaphore(0)
        self._dropped = threading.Semaphore(0)
        self.port = int(self._listening.getsockname()[1])
        self.dropped = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def drop(self, wait_s: int) -> bool:
        """Lose the answer to the next commit of weight; say whether one came in time."""
        self._wanted.release()
        if self._dropped.acquire(timeout=wait_s):
            return True
        # Whoever took the permit back in the meantime has dropped one after all.
        return not self._wanted.acquire(blocking=False) and self._dropped.acquire(timeout=1)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            lost = threading.Event()
            threading.Thread(target=self._requests, args=(client, server, lost), daemon=True).start()
            threading.Thread(target=self._answers, args=(server, client, lost), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        written = 0
        while content := received(client):
            written += len(content)
            if b"COMMIT" in content:
                if written >= HEAVY_BYTES_MIN and self._wanted.acquire(blocking=False):
                    lost.set()
                written = 0
            if not sent(server, content):
                break
        if not lost.is_set():
            closed(server, client)

    def _answers(self, server: socket.socket, client: socket.socket, lost: threading.Event) -> None:
        while content := received(server):
            if lost.is_set():
                # The server has answered, so the commit stands; whoever sent it will never know from us.
                self.dropped += 1
                self._dropped.release()
                break
            if not sent(client, content):
                break
        closed(server, client)

    def close(self) -> None:
        """Stop listening."""
        self._listening.close()


def received(end: socket.socket) -> bytes:
    """Return what came, nothing at the end."""
    try:
        return end.recv(65_536)
    except OSError:
        return b""


def sent(end: socket.socket, content: bytes) -> bool:
    """Pass bytes on; say whether the other end still takes them."""
    try:
        end.sendall(content)
    except OSError:
        return False
    return True


def closed(*ends: socket.socket) -> None:
    """Close both ends, whatever state they are in."""
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue
        finally:
            end.close()
