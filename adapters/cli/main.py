"""The entry: which commands there are, loaded only when they are asked for, and how a command ends."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from adapters.cli.failures import EXPECTED, ended, hide_tracebacks

PROGRAM = "postgate"

COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    "Begin": {
        "demo": ("adapters.cli.demo:demo", "Run the main job on a bundled week of sales, in a store of its own."),
        "migrate": ("adapters.cli.upkeep:migrate", "Create the store, or bring it up to this release."),
        "ingest": ("adapters.cli.taking:ingest", "Take in files of messages; the same file twice changes nothing."),
        "run": ("adapters.cli.running:run", "Keep going between Kafka and the store."),
        "publish": ("adapters.cli.sending:publish", "Send files of messages to their topics."),
        "validate": ("adapters.cli.taking:validate", "Check files against the contract, line by line."),
    },
    "Look": {
        "documents": ("adapters.cli.documents:documents", "List documents and payments with their state."),
        "held": ("adapters.cli.documents:held", "Show what is held: by reason, by wait, or one by one."),
        "postings": ("adapters.cli.postings:postings", "List the journals that went to the ledger."),
        "customers": ("adapters.cli.parties:customers", "List operational customers and the accounts they owe through."),
        "accounts": ("adapters.cli.parties:accounts", "List account customers and their classes."),
        "classes": ("adapters.cli.parties:classes", "List the classes that give accounts their posting rules."),
        "quarantine": ("adapters.cli.parties:quarantine", "List messages that could not be taken as said."),
    },
    "Act": {
        "link": ("adapters.cli.operating:link", "Let a customer owe through an account; releases what waited."),
        "unlink": ("adapters.cli.operating:unlink", "Take a customer's link away; what was posted stays."),
        "classify": ("adapters.cli.operating:classify", "Give an account a class; releases what waited."),
        "release": ("adapters.cli.operating:release", "Let a held document pass reasons that may be overridden."),
        "batch": ("adapters.cli.billing:batch", "Bill what accumulates: run, look into or take back batches."),
        "day": ("adapters.cli.billing:day", "Close the business days of a branch, and look into them."),
        "period": ("adapters.cli.periods:period", "List, open, lock, close or reopen periods."),
        "resolve": ("adapters.cli.resolving:resolve", "Decide what counts where an accounting system has something else."),
        "skip": ("adapters.cli.sources:skip", "Declare positions of a stopped partition lost, so that it is read on."),
        "statement": ("adapters.cli.collecting:statement", "Tell the accounts of a class what is open on them."),
        "interest": ("adapters.cli.collecting:interest", "Charge the accounts of a class for what is overdue."),
        "dunning": ("adapters.cli.collecting:dunning", "Send letters about what is overdue."),
        "requeue": ("adapters.cli.operating:requeue", "Offer quarantined messages again."),
    },
    "Prove": {
        "explain": ("adapters.cli.explaining:explain", "Tell why a document stands where it does, rule by rule."),
        "reasons": ("adapters.cli.reasons:reasons", "List every reason, or show one with messages that make it."),
        "simulate": ("adapters.cli.simulating:simulate", "Replay history under another class, mapping, policy or rulebook."),
        "reconcile": ("adapters.cli.ledger:reconcile", "Account for everything that was received."),
        "receivables": ("adapters.cli.receivables:receivables", "List what accounts owe, document by document."),
        "balances": ("adapters.cli.ledger:balances", "Show the trial balance, or what each account customer owes."),
        "replay": ("adapters.cli.proving:replay", "Rebuild all views in memory and compare, or see them as of then."),
        "verify": ("adapters.cli.proving:verify", "Recompute chain, decisions and views from the stored bytes."),
    },
    "Operate": {
        "rebuild": ("adapters.cli.upkeep:rebuild", "Make a view anew from the log."),
        "topics": ("adapters.cli.sources:topics", "Check the topics of the broker, or make those that are missing."),
        "schemas": ("adapters.cli.upkeep:schemas", "List or write the published message schemas."),
        "doctor": ("adapters.cli.doctor:doctor", "Check settings, store, broker, disk and clock."),
    },
}
"""Heading -> command -> (where it is, its first line). Help must not load what it lists, so the lines stand here."""


class Commands(click.Group):
    """Commands by name; a module is imported when its command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  The signature is click's.
        """Return every name, in the order of the help."""
        return [name for group in COMMANDS.values() for name in group]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  As above.
        """Load one command."""
        for group in COMMANDS.values():
            if cmd_name in group:
                place, told = group[cmd_name]
                module, _, name = place.partition(":")
                command: click.Command = getattr(import_module(module), name)
                command.short_help = told
                return command
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  As above.
        """Write the commands under their headings."""
        for heading, group in COMMANDS.items():
            with formatter.section(heading):
                formatter.write_dl([(name, told) for name, (_, told) in group.items()])


@click.group(PROGRAM, cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name=PROGRAM, prog_name=PROGRAM)
@click.option("--debug", is_flag=True, envvar="POSTGATE_DEBUG", help="Show where an unexpected error came from. [POSTGATE_DEBUG]")
def group(debug: bool) -> None:
    """The gate between what happens at the till and what reaches the books.

    Exit codes: 0 done, 1 unexpected, 2 usage, 3 a check failed, 4 something is unreachable, 5 refused by a rule.
    """
    hide_tracebacks(debug=debug)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; what nobody expected is left to the interpreter's last hook."""
    try:
        with group.make_context(PROGRAM, list(arguments)) as context:
            group.invoke(context)
        sys.stdout.flush()
    except EXPECTED as error:
        return ended(error)
    return 0


def main() -> None:
    """Run the command line of this process."""
    hide_tracebacks(debug=False)
    sys.exit(run(sys.argv[1:]))
