"""A process that is killed at any seam between broker and log takes every record once, and tells every message once."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from adapters.kafka.sources import known
from tests.broker import Broker
from tests.kafka.feeding import Feed, assert_sound, drained, invoices, receipts, setting, until
from tests.kafka.telling import Shop, assert_told_once, stage, store, tell_all
from tests.simulation.conftest import Fresh
from tests.simulation.dying import opened
from tests.simulation.dying_at_the_broker import READING, TELLING, killed

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
EACH = 40


def test_a_reader_killed_at_a_seam_goes_on_from_the_position_of_the_log(feed: Feed, fresh: Fresh) -> None:
    """Before its commit nothing was read; after it everything was, whatever the group was told; each record has one receipt."""
    url, topic = fresh(), feed.broker.topic("seams")
    with closing(opened(url)) as log:
        feed.send(topic, setting())
        worker = feed.worker(log, topic)
        until(worker, true=lambda: drained(worker))
        feed.end()
        (source,) = (str(each) for each in known(log))
        for number, seam in enumerate(READING):
            feed.send(topic, invoices(EACH, first=EACH * number))
            before = log.source_position(source)
            chosen = feed.settings(topic)
            environment = {setting.environment: setting.value for setting in chosen.all() if setting.value}
            assert killed(seam, url, environment), seam
            assert (log.source_position(source) > before) == seam.startswith("committed"), seam
        last = feed.worker(log, topic)
        until(last, true=lambda: drained(last))
        feed.end()
        assert receipts(log) == {"ACCEPTED": len(setting()) + EACH * len(READING)}
        assert_sound(log)


def test_a_publisher_killed_at_a_seam_is_followed_by_one_that_knows(broker: Broker, tmp_path: Path) -> None:
    """What was not committed is not to be seen and said by the next; what was is not said again, though nobody noted it."""
    there, log = stage(broker), store(tmp_path)
    shop = Shop(log)
    for seam in TELLING:
        shop.sells(20)
        assert killed(seam, f"sqlite:///{log.path}", {"POSTGATE_KAFKA": broker.bootstrap}, there.prefix), seam
    worker = there.worker(log)
    tell_all(worker, log)
    worker.close()
    assert_told_once(there, log)
    log.close()
