"""The documents tell the truth: their commands run, their output is real, and nothing that can be used is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import pytest

from adapters import settings
from adapters.cli import failures
from adapters.cli.main import COMMANDS
from engine.firewall.rulebook import RULES
from tests.stories.readme import DOCUMENTS, ROOT, Failed, blocks, rerun
from tests.tidy.source import product

RUN = "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/postgate demo"
TEST = "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/python -m pytest -n 2 --dist loadfile"
TUTORIAL, HOW_TO, EXPLANATION = "README.md", "adapters/README.md", "engine/README.md"
PATHS = {"party"}
"""What looks like a key in the source, and is the place of a fault in a document."""
NAMES = [name for group in COMMANDS.values() for name in group]
AT_A_BROKER = ("run", "publish", "topics", "skip")


def read(name: str) -> str:
    """Return the text of a document."""
    return (ROOT / name).read_text(encoding="utf-8")


def differences(text: str, folder: Path) -> list[str]:
    """Run the commands of a document and return the lines that differ from what it says."""
    compared = unified_diff(text.splitlines(), rerun(text, folder).splitlines(), n=0, lineterm="")
    return [line for line in compared if not line.startswith(("---", "+++", "@@"))]


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_shows_what_its_commands_print(name: str, tmp_path: Path) -> None:
    """Every command runs in order and prints what stands below it; `python -m tests.stories.readme` writes it anew."""
    assert differences(read(name), tmp_path) == []


CREATED = "<folder>/postgate.db: created, store version 1"
SMALL = """```sh
export PATH="$PWD/.venv/bin:$PATH"
```

```console
$ postgate migrate
<folder>/postgate.db: created, store version 1
$ postgate held
nothing is held
```

```sh not-run
exit 1
```
"""


def test_a_true_transcript_passes(tmp_path: Path) -> None:
    """Places are compared as placeholders, and what is marked as not run is left alone."""
    assert differences(SMALL, tmp_path) == []


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (("version 1\n", "version 2\n"), ["-<folder>/postgate.db: created, store version 2", f"+{CREATED}"]),
        pytest.param(("nothing is held\n", ""), ["+nothing is held"], marks=pytest.mark.slow),
        pytest.param(("nothing is held\n", "nothing is held\nand more\n"), ["-and more"], marks=pytest.mark.slow),
        pytest.param(
            ("<folder>/postgate.db", "postgate.db"),
            ["-postgate.db: created, store version 1", f"+{CREATED}"],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_planted_difference_is_found(tmp_path: Path, planted: tuple[str, str], found: list[str]) -> None:
    """A wrong line, a missing one, one too many, and a place that is not the real one."""
    assert differences(SMALL.replace(*planted), tmp_path) == found


@pytest.mark.slow
def test_a_line_of_the_tutorial_cannot_drift(tmp_path: Path) -> None:
    """Of the hand-made sale, a changed amount in the text is the one difference."""
    sale = read(TUTORIAL).partition("## One sale by hand")[2]
    true, planted = "would release 1 document, 100.00 EUR", "would release 2 documents, 100.00 EUR"
    assert differences(sale.replace(true, planted), tmp_path) == [f"-{planted}", f"+{true}"]


@pytest.mark.parametrize(("command", "why"), [("postgate held --nope", "exit code 2"), ("exit 0", "stopped after 0 of 2")])
def test_a_command_that_fails_is_named(tmp_path: Path, command: str, why: str) -> None:
    """A document cannot show a command that does not work."""
    with pytest.raises(Failed, match=why):
        rerun(f"```sh\nPATH=$PWD/.venv/bin:$PATH {command}\n```\n```console\n$ echo on\n```\n", tmp_path)


def test_the_two_commands_stand_alone() -> None:
    """Each is a block of its own, to be pasted."""
    text = read(TUTORIAL)
    assert f"```sh not-run\n{RUN}\n```\n" in text
    assert f"```sh not-run\n{TEST}\n```\n" in text


def commands_run(name: str) -> Iterator[str]:
    """Yield every postgate command that a document runs."""
    for block in blocks(read(name).splitlines()):
        for line in "\n".join(block.commands).splitlines():
            yield from re.findall(r"(?:^|\| |bin/)postgate ([a-z]+)", line)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in AT_A_BROKER])
def test_every_command_has_an_example_that_runs(name: str) -> None:
    """Whatever the command line offers is shown at work in the how-to."""
    assert name in set(commands_run(HOW_TO))


@pytest.mark.parametrize("name", AT_A_BROKER)
def test_every_command_for_a_broker_has_an_example(name: str) -> None:
    """These are run where a broker is: by test_readme_kafka, and `skip` by the tests of stopped partitions."""
    assert f"\npostgate {name} " in read(HOW_TO)


def test_every_setting_is_documented() -> None:
    """Its name, its environment name and what holds where nothing is set, as they are in force."""
    for setting in settings.read(environment={}).all():
        assert f"| `{setting.name}` | `{setting.environment}` |" in read(HOW_TO)
        assert f"| `{setting.value}` | {setting.meaning}" in read(HOW_TO)


def test_every_environment_name_is_documented() -> None:
    """No module reads a variable that the how-to does not name."""
    named = {name for module in product() for name in re.findall(r"POSTGATE_[A-Z_]*[A-Z]", module.text)}
    named |= {setting.environment for setting in settings.read(environment={}).all()}
    assert {name for name in named if f"`{name}`" not in read(HOW_TO)} == set()


def test_every_exit_code_is_documented() -> None:
    """A script can tell how a command ended."""
    codes = (0, failures.UNEXPECTED, failures.USAGE, failures.CHECK_FAILED, failures.UNREACHABLE, failures.REFUSED)
    for code in (*codes, failures.STOPPED, failures.PIPE_CLOSED):
        assert f"\n| {code} | " in read(HOW_TO)


def test_every_wait_is_explained() -> None:
    """Each kind of key that a document can be indexed by stands in the explanation, with what touches it."""
    modules = [module for module in product() if module.path.startswith(("engine/firewall/", "engine/handling/intake.py"))]
    kinds = {kind for module in modules for kind in re.findall(r'"([a-z]+):(?=["{a-z])', module.text)}
    assert len(kinds - PATHS) == 13
    assert {kind for kind in kinds - PATHS if f"`{kind}:" not in read(EXPLANATION)} == set()


def test_the_rule_in_the_explanation_is_a_rule_in_force() -> None:
    """Source that is quoted is source that runs."""
    (quoted,) = re.findall(r"```python\n(.*?)```", read(EXPLANATION), re.DOTALL)
    assert any(quoted in module.text for module in product() if module.path.startswith("engine/firewall/"))


def test_the_number_of_rules_is_told_as_it_is() -> None:
    """The state of the project is no promise."""
    assert f"{len(RULES)} rules in all" in read(TUTORIAL)


@pytest.mark.parametrize("name", [*DOCUMENTS, EXPLANATION, "deploy/README.md", "CHANGELOG.md"])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    """A file that is named by a link is there, and so is the heading."""
    for target, _, heading in re.findall(r"\]\((?!https?:)([^)#]*)(#([a-z-]+))?\)", read(name)):
        path = (ROOT / name).parent / target if target else ROOT / name
        assert path.exists(), target
        if heading:
            assert f"\n## {heading.replace('-', ' ')}\n" in path.read_text(encoding="utf-8").lower(), heading
