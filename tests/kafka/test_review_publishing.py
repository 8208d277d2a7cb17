"""Publishing on uncertain ground: a store that becomes an older one, or grows while it is compared, loses nothing in silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters import settings
from adapters.errors import BrokerSetup
from adapters.eventlog.postgres.log import PostgresLog
from adapters.kafka.notes import Told, note_position
from adapters.kafka.readback import ReadBack
from adapters.workers.publishing import PublishWorker
from tests import said
from tests.broker import Broker
from tests.kafka.telling import Shop, assert_told_once, copy_of, stage, store, tell_all, told
from tests.servers import Server

pytestmark = pytest.mark.kafka


def becomes_older(server: Server, current: str, older: str) -> None:
    """Put an older copy in the place of a database, as a fail-over to a server that lagged behind does."""
    with server.connect() as connection:
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)"
        for name in (current, older):
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        connection.execute(end, ([current, older],))
        connection.execute(f"ALTER DATABASE {current} RENAME TO {current}_lost".encode())
        connection.execute(f"ALTER DATABASE {older} RENAME TO {current}".encode())
        connection.execute(f"ALTER DATABASE {current} ALLOW_CONNECTIONS true".encode())


def goes_on(worker: PublishWorker) -> None:
    """Give a publisher turns enough to tell what there is."""
    for _ in range(20):
        worker.step(10)


@pytest.mark.postgres
@pytest.mark.parametrize("is_idle", [True, False])
def test_a_fail_over_to_an_older_state_is_noticed_by_a_running_publisher(
    broker: Broker, postgres: Server, tmp_path: Path, *, is_idle: bool
) -> None:
    """The pool connects again without a word; what the new history has at positions told before is not taken for told."""
    there, name = stage(broker), f"sells_{tmp_path.name[-8:].replace('-', '_').lower()}_{int(is_idle)}"
    with postgres.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = postgres.url(database=name)
    log = PostgresLog.create(url)
    shop = Shop(log)
    shop.sells(5)
    log.close()
    with postgres.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}_older TEMPLATE {name}".encode())
    log = PostgresLog(url)
    worker = there.worker(log)
    shop.goes_on_in(log)
    shop.sells(5)
    tell_all(worker, log)
    end = log.head()
    becomes_older(postgres, name, f"{name}_older")
    again = PostgresLog(url)
    shop.goes_on_in(again)
    while not is_idle and again.head() <= end:
        shop.sells(5)
    again.close()
    with pytest.raises(BrokerSetup, match="told of another history"):
        goes_on(worker)
    worker.close()
    log.close()


def test_a_store_that_grows_while_it_is_compared_is_told_whole(broker: Broker, tmp_path: Path) -> None:
    """Restored and reading on: records written behind the comparison take positions the topics were told of, and are told too."""
    there, log = stage(broker), store(tmp_path)
    shop, worker = Shop(log), there.worker(log)
    shop.sells(3)
    tell_all(worker, log)
    restored = copy_of(log, tmp_path / "restored.db")
    shop.sells(10)
    tell_all(worker, log)
    worker.close()
    end = log.head()
    shop.goes_on_in(restored)

    def grows(_count: int) -> None:
        while restored.head() <= end:
            shop.say(said.invoice(f"late-{restored.head()}", "10.00", customer="c1"))

    ReadBack(there.settings, restored, prefix=there.prefix).mend(grows)
    again = there.worker(restored)
    tell_all(again, restored)
    again.close()
    heard = {(one.topic, one.id) for one in there.heard()}
    assert {(there.name(one.topic), one.id) for one in told(restored)} - heard == set()


@pytest.mark.parametrize("named", ["", "another-cluster"])
def test_another_cluster_is_told_nothing(broker: Broker, tmp_path: Path, named: str) -> None:
    """A wrong address would get all postings there ever were; who means it names the cluster."""
    there, log = stage(broker), store(tmp_path)
    Shop(log).sells(3)
    if not named:
        note_position(log, "the-cluster-before", Told(3, ""))
    said = {"POSTGATE_KAFKA": broker.bootstrap, "POSTGATE_KAFKA_CLUSTER": named}
    worker = replace(there, settings=settings.read_kafka(said)).worker(log)
    with pytest.raises(BrokerSetup, match="is cluster") as refused:
        worker.step(10)
    worker.close()
    assert there.heard() == []
    if not named:
        found = refused.value.reason.split()[2].rstrip(",")
        meant = replace(there, settings=settings.read_kafka(said | {"POSTGATE_KAFKA_CLUSTER": found})).worker(log)
        tell_all(meant, log)
        meant.close()
        assert_told_once(there, log)
