"""A real broker under the tests' control: started on free ports in a fresh folder, stopped, killed, and started again."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

SCRIPT = Path(__file__).parents[1] / "deploy" / "kafka" / "broker"
MISSING = 4  # The script's exit code where Java, Maven or the network is missing.
FETCH_S_MAX = 600
START_S_MAX = 180
STOP_S_MAX = 60

_BOOTSTRAP = re.compile(rb"^bootstrap\.servers=127\.0\.0\.1:(\d+)$", re.MULTILINE)
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


class Unavailable(Exception):
    """No broker can run on this machine; the text is the script's own remedy."""


class Broker:
    """One broker and its folder; topics are made fresh for each test, brokers are not."""

    def __init__(
        self, folder: Path, *, settings: Mapping[str, str] | None = None, login: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.log = folder / "broker.log"
        self.port = 0
        self._settings = dict(settings or {})
        self._login = dict(login or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """The address that clients start from; the same for the whole life of the folder."""
        return f"127.0.0.1:{self.port}"

    @property
    def connection(self) -> dict[str, str]:
        """What every client of this broker is given: address and, where the broker asks for it, a login."""
        return {"bootstrap_servers": self.bootstrap, **self._login}

    @property
    def runs(self) -> bool:
        """Whether the process was started and not ended by us."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """The process to send signals to."""
        assert self._process is not None, "the broker does not run"
        return self._process.pid

    def start(self) -> None:
        """Run the broker and wait until it answers; a second start comes back on the same port with the same records."""
        assert self._process is None, "the broker runs already"
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(SCRIPT), "--data", str(self.folder / "data"), "--port", str(self.port)]
        for key, value in self._settings.items():
            command += ["--set", f"{key}={value}"]
        with self.log.open("ab") as log:
            said_before = log.tell()
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._await_address(said_before)
        self._await_answer()

    def stop(self) -> int:
        """End the broker as an operator does, with SIGTERM; return its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End the broker as a power cut does, with SIGKILL; return its exit code."""
        return self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start again on the same port and folder, after a stop if the broker still runs."""
        if self._process is not None:
            self.stop()
        self.start()

    @contextmanager
    def admin(self) -> Iterator[KafkaAdminClient]:
        """A client that may do everything."""
        client = KafkaAdminClient(**self.connection, reconnect_backoff_max_ms=1000)
        try:
            yield client
        finally:
            client.close()

    def topic(self, name: str = "topic", partitions: int = 1, **config: str) -> str:
        """Create a topic that nobody else uses and return its name; retention_ms="1" sets retention.ms."""
        unique = f"{name}-{uuid.uuid4().hex[:8]}"
        configs = {key.replace("_", "."): value for key, value in config.items()}
        wanted = {unique: {"num_partitions": partitions, "replication_factor": 1, "configs": configs}}
        with self.admin() as client:
            client.create_topics(wanted, wait_for_metadata=True)
        return unique

    def delete(self, topic: str) -> None:
        """Delete a topic with its records."""
        with self.admin() as client:
            client.delete_topics([topic])

    def _await_address(self, said_before: int) -> None:
        """Wait for the line that names the port; before it, the jars may have to be fetched."""
        for _ in self._patiently(FETCH_S_MAX):
            if found := _BOOTSTRAP.search(self.log.read_bytes(), said_before):
                self.port = int(found[1])
                return

    def _await_answer(self) -> None:
        """Wait until the port is open and the broker knows its topics."""
        for _ in self._patiently(START_S_MAX):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                with self.admin() as client:
                    client.list_topics()
                    return
            except (OSError, KafkaError):
                continue

    def _patiently(self, seconds: int) -> Iterator[None]:
        """Give turns until the time is over, or the process is."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            assert self._process is not None
            if (code := self._process.poll()) is not None:
                self._process = None
                said = self.log.read_text(errors="replace")
                if code == MISSING:
                    raise Unavailable(said.strip().splitlines()[-1])
                raise AssertionError(f"the broker ended with {code}:\n{said[-4000:]}")
            yield
            time.sleep(0.05)
        said = self.log.read_text(errors="replace")
        self.kill()
        raise AssertionError(f"the broker did not answer within {seconds} s:\n{said[-4000:]}")

    def _end(self, how: signal.Signals) -> int:
        os.kill(self.pid, how)
        assert self._process is not None
        code = self._process.wait(timeout=STOP_S_MAX)
        self._process = None
        return code


def login(user: str, password: str) -> dict[str, str]:
    """Return what a client of the guarded broker says about itself."""
    return {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": user,
        "sasl_plain_password": password,
    }


def guard() -> dict[str, str]:
    """Return the settings of a broker that knows `admin`, who may do all, and `clerk`, who may do what an ACL grants."""
    users = 'username="admin" password="admin-secret" user_admin="admin-secret" user_clerk="clerk-secret"'
    return {
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,CLIENTS:SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.clients.plain.sasl.jaas.config": f"{_PLAIN} required {users};",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        # Nobody is anonymous but the broker itself, on its controller's port.
        "super.users": "User:admin;User:ANONYMOUS",
    }


@contextmanager
def running(broker: Broker) -> Iterator[Broker]:
    """Start a broker, or skip where none can run, and end it whatever happened to it meanwhile."""
    try:
        broker.start()
    except Unavailable as why:
        pytest.skip(str(why))
    try:
        yield broker
    finally:
        if broker.runs:
            broker.stop()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The broker of the whole run, for tests that bring their own topics; who ends it starts it again."""
    with running(Broker(tmp_path_factory.mktemp("broker"))) as started:
        yield started


@pytest.fixture(scope="session")
def guarded_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that asks who is there and what they may do; `connection` is the admin's."""
    folder = tmp_path_factory.mktemp("guarded")
    with running(Broker(folder, settings=guard(), login=login("admin", "admin-secret"))) as started:
        yield started


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker for one test alone, to be killed."""
    with running(Broker(tmp_path / "own")) as started:
        yield started
