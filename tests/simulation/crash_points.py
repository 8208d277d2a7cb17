"""Crash points: everything that may break between broker and log, and the tests that break it.

The numbers are those of the catalogue of crash points; 46 to 54 wait for the adapters that write to accounting systems, and
62 to 77 for sealing, HTTP and operations. `python -m tests.simulation.crash_points` prints the table. Beyond the tests of each
point, tests/endtoend/test_endtoend.py lets all of A, B and D happen at random moments at once.
"""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass

from tabulate import tabulate

NOTE_WIDTH_MAX = 110
_CONTRACTS, _KAFKA, _HERE, _STORIES = "tests/contracts/", "tests/kafka/", "tests/simulation/", "tests/stories/"
_READER, _LIVES, _PLACES = (f"{_KAFKA}test_ingesting{rest}.py::" for rest in ("", "_lives", "_places"))
_TELLER, _TWICE, _BACK = (f"{_KAFKA}test_{name}.py::" for name in ("publishing", "publishing_twice", "readback"))
_SERVER, _CRASHES, _REVOKING = (f"{_CONTRACTS}test_postgres{rest}.py::" for rest in ("", "_crashes", "_revoking"))
_SEAMS, _FAULTS, _TURNS, _VIEWS = (f"{_HERE}test_{name}.py::" for name in ("seams", "database_faults", "turns", "views_at_risk"))
_LOG, _WRITERS = f"{_CONTRACTS}test_log.py::", f"{_CONTRACTS}test_concurrent_writers.py::"

READER_SEAMS = f"{_HERE}test_broker_seams.py::test_a_reader_killed_at_a_seam_goes_on_from_the_position_of_the_log"
TELLER_SEAMS = f"{_HERE}test_broker_seams.py::test_a_publisher_killed_at_a_seam_is_followed_by_one_that_knows"
BATCH_SEAMS = f"{_SEAMS}test_a_process_killed_in_a_batch_leaves_nothing_of_it"
AFTER_COMMIT = f"{_SEAMS}test_a_process_killed_after_its_commit_has_done_all_of_it"
RELEASE = f"{_SEAMS}test_a_release_of_thousands_is_one_transaction"
OVERRIDE = f"{_SEAMS}test_an_override_and_its_effect_are_one_transaction"
MISSED_DAY = f"{_SEAMS}test_a_day_that_came_while_nobody_lived_is_not_missed"
CANCELLED = f"{_FAULTS}test_a_batch_that_the_database_cancels_is_decided_anew"
FULL_DISK = f"{_FAULTS}test_a_full_disk_of_the_server_is_waited_out"
PANIC = f"{_FAULTS}test_a_server_that_cannot_write_its_journal_panics_and_nothing_is_believed"
ROTTED = f"{_FAULTS}test_a_page_that_rotted_on_the_disk_is_named"
PUT_BACK = f"{_FAULTS}test_a_server_that_lost_its_last_commits_reads_them_again"
TWO_TICKS = f"{_TURNS}test_a_tick_that_comes_twice_releases_once"
ONE_RULEBOOK = f"{_TURNS}test_a_batch_has_one_rulebook"
UNFOLDABLE = f"{_VIEWS}test_an_event_that_a_view_cannot_fold_is_not_skipped"
BROKEN_REBUILD = f"{_VIEWS}test_a_rebuild_that_breaks_leaves_the_view_that_stands"
KILLED_REBUILD = f"{_VIEWS}test_a_rebuild_that_is_killed_leaves_the_views_that_stand"
TWO_REBUILDS = f"{_VIEWS}test_two_rebuilds_at_once_and_a_writer"
OLD_RELEASE = f"{_VIEWS}test_a_process_of_the_old_release_is_stopped_by_the_migration"
TRUSTED_MIND = f"{_VIEWS}test_a_mind_is_only_trusted_after_its_commit"

