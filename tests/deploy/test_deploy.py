"""Image, containers, units and topics are what the product needs: as far as that can be told without running them."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import psycopg
import pytest
import yaml

from adapters import health, settings
from adapters.cli.main import group
from adapters.kafka.topics import topics
from adapters.workers.running import CLOSE_S_MAX
from tests.deploy.reading import DEPLOY, assignments, commands, document, environment_names, text, unit
from tests.servers import PASSWORD, Server
from tests.tidy.source import ROOT

SERVICES = document("compose.yaml")["services"]
WORKERS = {"ingest": "postgate-ingest@.service", "publish": "postgate-publish@.service"}
DOCUMENTS = ("README.md", "runbook.md")
PINNED = re.compile(r"[a-z]+(?:/[a-z]+)?:v?\d+\.\d+(?:\.\d+)?(?:-[a-z]+)*")
_FROM = re.compile(r"^FROM (\S+)(?: AS (\w+))?$", re.MULTILINE)
_COPY = re.compile(r"^COPY (?!--from)(.+) \S+$", re.MULTILINE)


def parsed(words: list[str]) -> None:
    """Read a command line as the program would, without doing what it says. Raises click.UsageError."""
    name, command, rest = group.resolve_command(click.Context(group), words)
    assert command is not None
    command.make_context(name, rest).close()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_shown_is_one_that_there_is(name: str) -> None:
    """Its options and arguments are read by the command line itself."""
    found = commands(name)
    assert found
    for words in found:
        parsed(words)


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if service["image"].startswith("postgate:")])
def test_every_container_of_ours_says_a_command_that_there_is(name: str) -> None:
    """What compose runs is read by the command line itself."""
    parsed(SERVICES[name]["command"])


@pytest.mark.parametrize("part", WORKERS)
def test_units_run_what_compose_runs(part: str) -> None:
    """Both ways start the same program."""
    program, *words = unit(WORKERS[part]).one("ExecStart").split()
    assert (program, words) == ("/opt/postgate/bin/postgate", SERVICES[part]["command"])
    parsed(words)


def test_images_are_pinned() -> None:
    """No image is whatever somebody pushed last; the broker is the one that the tests run."""
    bases = [image for image, _ in _FROM.findall(text("Dockerfile"))]
    images = [service["image"] for service in SERVICES.values()]
    assert [image for image in [*bases, *images] if not PINNED.fullmatch(image)] == []
    assert len(set(bases)) == 1
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert {image for image in images if image.startswith("postgate")} == {f"postgate:{version}"}
    (broker,) = re.findall(r"<kafka\.version>(.+)</kafka\.version>", text("kafka/pom.xml"))
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{broker}"


def test_ports_are_for_this_machine_only() -> None:
    """Nothing is offered to the network, and the database not even to this machine."""
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
    assert "ports" not in SERVICES["postgres"]
    assert "listen_addresses=" in SERVICES["postgres"]["command"]


def test_the_database_keeps_what_it_was_given() -> None:
    """Durability is on, pages have checksums, and nobody gets in without a password."""
    database = SERVICES["postgres"]
    assert {"fsync=on", "full_page_writes=on", "synchronous_commit=on"} <= set(database["command"])
    arguments = database["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert {"--data-checksums", "--auth-local=scram-sha-256", "--auth-host=scram-sha-256"} <= set(arguments)


def test_no_file_of_the_repository_holds_a_secret() -> None:
    """Passwords are files that make-secrets draws; a value beside the name of a password is empty, or the path of such a file."""
    told = [(key, str(value)) for service in SERVICES.values() for key, value in service.get("environment", {}).items()]
    told += assignments("systemd/postgate.env.example").items()
    secret = [(key, value) for key, value in told if "PASSWORD" in key]
    assert {key for key, _ in secret} >= {"POSTGRES_PASSWORD_FILE", "GF_SECURITY_ADMIN_PASSWORD__FILE", "PGPASSWORD"}
    assert [(key, value) for key, value in secret if value and not value.startswith("/run/secrets/")] == []
    assert [value for key, value in told if key == "POSTGATE_STORE" and re.search(r"//[^/@]*:[^/@]*@", value)] == []
    assert "/secrets/" in text(".gitignore").splitlines()


def test_secrets_are_drawn_once(tmp_path: Path) -> None:
    """Every file that compose wants is made, for its owner alone to find, and another run leaves it as it is."""
    folder = tmp_path / "secrets"
    command = [sys.executable, str(DEPLOY / "make-secrets"), "--folder", str(folder)]
    subprocess.run(command, check=True)
    first = {path.name: path.read_text(encoding="ascii") for path in folder.iterdir()}
    subprocess.run(command, check=True)
    assert {path.name: path.read_text(encoding="ascii") for path in folder.iterdir()} == first
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    wanted = [secret["file"] for secret in document("compose.yaml")["secrets"].values()]
    wanted += [file for service in SERVICES.values() for file in service.get("env_file", ())]
    assert {f"secrets/{name}" for name in first} == set(wanted)
    assert len({line for name, line in first.items() if name.endswith("_password")}) == 5
    assert first["run.env"] == f"PGPASSWORD={first['run_password']}"
    assert re.fullmatch(r"CLUSTER_ID=[\w-]{22}\n", first["kafka.env"])


def test_what_compose_names_is_there() -> None:
    """Files that are mounted exist, and so do the volumes, the secrets and the services that others wait for."""
    compose = document("compose.yaml")
    for name, service in SERVICES.items():
        for volume in service.get("volumes", ()):
            source = volume["source"] if isinstance(volume, dict) else volume.split(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in compose["volumes"], f"{name}: {source}"
        assert set(service.get("secrets", ())) <= set(compose["secrets"])
        assert set(service.get("depends_on", ())) <= set(SERVICES)


def test_what_holds_a_service_is_bounded() -> None:
    """No container may take the machine's memory, gain rights, or keep those that it was not given by name."""
    for name, service in SERVICES.items():
        assert service["mem_limit"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    assert {name for name, service in SERVICES.items() if "cap_add" in service} == {"postgres"}


@pytest.mark.parametrize("part", WORKERS)
def test_a_worker_has_the_time_that_it_takes_to_stop(part: str) -> None:
    """Neither supervisor kills what is still giving back."""
    assert int(SERVICES[part]["stop_grace_period"].removesuffix("s")) > CLOSE_S_MAX + 1
    assert int(unit(WORKERS[part]).one("TimeoutStopSec")) > CLOSE_S_MAX + 1


@pytest.mark.parametrize("name", [*WORKERS.values(), "postgate-check@.service"])
def test_units_are_closed_in(name: str) -> None:
    """A process that somebody took over can neither write, nor gain rights, nor eat the machine."""
    settings_of = unit(name)
    wanted = {"DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "CapabilityBoundingSet": ""}
    assert {key: settings_of.one(key) for key in wanted} == wanted
    assert settings_of.one("MemoryMax")
    if name in WORKERS.values():
        assert settings_of.one("Restart") == "on-failure"
    assert settings_of.settings["EnvironmentFile"][0] == "/etc/postgate/postgate.env"


def test_every_setting_that_is_named_is_one_that_there_is() -> None:
    """No file of deploy/ sets or explains what nothing reads."""
    known = {setting.environment for setting in settings.read(environment={}).all()} | {"POSTGATE_DEBUG"}
    files = ("Dockerfile", "compose.yaml", "systemd/postgate.env.example", *DOCUMENTS)
    own = {"POSTGATE_SECRETS", "POSTGATE_KAFKA_JARS"}
    assert {name for file in files for name in environment_names(file)} - known - own == set()


def test_every_setting_is_in_the_table() -> None:
    """The how-to names each, with what holds where nothing is set."""
    for setting in settings.read(environment={}).all():
        assert f"| `{setting.environment}` | {f'`{setting.value}`' if setting.value else ''} |" in text("README.md")


def test_the_image_is_made_from_what_the_door_lets_in() -> None:
    """What the recipe copies by name passes .dockerignore, and nothing of it is missing here."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert [name for name in allowed if not (ROOT / name).exists()] == []
    named = {name for sources in _COPY.findall(text("Dockerfile")) for name in sources.split() if name != "."}
    assert named == {name for name in allowed if name.startswith("deploy/")}
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {*built["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"], built["project"]["readme"], "pyproject.toml"}
    assert needed | set(built["project"]["license-files"]) <= allowed


def test_the_image_runs_as_nobody_and_asks_no_shell() -> None:
    """A number that is not root; entry, command and health check are lists of words; health is asked where it is answered."""
    last = text("Dockerfile").rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\S+)$", last, re.MULTILINE) == ["10001:10001"]
    assert "RUN " not in last
    (entry,) = re.findall(r"^ENTRYPOINT (.+)$", last, re.MULTILINE)
    (check,) = re.findall(r"^HEALTHCHECK .* CMD (.+)$", last, re.MULTILINE)
    assert yaml.safe_load(entry) == ["postgate"]
    program, flag, script = yaml.safe_load(check)
    assert (program, flag) == ("python", "-c")
    compile(script, "healthcheck", "exec")
    default = health.address(settings.read(environment={}).health.value)
    assert default is not None
    assert f":{default[1]}" in script


def test_what_builds_the_wheel_is_locked() -> None:
    """The build needs nothing that has no version and no hash."""
    locked = text("requirements-build.txt")
    (backend,) = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    assert f"echo '{backend}' | uv pip compile" in locked
    for name in re.findall(r"^([a-z-]+)==\S+ \\$", locked, re.MULTILINE):
        assert re.search(rf"^{name}==\S+ \\\n +--hash=sha256:", locked, re.MULTILINE)
    assert re.search(rf"^{re.split('[<>=]', backend)[0]}==", locked, re.MULTILINE)


def test_topics_are_those_that_the_product_makes() -> None:
    """The file for other tools and the product's own list say the same, topic by topic and in order."""
    said = document("topics.yaml")["topics"]
    made = {topic.name: {"partitions": topic.partitions, "config": dict(topic.config)} for topic in topics()}
    assert list(said) == list(made)
    assert said == made


@pytest.fixture
def database(postgres: Server) -> Iterator[Path]:
    """An empty database with the logins of compose.yaml, as its first start makes them; the folder of their passwords."""
    folder = postgres.folder / "secrets"
    subprocess.run([sys.executable, str(DEPLOY / "make-secrets"), "--folder", str(folder)], check=True)
    with postgres.connect() as connection:
        connection.execute("CREATE DATABASE gate")
    asked = [str(postgres.programs / "psql"), "-X", "-h", "127.0.0.1", "-p", str(postgres.port), "-U", "postgres", "-d", "gate"]
    env = {**os.environ, "PGPASSWORD": PASSWORD, "POSTGATE_SECRETS": str(folder)}
    for name in ("sql/roles.sql", "postgres/logins.sql"):
        subprocess.run([*asked, "-v", "ON_ERROR_STOP=1", "-f", str(DEPLOY / name)], env=env, check=True, capture_output=True)
    yield folder
    with postgres.connect() as connection:
        connection.execute("DROP DATABASE gate WITH (FORCE)")
        connection.execute("DROP ROLE gate_migrate, gate_run, gate_check")


@pytest.mark.slow
@pytest.mark.postgres
def test_the_logins_of_compose_can_do_their_work_and_no_more(postgres: Server, database: Path) -> None:
    """One makes the store, one writes and cannot change history, one only looks."""

    def said(user: str, *words: str) -> int:
        password = (database / f"{user}_password").read_text(encoding="ascii").strip()
        store = f"postgresql://gate_{user}@/gate?host=127.0.0.1&port={postgres.port}"
        env = {**os.environ, "PGPASSWORD": password, "POSTGATE_STORE": store, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", "from adapters.cli import main; main()", *words]
        return subprocess.run(command, env=env, capture_output=True, check=False).returncode

    assert said("run", "held") != 0
    assert said("migrate", "migrate") == 0
    assert [said("run", "held"), said("check", "reconcile"), said("check", "verify")] == [0, 0, 0]
    assert said("check", "link", "cafe", "debtor-7", "--book", "shop") != 0
    password = (database / "run_password").read_text(encoding="ascii").strip()
    place = f"postgresql://gate_run:{password}@127.0.0.1:{postgres.port}/gate"
    with psycopg.connect(place) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM postgate.stored_events")
