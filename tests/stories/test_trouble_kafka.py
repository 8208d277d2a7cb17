"""Trouble with the broker and the server: `doctor` and `run` both say what is wrong and how to mend it, exit code 4 or 3."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType

from tests.broker import Broker, guard, login, running
from tests.contracts.pooler import Forgetful
from tests.servers import PASSWORD, Server, ended, started
from tests.stories.command import Ended, changed, child, postgate, url

SECRET = "clerk-secret"
ADMIN = {
    "POSTGATE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
    "POSTGATE_KAFKA_SASL_MECHANISM": "PLAIN",
    "POSTGATE_KAFKA_SASL_USERNAME": "admin",
    "POSTGATE_KAFKA_SASL_PASSWORD": "admin-secret",
}
CLERK = {**ADMIN, "POSTGATE_KAFKA_SASL_USERNAME": "clerk", "POSTGATE_KAFKA_SASL_PASSWORD": SECRET}
HEALTH = {"POSTGATE_HEALTH": "off"}
INBOUND = "postgate.documents"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that asks who is there, with the topics that are read, and without those that are written."""
    folder = tmp_path_factory.mktemp("guarded")
    with running(Broker(folder, settings=guard(), login=login("admin", "admin-secret"))) as started:
        with started.admin() as client:
            client.create_topics({INBOUND: {"num_partitions": 2, "replication_factor": 1}}, wait_for_metadata=True)
        yield started


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """An empty store."""
    path = tmp_path / "store.db"
    assert postgate("migrate", "--store", url(path)).code == 0
    return path


def both(store: str, environment: Mapping[str, str]) -> tuple[Ended, Ended]:
    """Ask the doctor, and run."""
    given = {"POSTGATE_STORE": store, "POSTGATE_TOPICS": INBOUND, **HEALTH, **environment}
    return child("doctor", environment=given), child("run", "--once", environment=given)


def reasons(ran: Ended) -> list[tuple[object, object]]:
    """Return what stopped the workers: reason and remedy."""
    lines = [json.loads(line) for line in ran.err.splitlines()]
    return [(line["reason"], line["remedy"]) for line in lines if line["event"] == "worker cannot go on"]


def failures(asked: Ended) -> str:
    """Return the checks that failed, with the remedy under each."""
    lines = asked.out.splitlines()
    return "\n".join(line for number, line in enumerate(lines) if "FAIL" in (line[:4], lines[max(0, number - 1)][:4]))