RANDOM_KILLS = f"{_LIVES}test_processes_that_are_killed_at_random_lose_nothing"
DEADLY = f"{_LIVES}test_a_record_that_kills_its_process_is_set_aside_unread"
ZOMBIE = f"{_LIVES}test_zombie_position_cas"
SHARING = f"{_LIVES}test_two_members_share_the_partitions"
IN_HAND = f"{_LIVES}test_a_batch_in_hand_survives_that_its_partition_goes"
NO_STORE = f"{_LIVES}test_a_store_out_of_reach_is_waited_for"
FORGETFUL_GROUP = f"{_READER}test_what_the_group_forgot_is_passed_over"
BOMB = f"{_READER}test_a_compressed_bomb_costs_its_own_offsets_only"
NO_BROKER = f"{_PLACES}test_the_broker_goes_and_comes_back"
LOST_RANGE = f"{_PLACES}test_a_lost_range_stops_the_partition_until_it_is_declared"
LOST_LIVE = f"{_PLACES}test_a_range_lost_under_a_running_reader_stops_it_too"
ENDS_BEFORE = f"{_PLACES}test_a_broker_that_ends_before_the_position_stops_the_partition"
MADE_ANEW = f"{_PLACES}test_topic_recreated_new_uuid"
OTHER_CLUSTER = f"{_PLACES}test_another_cluster_is_refused"

SERVER_KILLED = f"{_SERVER}test_the_server_is_killed_and_comes_back"
COMMIT_LOST = f"{_SERVER}test_a_commit_that_never_arrived_is_a_failure"
ANSWER_LOST = f"{_SERVER}test_commit_ack_lost_is_success"
OTHER_WROTE = f"{_SERVER}test_a_lost_answer_and_another_writer_is_a_conflict"
OTHER_VIEWS = f"{_SERVER}test_a_store_of_another_release_is_refused"
NOT_FLUSHED = f"{_CRASHES}test_a_commit_that_was_not_flushed_is_told"
KILLED_AGAIN = f"{_CRASHES}test_a_writer_outlives_a_server_that_is_killed_again_and_again"
SESSION_ENDED = f"{_CRASHES}test_a_session_that_is_ended_in_its_transaction_leaves_nothing"
IDLE_SESSION = f"{_CRASHES}test_a_session_that_idles_with_the_lock_is_not_waited_for_for_ever"
REVOKED = f"{_REVOKING}test_revoke_link_during_decide"
COMING_AND_GOING = f"{_REVOKING}test_links_come_and_go_while_documents_are_decided"
ONE_VERSION = f"{_LOG}test_a_version_is_taken_once"
WHOLE_BATCH = f"{_LOG}test_a_batch_appears_with_everything_it_brought"
NO_GAP = f"{_WRITERS}test_no_gap_multiprocess_6x1000"
NO_DELETING = f"{_CONTRACTS}test_append_only.py::test_history_on_a_server_is_not_changed"
TAMPERED = f"{_CONTRACTS}test_verify.py::test_what_is_done_beside_the_chain_is_named"

KILLED_TELLER = f"{_TWICE}test_a_publisher_killed_at_any_moment_loses_and_doubles_nothing"
BOTH_DIE = f"{_TWICE}test_publisher_and_broker_die_together"
TWO_TELLERS = f"{_TWICE}test_two_relays_same_pk"
FROZEN_TELLER = f"{_TWICE}test_a_frozen_publisher_comes_back_and_stands_by"
LOST_THE_WORK = f"{_TWICE}test_a_publisher_that_lost_the_work_in_the_middle_tells_nothing"
KNOWN_IDS = f"{_TWICE}test_a_repeat_is_dropped_by_its_id"
SAME_BYTES = f"{_TELLER}test_what_is_told_again_has_the_same_bytes"
EITHER_NOTE = f"{_TELLER}test_either_note_of_the_position_is_enough"
BROKER_DIES = f"{_TELLER}test_a_broker_that_dies_and_comes_back"
TOO_LARGE = f"{_TELLER}test_a_message_that_is_too_large_does_not_stop_the_others"
MORE_PARTITIONS = f"{_TELLER}test_more_partitions_than_at_the_beginning_are_refused"
RESTORED = f"{_TELLER}test_a_store_restored_from_a_backup_does_not_go_on_in_silence"
FILLED_AGAIN = f"{_TELLER}test_a_topic_made_anew_is_filled_again"
SAID_AGAIN = f"{_BACK}test_what_a_topic_has_lost_is_said_again"

SMALL_FILE = f"{_STORIES}test_trouble.py::test_a_full_disk_keeps_whole_batches_only"
MIGRATED = f"{_STORIES}test_proving.py::test_views_of_another_version_are_rebuilt_by_migrate"
RULE_RAISES = "tests/rules/test_judgement.py::test_a_rule_that_raises_is_a_hold_that_names_it"
ENGINE_BREAKS = "tests/test_ingest.py::test_a_message_that_breaks_the_engine_is_quarantined_alone"
ONE_VERSION_ONLY = "tests/rules/test_release.py::test_a_release_is_for_one_version_only"
BATCHES_ALIKE = "tests/properties/test_order.py::test_the_same_order_in_other_batches_gives_the_same_log"
NEWER_KIND = "tests/goldens/test_museum.py::test_a_kind_nobody_knows_stops_the_reader"
NOT_SAID = f"{_VIEWS}test_a_rebuild_tells_nobody_anything"


