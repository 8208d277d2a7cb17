"""The connection: what every client of the broker is configured with, and what its errors mean to those who run us."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from kafka.errors import (
    AuthorizationError,
    InvalidTopicError,
    KafkaConfigurationError,
    KafkaError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    UnknownTopicOrPartitionError,
    UnsupportedCodecError,
    UnsupportedSaslMechanismError,
    UnsupportedVersionError,
)
from kafka.net.compat import KafkaNetClient

from adapters.errors import BrokerSetup, BrokerUnreachable, NotFound
from adapters.settings import KafkaSettings, Setting

BOOTSTRAP_MS = 8_000
REQUEST_MS = 15_000
"""How long one question to the broker may take; the library's own patience of half a minute is longer than a stop may last."""

_SPEAKER = "kafka.net.manager"
_SECURITY = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_LOGIN = "check POSTGATE_KAFKA_SASL_USERNAME and POSTGATE_KAFKA_SASL_PASSWORD, and that the broker knows them"
_GRANT = "let this user read the topics and the group, and write the topics it publishes to (ACLs of the broker)"
_REMEDIES: tuple[tuple[type[KafkaError], type[BrokerSetup | BrokerUnreachable], str], ...] = (
    (SaslAuthenticationFailedError, BrokerUnreachable, _LOGIN),
    (UnsupportedSaslMechanismError, BrokerUnreachable, "name in POSTGATE_KAFKA_SASL_MECHANISM a mechanism that the broker has"),
    (AuthorizationError, BrokerUnreachable, _GRANT),
    (UnknownTopicOrPartitionError, BrokerUnreachable, "create the topic, or correct its name"),
    (InvalidTopicError, BrokerUnreachable, "correct the name of the topic"),
    (UnsupportedCodecError, BrokerSetup, "install what reads this compression: pip install lz4 zstandard python-snappy"),
    (UnsupportedVersionError, BrokerSetup, "use a broker of Apache Kafka 2.8 or later"),
    (KafkaConfigurationError, BrokerSetup, "correct the settings of the broker: postgate doctor shows them"),
)
LASTING = tuple(kind for kind, _, _ in _REMEDIES if kind is not UnknownTopicOrPartitionError)
"""Errors that another try does not mend."""
_REACH = "check POSTGATE_KAFKA, the network, and that the broker runs; a broker that wants TLS or a login is silent without them"


def configuration(settings: KafkaSettings, purpose: str) -> dict[str, Any]:
    """Return what every client is given. Raises NotFound for a setting that cannot be.

    A client that waits half a minute for a late broker, or makes the topics it misses, has no place here.
    """
    if not settings.bootstrap.value:
        raise NotFound(settings.bootstrap.environment, "names no broker", "write HOST:PORT, such as localhost:9092")
    given: dict[str, Any] = {
        "bootstrap_servers": [place.strip() for place in settings.bootstrap.value.split(",") if place.strip()],
        "client_id": f"postgate-{purpose}",
        "security_protocol": _among(settings.security_protocol, _SECURITY),
        "bootstrap_timeout_ms": BOOTSTRAP_MS,
        "request_timeout_ms": REQUEST_MS,
        "reconnect_backoff_max_ms": 500,
        "metadata_max_age_ms": 60_000,
    }
    if "SASL" in settings.security_protocol.value:
        given["sasl_mechanism"] = _among(settings.sasl_mechanism, _MECHANISMS)
        given["sasl_plain_username"] = _needed(settings.sasl_username)
        given["sasl_plain_password"] = _needed(settings.sasl_password)
    files = (settings.ssl_cafile, settings.ssl_certfile, settings.ssl_keyfile, settings.ssl_password)
    given.update({setting.name.removeprefix("kafka_"): setting.value for setting in files if setting.value})
    return given


@contextmanager
def reaching(settings: KafkaSettings) -> Iterator[None]:
    """Turn what the library says into one error with the place and a remedy."""
    place = settings.bootstrap.value
    try:
        yield
    except KafkaError as error:
        told = " ".join(str(error).split()) or type(error).__name__
        for kind, raised, remedy in _REMEDIES:
            if isinstance(error, kind):
                raise raised(place, told, remedy) from error
        raise BrokerUnreachable(place, told, _REACH) from error
    except (OSError, ValueError) as error:
        raise BrokerUnreachable(place, str(error), _REACH) from error


@contextmanager
def opening() -> Iterator[dict[str, Any]]:
    """Give the argument by which a client that fails to open is closed again: its thread would run on for ever.

    The library says no more than that it could not connect, and tells its log why; the why is what is raised.
    """
    overheard = _Overhearing()
    logger = logging.getLogger(_SPEAKER)
    with ExitStack() as ended, ExitStack() as failed:

        def client(**configs: Any) -> KafkaNetClient:
            made = KafkaNetClient(**configs)
            failed.callback(made.close)
            return made

        logger.addHandler(overheard)
        ended.callback(logger.removeHandler, overheard)
        try:
            yield {"kafka_client": client}
        except KafkaTimeoutError as error:
            if overheard.why is not None:
                raise overheard.why from error
            raise
        failed.pop_all()


class _Overhearing(logging.Handler):
    """Listens to why the library could not connect; of several reasons the one that says most."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.why: KafkaError | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a reason, unless a better one was heard."""
        for said in record.args if isinstance(record.args, tuple) else ():
            if isinstance(said, KafkaError) and not isinstance(self.why, LASTING):
                self.why = said


def right_cluster(settings: KafkaSettings, found: str, known: Collection[str]) -> None:
    """Raise BrokerSetup when the broker is of another cluster than the one this store has read, or than the one named.

    `known` has the ids of the clusters that the store has positions of. Offsets of one cluster mean nothing in another.
    """
    named = settings.cluster
    if named.value and named.value != found:
        told = f"is cluster {found}, and {named.environment} names {named.value}"
        raise BrokerSetup(settings.bootstrap.value, told, "correct one of the two")
    if known and found not in known and not named.value:
        told = f"is cluster {found}, and this store has read {', '.join(sorted(known))}"
        remedy = f"correct {settings.bootstrap.environment}; to read the new cluster on purpose, set {named.environment}={found}"
        raise BrokerSetup(settings.bootstrap.value, told, remedy)


def _among(setting: Setting, known: tuple[str, ...]) -> str:
    if setting.value not in known:
        raise NotFound(setting.environment, f"{setting.value!r} is not known", f"write one of {', '.join(known)}")
    return setting.value


def _needed(setting: Setting) -> str:
    if not setting.value:
        raise NotFound(setting.environment, "is not set, and the broker asks for a login", "set it")
    return setting.value