def nobody() -> str:
    """Return an address where nobody listens."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def test_no_broker_is_named(made: Path) -> None:
    """The doctor has nothing against it, because files need none; `run` says what to set."""
    asked, ran = both(url(made), {"POSTGATE_KAFKA": ""})
    assert (asked.code, "none is set (POSTGATE_KAFKA); files need none" in asked.out) == (0, True)
    assert (ran.code, ran.err) == (2, "postgate: POSTGATE_KAFKA: names no broker; write HOST:PORT, such as localhost:9092\n")


@pytest.mark.slow
def test_nobody_answers(made: Path) -> None:
    """Exit code 4, with the address and what to check."""
    place = nobody()
    asked, ran = both(url(made), {"POSTGATE_KAFKA": place})
    assert (asked.code, ran.code) == (4, 4)
    assert f"broker                       {place}:" in failures(asked)
    for told in (failures(asked), reasons(ran)[0][1]):
        assert "check POSTGATE_KAFKA, the network, and that the broker runs" in str(told)


@pytest.mark.kafka
def test_a_wrong_password_is_said_and_not_shown(made: Path, guarded: Broker) -> None:
    """Exit code 4, with where to correct it; neither the doctor nor the log has the password in it."""
    wrong = {**ADMIN, "POSTGATE_KAFKA": guarded.bootstrap, "POSTGATE_KAFKA_SASL_PASSWORD": "not-the-secret"}
    asked, ran = both(url(made), wrong)
    assert (asked.code, ran.code) == (4, 4)
    for told in (failures(asked), reasons(ran)[0][1]):
        assert "check POSTGATE_KAFKA_SASL_USERNAME and POSTGATE_KAFKA_SASL_PASSWORD" in str(told)
    for text in (asked.out, asked.err, ran.out, ran.err):
        assert "not-the-secret" not in text


@pytest.mark.kafka
def test_no_login_where_one_is_asked_for(made: Path, guarded: Broker) -> None:
    """Such a broker hangs up without a word; the remedy names what may be missing."""
    asked, ran = both(url(made), {"POSTGATE_KAFKA": guarded.bootstrap})
    assert (asked.code, ran.code) == (4, 4)
    for told in (failures(asked), reasons(ran)[0][1]):
        assert "a broker that wants TLS or a login is silent without them" in str(told)


@pytest.mark.kafka
def test_a_missing_topic_is_named(made: Path, guarded: Broker) -> None:
    """Exit code 4, with the command that makes it; both for what is read and for what is written."""
    missing = {**ADMIN, "POSTGATE_KAFKA": guarded.bootstrap, "POSTGATE_TOPICS": f"{INBOUND},nowhere"}
    asked, ran = both(url(made), missing)
    assert (asked.code, ran.code) == (4, 4)
    for name in ("nowhere", "postgate.postings", "postgate.decisions", "postgate.quarantine"):
        assert f"topic {name}" in failures(asked)
    assert failures(asked).count("create it: postgate topics --create") == 4
    assert "has no topic nowhere" in ran.err
    ran = child("run", "publish", "--once", environment={**missing, **HEALTH, "POSTGATE_STORE": url(made)})
    assert (ran.code, "has no topic postgate.postings, postgate.decisions, postgate.quarantine" in ran.err) == (4, True)


@pytest.mark.kafka
def test_a_user_without_rights_is_told_which(made: Path, guarded: Broker) -> None:
    """Exit code 4, with the topics; and what the clerk may read is no fault."""
    poor = {**CLERK, "POSTGATE_KAFKA": guarded.bootstrap}
    asked, ran = both(url(made), poor)
    assert (asked.code, ran.code) == (4, 4)
    assert f"topic {INBOUND}" in failures(asked)
    assert "grant it to this user" in failures(asked)
    assert SECRET not in asked.out + asked.err + ran.out + ran.err
    with guarded.admin() as client:
        allow(client, INBOUND)
    asked, _ = both(url(made), poor)
    assert (asked.code, f"topic {INBOUND}" in failures(asked)) == (4, False)


def allow(client: KafkaAdminClient, topic: str) -> None:
    """Let the clerk read a topic."""
    for operation in (ACLOperation.READ, ACLOperation.DESCRIBE):
        pattern = ResourcePattern(ResourceType.TOPIC, topic)
        client.create_acls([ACL("User:clerk", "*", operation, ACLPermissionType.ALLOW, pattern)])


@pytest.mark.kafka
def test_another_number_of_partitions_is_refused(made: Path, guarded: Broker) -> None:
    """Keys would change their partition and lose their order: exit code 3, with the number that it had."""
    given = {**ADMIN, "POSTGATE_KAFKA": guarded.bootstrap, "POSTGATE_STORE": url(made), "POSTGATE_TOPICS": INBOUND, **HEALTH}
    assert child("topics", "--create", environment=given).code == 0
    assert child("run", "--once", environment=given).code == 0
    assert child("doctor", environment=given).code == 0
    changed(made, "UPDATE notes SET number = 24 WHERE name LIKE 'partitions:%/postgate.postings'")
    asked, ran = both(url(made), given)
    assert (asked.code, ran.code) == (3, 3)
    assert "12 partitions, and 24 when it was first written to" in failures(asked)
    assert "make it anew with 24" in failures(asked)
    assert "topic postgate.postings has 12 partitions, and had 24 when it was first written to" in str(reasons(ran)[0][0])


@pytest.mark.kafka
def test_another_cluster_is_refused(made: Path, guarded: Broker) -> None:
    """Positions of one cluster mean nothing in another: exit code 3, with how to do it on purpose."""
    given = {**ADMIN, "POSTGATE_KAFKA": guarded.bootstrap}
    other = "kafka:AAAAAAAAAAAAAAAAAAAAAA/postgate.documents/BBBBBBBBBBBBBBBBBBBBBB/0"
    changed(made, f"INSERT INTO tracking VALUES ('{other}', 5)", "INSERT INTO gaps VALUES ('" + other + "', 1, 5, 'ABSENT')")
    asked, ran = both(url(made), given)
    assert (ran.code, "this store has read AAAAAAAAAAAAAAAAAAAAAA" in str(reasons(ran))) == (3, True)
    assert "this store has read AAAAAAAAAAAAAAAAAAAAAA" in failures(asked)
    assert "to read the new cluster on purpose, set POSTGATE_KAFKA_CLUSTER=" in failures(asked)


@pytest.mark.kafka
def test_an_old_store_is_refused(made: Path, guarded: Broker) -> None:
    """Exit code 3, with what to run."""
    changed(made, "UPDATE meta SET value = '0' WHERE name = 'schema_version'")
    asked, ran = both(url(made), {**ADMIN, "POSTGATE_KAFKA": guarded.bootstrap})
    told = "is a store of version 0, this release reads version 1"
    assert (ran.code, told in str(reasons(ran))) == (3, True)
    assert (asked.code, told in failures(asked)) == (3, True)


@pytest.mark.kafka
@pytest.mark.postgres
def test_a_role_that_may_not_write_is_refused(postgres: Server, guarded: Broker) -> None:
    """A reader of the store runs nothing: exit code 4, with the role that it should have."""
    place = postgres.fresh()
    assert postgate("migrate", "--store", place).code == 0
    schema = place.partition("schema=")[2]
    user = postgres.user(f"IN ROLE {schema}_reader")
    given = {**ADMIN, "POSTGATE_KAFKA": guarded.bootstrap}
    asked, ran = both(place.replace("//postgres:", f"//{user}:"), given)
    assert (asked.code, ran.code) == (4, 4)
    for told in (failures(asked), str(reasons(ran))):
        assert f"{schema}_writer" in told
    assert PASSWORD not in asked.out + asked.err + ran.out + ran.err


@pytest.mark.kafka
@pytest.mark.postgres
def test_a_pooler_in_the_way_is_refused(postgres: Server, guarded: Broker) -> None:
    """A pooler that drops what a session begins with: exit code 4, with how to get past it."""
    place = postgres.fresh()
    assert postgate("migrate", "--store", place).code == 0
    with closing(Forgetful(postgres.port)) as pooler:
        behind = place.replace(f":{postgres.port}/", f":{pooler.port}/")
        asked, ran = both(behind, {**ADMIN, "POSTGATE_KAFKA": guarded.bootstrap})
    assert (asked.code, ran.code) == (4, 4)
    for told in (failures(asked), str(reasons(ran))):
        assert "a pooler stands before the server" in told


@pytest.mark.kafka
@pytest.mark.postgres
def test_a_replica_is_refused(guarded: Broker) -> None:
    """It cannot be written: exit code 4, with the server to name."""
    server = started()
    try:
        place = server.fresh()
        assert postgate("migrate", "--store", place).code == 0
        server.stop()
        (server.folder / "data" / "standby.signal").touch()
        server.start()
        asked, ran = both(place, {**ADMIN, "POSTGATE_KAFKA": guarded.bootstrap})
    finally:
        ended(server)
    assert (asked.code, ran.code) == (4, 4)
    for told in (failures(asked), str(reasons(ran))):
        assert "the server is a replica and cannot be written" in told
        assert "name the primary server" in told
