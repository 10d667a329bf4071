"""The documentation cannot lie about commands, relations, parameters, keys, links."""

import csv
import re
import shlex
from pathlib import Path

import click
import pytest
from documents import ROOT, Page, page, pages, public_relations

from jobs.cli import app
from jobs.config.parse import (
    CARD_KEYS,
    OPTIONAL,
    OPTIONAL_COLUMNS,
    REQUIRED,
    REQUIRED_COLUMNS,
    TASK_COLUMNS,
)

SEEDS = ROOT / "dbt_project" / "seeds"
PAGES = pages()
BY_NAME = {"ids": lambda one: one.name}
CONFIGURATION = page("docs/configuration.md")
FORBIDDEN = re.compile(
    r"(?<![\w.])/(?:home|root|tmp|work|Users|usr|opt|mnt|private)/"
    r"|[A-Z]:\\\\"
    r"|--[a-z-]*index|://\S*(?:pypi|hosted|artifact|nexus|mirror)"  # where packages come from
    r"|127\.0\.0\.1|localhost"
)
RUNBOOK_HEADINGS = ["What it is", "Example", "Why it matters", "What to do"]


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def options(command: click.Command) -> dict[str, click.Parameter]:
    return {name: one for one in command.params for name in (*one.opts, *one.secondary_opts)}


@pytest.mark.parametrize("one", PAGES, **BY_NAME)
def test_links_resolve(one: Page) -> None:
    for link in one.links():
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (one.file.parent / target).resolve() if target else one.file
        assert file.exists(), f"{one.name}: {link}"
        assert file.is_relative_to(ROOT), f"{one.name}: {link} leads out of the project"
        if anchor and file.suffix == ".md":
            assert anchor in Page(file).anchors(), f"{one.name}: {link}"


@pytest.mark.parametrize("one", PAGES, **BY_NAME)
def test_no_machine_path_and_no_index_address(one: Page) -> None:
    found = FORBIDDEN.search(one.text)
    assert found is None, f"{one.name}: {found and found.group()}"


@pytest.mark.parametrize("one", PAGES, **BY_NAME)
def test_commands_exist(one: Page) -> None:
    for line in one.code():
        for part in re.split(r"&&|\|\||[;|]", line):
            words = _words(part)
            if words[:3] == ["python", "-m", "jobs"]:
                words = ["driftline", *words[3:]]
            if not words or words[0].rpartition("/")[2] != "driftline" or len(words) == 1:
                continue
            _check_command(words[1:], f"{one.name}: {part.strip()}")


def _words(line: str) -> list[str]:
    """Words of a shell command, without its redirections."""
    command = re.split(r"\s\d?[<>]", line.strip().removeprefix("$ "))[0]
    try:
        return shlex.split(command, comments=True)
    except ValueError:
        return []


def _check_command(words: list[str], where: str) -> None:
    command: click.Command = app
    known = options(app)
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word.startswith("-"):
            flag, has_value, _ = word.partition("=")
            if flag in ("--help", "-h"):
                continue
            assert flag in known, f"{where}: {flag} is no option"
            taken = known[flag]
            if not has_value and isinstance(taken, click.Option) and not taken.is_flag:
                position += 1
        elif command is app:
            if word == "VERB":
                return
            assert word in app.commands, f"{where}: {word} is no verb"
            command = app.commands[word]
            known = options(command)
        else:
            raise AssertionError(f"{where}: {word} is neither an option nor its value")


def test_every_verb_is_explained() -> None:
    text = page("docs/operations.md").text
    assert [verb for verb in app.commands if f"driftline {verb}" not in text] == []


@pytest.mark.parametrize("one", PAGES, **BY_NAME)
def test_make_targets_exist(one: Page) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for line in one.code():
        if found := re.match(r"(?:\$ )?make ([a-z-]+)\s*$", line.partition("#")[0].strip()):
            assert found.group(1) in targets, f"{one.name}: {line}"


def test_figures_name_every_public_relation_and_no_other() -> None:
    assert set(page("docs/figures.md").headings(3)) == public_relations()


@pytest.mark.parametrize("one", PAGES, **BY_NAME)
def test_relations_of_the_public_schema_exist(one: Page) -> None:
    named = {name for line in one.code() for name in re.findall(r"\bdriftline\.([a-z_]+)\b", line)}
    assert named <= public_relations(), one.name


def test_parameters_are_those_of_the_seed() -> None:
    told = CONFIGURATION.table("parameter", "rule", "default")
    documented = {(row[0], row[1], row[2]) for row in told}
    assert len(documented) == len(told)
    shipped = {
        (row["parameter"], row["rule_id"], row["parameter_value"])
        for row in seed("default_policies.csv")
    }
    assert documented == shipped


def test_policy_columns_are_those_of_the_seed() -> None:
    with (SEEDS / "default_policies.csv").open(encoding="utf-8") as text:
        header = text.readline().strip().split(",")
    assert [row[0] for row in CONFIGURATION.table("column", "what it holds")] == header


def test_keys_are_those_of_the_parser() -> None:
    documented = [row[0] for row in CONFIGURATION.table("key", "required")]
    assert sorted(documented) == sorted((*REQUIRED, *OPTIONAL))
    columns = CONFIGURATION.table("column role", "required")
    required = [row[0] for row in columns if row[1] == "yes"]
    assert sorted(required) == sorted(REQUIRED_COLUMNS)
    of_tasks = {"score", *(role for roles in TASK_COLUMNS.values() for role in roles)}
    known = {*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS, *of_tasks}
    assert sorted(row[0] for row in columns) == sorted(known)
    assert all(f"`{key}`" in CONFIGURATION.text for key in CARD_KEYS)


def test_rules_are_those_of_the_seed() -> None:
    told = CONFIGURATION.table("rule", "watches")
    assert {row[0] for row in told} == {row["rule_id"] for row in seed("default_signal_rules.csv")}


@pytest.mark.parametrize(
    "runbook", sorted({row["runbook"] for row in seed("default_signal_rules.csv")})
)
def test_runbook_has_its_page(runbook: str) -> None:
    one = page(f"docs/alerts/{runbook}.md")
    assert one.headings(2) == RUNBOOK_HEADINGS
    rules = {
        row["rule_id"] for row in seed("default_signal_rules.csv") if row["runbook"] == runbook
    }
    assert all(f"`{rule}`" in one.text for rule in rules)
    assert one.blocks("sql"), f"{one.name} has no query"


def test_no_runbook_without_a_rule() -> None:
    told = {file.stem for file in Path(ROOT / "docs" / "alerts").glob("*.md")}
    assert told == {row["runbook"] for row in seed("default_signal_rules.csv")}


def test_readme_names_the_command_of_the_demo_and_of_the_tests() -> None:
    readme = page("README.md").text
    assert "make demo" in readme and "make test" in readme
    named = {name for name in public_relations() if f"`{name}`" in readme}
    assert named == public_relations()


def test_changelog_has_an_unreleased_part() -> None:
    assert "[Unreleased]" in page("CHANGELOG.md").headings(2)
