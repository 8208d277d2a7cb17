"""A proxy that loses what a server answers, or what it is told, at the worst moment."""

from __future__ import annotations

import socket
import threading


class Proxy:
    """Stands between a log and its server; when asked, it lets a COMMIT through and drops the connection with the answer."""

    def __init__(self, port: int) -> None:
        """Listen on a free port."""
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.drop_answer = self.drop_commit = False
        self.dropped = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()  # The server is down, and the client is to see it.
                continue
            lost = threading.Event()
            threading.Thread(target=self._requests, args=(client, server, lost), daemon=True).start()
            threading.Thread(target=self._answers, args=(server, client, lost), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        while content := self.begin(_received(client)):
            if b"COMMIT" in content and (self.drop_answer or self.drop_commit):
                self.dropped += 1
                lost.set()
                if self.drop_commit:
                    break
            if not _sent(server, content):
                break
        _close(server, client) if not lost.is_set() or self.drop_commit else None

    def _answers(self, server: socket.socket, client: socket.socket, lost: threading.Event) -> None:
        while content := _received(server):
            if lost.is_set():
                break
            if not _sent(client, content):
                break
        _close(server, client)

    def begin(self, content: bytes) -> bytes:
        """Return what is passed on of what a client says."""
        return content

    def close(self) -> None:
        """Stop listening."""
        self._listening.close()


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65_536)
    except OSError:
        return b""


def _sent(end: socket.socket, content: bytes) -> bool:
    try:
        end.sendall(content)
    except OSError:
        return False  # It was killed meanwhile.
    return True


def _close(*ends: socket.socket) -> None:
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue
        finally:
            end.close()
