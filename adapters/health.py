"""Health: what those who run Postgate ask over HTTP, on this machine unless told otherwise: is it live, ready, and how much."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from socket import AF_INET6
from socketserver import TCPServer
from typing import ClassVar

from adapters.errors import EdgeError, NotFound
from adapters.workers.worker import WorkerState

ADVANCED_S_MAX = 60
"""How old the last step of a worker may be before it counts as hanging."""
REQUEST_S_MAX = 5
OFF = "off"
JSON = "application/json"
_REMEDY = "write 127.0.0.1:9464, another HOST:PORT, port 0 for a free one, or off"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered to one request."""

    code: HTTPStatus
    content_type: str
    body: bytes


Answers = Mapping[str, Callable[[], Answer]]
"""Path -> what answers there."""


def live(states: Mapping[str, WorkerState]) -> Answer:
    """Answer whether every worker's loop goes on; one that hangs is mended by nothing but a restart."""
    now = time.monotonic_ns()
    ages = {name: (now - state.advanced_at) // 1_000_000_000 for name, state in states.items()}
    hanging = sorted(name for name, age in ages.items() if age > ADVANCED_S_MAX)
    told = {"live": not hanging, "hanging": hanging, "seconds_since_step": ages}
    return _told(told, well=not hanging)


def ready(states: Mapping[str, WorkerState], unreachable: str, expected: int) -> Answer:
    """Answer whether every worker has joined and the store can be reached, and why not."""
    reasons = [f"{name}: {state.reason or 'not ready'}" for name, state in states.items() if not state.ready]
    if len(states) < expected:
        reasons.append("a worker is still starting")
    if unreachable:
        reasons.append(f"store: {unreachable}")
    stopped = {source: why for state in states.values() for source, why in state.stopped.items()}
    # A stopped partition waits for an operator; taking the others away from it would help nobody, so it is told and no more.
    return _told({"ready": not reasons, "reasons": reasons, "stopped": stopped}, well=not reasons)


def _told(told: Mapping[str, object], *, well: bool) -> Answer:
    code = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
    return Answer(code, JSON, json.dumps(told, separators=(",", ":")).encode() + b"\n")


def address(asked: str) -> tuple[str, int] | None:
    """Return host and port of the setting, none when it is off. Raises NotFound for what is no address."""
    if asked.lower() == OFF:
        return None
    host, _, port = asked.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise NotFound("POSTGATE_HEALTH", f"{asked!r} is not an address", _REMEDY)
    try:
        ip_address(host)
    except ValueError as error:
        if host != "localhost":
            raise NotFound("POSTGATE_HEALTH", f"{host!r} is not an IP address", _REMEDY) from error
    return host, int(port)


class Health:
    """A small HTTP server in threads of its own; it only ever reads, and is closed with the process."""

    def __init__(self, where: tuple[str, int], answers: Answers) -> None:
        """Listen. Raises EdgeError when the port cannot be had."""
        kind = type("Handler", (_Handler,), {"answers": answers})
        try:
            self._server = (_Server6 if ":" in where[0] else _Server)(where, kind)
        except OSError as error:
            reason, remedy = f"cannot listen: {error.strerror or error}", "stop what uses the port, or set POSTGATE_HEALTH"
            failed = EdgeError(f"{where[0]}:{where[1]}", reason, remedy)
            failed.exit_code = 4
            raise failed from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it listens, with the port that was found when any was asked for."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Listen without asking the network for our name, which may take long where there is none."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "postgate", int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller who hangs up is no event."""


class _Server6(_Server):
    address_family = AF_INET6


class _Handler(BaseHTTPRequestHandler):
    answers: ClassVar[Answers] = {}
    timeout = REQUEST_S_MAX
    server_version, sys_version = "postgate", ""

    def do_GET(self) -> None:
        answer = self._found()
        self._head(answer)
        self.wfile.write(answer.body)

    def do_HEAD(self) -> None:
        self._head(self._found())

    def log_message(self, *_: object) -> None:
        """A look at the health is no event."""

    def _found(self) -> Answer:
        asked = self.answers.get(self.path.partition("?")[0])
        if asked is None:
            paths = " ".join(self.answers)
            return Answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", f"there is {paths}\n".encode())
        return asked()

    def _head(self, answer: Answer) -> None:
        self.send_response(answer.code)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