@dataclass(frozen=True, slots=True)
class Point:
    """One crash point: what breaks, the tests that break it, and what they leave out or need not show, with the reason."""

    number: int
    what: str
    tests: tuple[str, ...]
    note: str = ""


A = (
    Point(1, "The reader dies before it polls.", (READER_SEAMS, RANDOM_KILLS)),
    Point(2, "The reader dies with polled records that it has not looked into.", (READER_SEAMS,)),
    Point(3, "A record kills every process that looks into it.", (DEADLY,)),
    Point(4, "The process, or the server, dies after some messages of a batch.", (BATCH_SEAMS, SERVER_KILLED)),
    Point(5, "The process dies when all is written and the commit is not sent.", (BATCH_SEAMS, COMMIT_LOST)),
    Point(6, "The server commits, and its answer is lost.", (ANSWER_LOST, OTHER_WROTE)),
    Point(7, "The server dies with a commit that it has not flushed.", (NOT_FLUSHED,)),
    Point(8, "The process dies after its commit, before the group hears of it.", (READER_SEAMS, AFTER_COMMIT, FORGETFUL_GROUP)),
    Point(9, "The group does not take the offset.", (FORGETFUL_GROUP, NO_BROKER)),
    Point(10, "A reader is frozen, its partition is given away, and it wakes with a batch in hand.", (ZOMBIE,)),
    Point(11, "The group rebalances while a batch is in hand.", (IN_HAND, SHARING)),
    Point(
        12,
        "Two deployments read the same topics into one store, in groups of their own.",
        (IN_HAND,),
        "the second passes over what the first wrote; it is counted as redelivered, and there is no alarm of its own",
    ),
    Point(13, "Retention took records that were not read.", (LOST_RANGE, LOST_LIVE)),
    Point(14, "A topic is deleted and made anew under its name.", (MADE_ANEW,)),
    Point(
        15,
        "The broker lost records that were read, and others stand in their place.",
        (ENDS_BEFORE,),
        "seen by the end of the partition: that the client says so by the leader's epoch takes a cluster with replicas, which "
        "no test has; the partition stops either way, and hashes of offsets that overlap are not compared",
    ),
    Point(16, "The address is that of another cluster.", (OTHER_CLUSTER,)),
    Point(17, "A small compressed batch opens into a huge one.", (BOMB,)),
)
B = (
    Point(18, "The server is killed in the middle of a batch.", (KILLED_AGAIN, SERVER_KILLED, NO_STORE)),
    Point(19, "The connection is lost in the middle of a batch.", (SESSION_ENDED, COMMIT_LOST)),
    Point(20, "A deadlock, a serialization failure or a lock that is not to be had.", (CANCELLED,)),
    Point(
        21,
        "The server comes back without its last commits, of which the topics know.",
        (PUT_BACK, RESTORED),
        "a store that is behind the topics is refused by the position and chain link that they carry; to hold it against a "
        "signed checkpoint waits for sealing",
    ),
    Point(
        22,
        "The disk is full.",
        (FULL_DISK, SMALL_FILE),
        "a limit on the size of files stands in for the disk: a small file system needs rights that a build may not have",
    ),
    Point(
        23,
        "The disk refuses to keep what the server writes.",
        (PANIC,),
        "a refused write of the journal stands in for a failed fsync, which takes a device of our own: the server panics alike",
    ),
    Point(
        24,
        "A page of a table, an index or a view is damaged.",
        (ROTTED, TAMPERED),
        "who meets the page stops; nobody reads all pages unasked, that is what `postgate verify` is for",
    ),
    Point(25, "Two writers give a stream the same version.", (ONE_VERSION, OTHER_WROTE, REVOKED)),
    Point(26, "A reader passes over a record that is not committed yet.", (NO_GAP,)),
    Point(27, "A session holds the writer's lock and idles.", (IDLE_SESSION,)),
)
C = (
    Point(
        28,
        "A rule, or the engine around it, breaks or dies on a document.",
        (RULE_RAISES, ENGINE_BREAKS, DEADLY),
        "held at its first exception, not at the third: a rule is pure, so that a second try says the same",
    ),
    Point(29, "A link is taken away between reading it and the commit.", (REVOKED, COMING_AND_GOING)),
    Point(30, "The process dies after a link is decided, before any held document is judged.", (RELEASE, BATCH_SEAMS)),
    Point(31, "The process dies in the middle of releasing thousands of documents.", (RELEASE,)),
    Point(32, "A timer fires twice, or not at all.", (TWO_TICKS, MISSED_DAY)),
    Point(33, "Rules or mappings change in the middle of a batch.", (ONE_RULEBOOK, BATCHES_ALIKE)),
    Point(34, "The process dies between an override and its effect.", (OVERRIDE, ONE_VERSION_ONLY)),
)
D = (
    Point(35, "The publisher dies before it sends.", (TELLER_SEAMS, KILLED_TELLER)),
    Point(36, "The publisher dies, or the broker, with records sent and not acknowledged.", (TELLER_SEAMS, BOTH_DIE)),
    Point(37, "The publisher dies with everything acknowledged, before the position is kept.", (TELLER_SEAMS, KILLED_TELLER)),
    Point(38, "The position is kept and nobody hears of it.", (TELLER_SEAMS, EITHER_NOTE)),
    Point(39, "A new producer repeats what an older one has sent.", (SAME_BYTES, KNOWN_IDS, LOST_THE_WORK)),
    Point(
        40,
        "A batch is acknowledged in part, and the broker is gone.",
        (BROKER_DIES, BOTH_DIE),
        "errors that name another leader take several brokers; they abort the transaction like any other",
    ),
    Point(41, "Two publishers are at work.", (TWO_TELLERS, FROZEN_TELLER, LOST_THE_WORK)),
    Point(42, "A message is larger than the broker takes.", (TOO_LARGE,)),
    Point(43, "An output topic is given more partitions.", (MORE_PARTITIONS,)),
    Point(44, "An output topic loses records, or is restored.", (SAID_AGAIN, FILLED_AGAIN)),
    Point(45, "Pruning the outbox is interrupted.", (NO_DELETING,), "impossible: the log is the outbox, and nothing leaves it"),
)
F = (
    Point(
        55,
        "The projector dies in the middle of a batch.",
        (BATCH_SEAMS,),
        "every view is inline: it is folded in the transaction of its events, and there is no other projector",
    ),
    Point(56, "A view cannot fold an event.", (UNFOLDABLE, BROKEN_REBUILD, NEWER_KIND)),
    Point(57, "A cache is filled before a commit that fails.", (TRUSTED_MIND,)),
    Point(58, "A rebuild is interrupted, or two run at once.", (KILLED_REBUILD, TWO_REBUILDS, NOT_SAID)),
    Point(59, "The old release and the new one are at work at once.", (OLD_RELEASE, OTHER_VIEWS, MIGRATED)),
    Point(
        60,
        "A snapshot was made by older code.",
        (OTHER_VIEWS, MIGRATED),
        "there are no snapshots: states live in one process, and what is stored of the past is views, which carry their version",
    ),
)
G = (Point(61, "The process dies between an event and its link of the chain.", (BATCH_SEAMS, WHOLE_BATCH), "one transaction"),)
GROUPS = {
    "A Input": A,
    "B Database": B,
    "C Decide and release": C,
    "D Log to Kafka": D,
    "F Views and rebuilds": F,
    "G Chain": G,
}
POINTS = tuple(point for points in GROUPS.values() for point in points)

NAMED = (
    "test_no_gap_multiprocess_6x1000",
    "test_db_functions_refused",
    "test_commit_ack_lost_is_success",
    "test_append_only_role_can_append",
    "test_zombie_position_cas",
    "test_revoke_link_during_decide",
    "test_two_relays_same_pk",
    "test_idempotency_key_race",
    "test_pool_size_one_refused",
    "test_topic_recreated_new_uuid",
    "test_conflicting_version_all_permutations",
)
"""Concurrency tests that exist under exactly these names."""


def table() -> str:
    """Return the crash points as a table for people."""
    rows: list[tuple[object, str]] = []
    for group, points in GROUPS.items():
        rows.append((group[0], group[2:].upper()))
        rows += [(point.number, _told(point)) for point in points]
    return tabulate(rows, tablefmt="simple_grid")


def _told(point: Point) -> str:
    """Return a point on lines of its own: what breaks, the tests, the note."""
    note = textwrap.wrap(f"note: {point.note}", NOTE_WIDTH_MAX) if point.note else []
    return "\n".join((point.what, *(f"  {line}" for line in (*point.tests, *note))))


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
