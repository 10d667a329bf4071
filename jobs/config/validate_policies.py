"""Checks the policy rows of a deployment against the monitors and the shipped parameters."""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from jobs.config.model import TASK_METRICS, Monitor, Project
from jobs.config.problems import Problems, nearest
from jobs.errors import ConfigurationError

WILDCARD = "*"
POLICY_COLUMNS = (
    "policy_id",
    "monitor",
    "rule_id",
    "metric_name",
    "segment_name",
    "segment_value",
    "feature_name",
    "parameter",
    "parameter_value",
    "valid_from",
    "note",
)
REQUIRED_CELLS = POLICY_COLUMNS[:-1]


def check_policies(
    project: Project, policies: Path, default_policies: Path, rules: Path | None = None
) -> None:
    """Check every row of `policies`; a file that is not there is right, it overrides nothing.

    The parameters that exist, and their kinds, are those of `default_policies`; with `rules`
    (a file with a column rule_id) the rules are checked too. Raises ConfigurationError with every
    fault: `seeds/policies.csv row <n> <column>: found <value>; expected <what>`, where row 1 is
    the header, as in a spreadsheet.
    """
    if not policies.exists():
        return
    kinds = _parameter_kinds(default_policies)
    known_rules = _known_rules(default_policies, rules) if rules and rules.exists() else None
    shown = f"{policies.parent.name}/{policies.name}"
    problems = Problems()
    first_rows: dict[str, int] = {}
    for number, row in _rows(policies):
        at = f"{shown} row {number}"
        for column in REQUIRED_CELLS:
            if not row[column]:
                problems.add(f"{at} {column}", None, _expected_cell(column))
        policy_id = row["policy_id"]
        if policy_id and policy_id in first_rows:
            expected = f"an id of its own (row {first_rows[policy_id]} has it)"
            problems.add(f"{at} policy_id", policy_id, expected)
        first_rows.setdefault(policy_id, number)
        _check_target(at, row, project, known_rules, problems)
        _check_parameter(at, row, kinds, problems)
    problems.raise_if_any()


def _check_target(
    at: str,
    row: Mapping[str, str],
    project: Project,
    known_rules: Collection[str] | None,
    problems: Problems,
) -> None:
    name = row["monitor"]
    monitors: Sequence[Monitor] = list(project.monitors.values())
    if name not in ("", WILDCARD):
        if name not in project.monitors:
            _add_unknown(f"{at} monitor", name, list(project.monitors), problems)
            return
        monitors = [project.monitors[name]]
    segments = {"overall", *(segment for monitor in monitors for segment in monitor.segments)}
    features = {feature for monitor in monitors for feature in monitor.features}
    for column, known in (("segment_name", segments), ("feature_name", features)):
        if row[column] not in known:
            _add_unknown(f"{at} {column}", row[column], sorted(known), problems)
    if known_rules is not None and row["rule_id"] not in known_rules:
        _add_unknown(f"{at} rule_id", row["rule_id"], sorted(known_rules), problems)


def _add_unknown(key: str, found: str, known: Collection[str], problems: Problems) -> None:
    if found not in ("", WILDCARD):
        expected = f"{WILDCARD} or one of {', '.join(known)}{nearest(found, known)}"
        problems.add(key, found, expected)


def _check_parameter(
    at: str, row: Mapping[str, str], kinds: Mapping[str, str], problems: Problems
) -> None:
    parameter, value, valid_from = row["parameter"], row["parameter_value"], row["valid_from"]
    if parameter and parameter not in kinds:
        named = sorted(kind for kind in kinds if not kind.startswith(("minimum_", "maximum_")))
        expected = f"one of {', '.join(named)}, minimum_<metric>{nearest(parameter, kinds)}"
        problems.add(f"{at} parameter", parameter, expected)
    elif value and kinds.get(parameter) == "number" and not _is_number(value):
        problems.add(f"{at} parameter_value", value, f"a number for {parameter}")
    elif value and kinds.get(parameter) == "truth" and value not in ("true", "false"):
        problems.add(f"{at} parameter_value", value, f"true or false for {parameter}")
    if valid_from and not _is_date(valid_from):
        problems.add(f"{at} valid_from", valid_from, "a date such as 2026-01-31")


def _known_rules(default_policies: Path, rules: Path) -> set[str]:
    """The signal rules, and the names under which shipped rows set retraining and the like."""
    shipped = {row["rule_id"] for file in (rules, default_policies) for _, row in _rows(file)}
    return shipped - {WILDCARD}


def _parameter_kinds(default_policies: Path) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for _, row in _rows(default_policies):
        values.setdefault(row["parameter"], []).append(row["parameter_value"])
    metrics = {name for names in TASK_METRICS.values() for name in names}
    bounds = {f"{end}_{name}": "number" for end in ("minimum", "maximum") for name in metrics}
    return bounds | {parameter: _kind(given) for parameter, given in values.items()}


def _kind(values: Sequence[str]) -> str:
    if all(value in ("true", "false") for value in values):
        return "truth"
    return "number" if all(map(_is_number, values)) else "text"


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number, cells without surrounding space) of a CSV file, the header being row 1."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.DictReader(text)
            present = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = present
            needed = ("rule_id",) if file.stem.endswith("rules") else POLICY_COLUMNS
            missing = [column for column in needed if column not in present]
            if missing:
                shown = f"{file.parent.name}/{file.name} row 1 {missing[0]}"
                expected = f"the columns {', '.join(needed)}"
                raise ConfigurationError(f"{shown}: found no such column; expected {expected}")
            for number, row in enumerate(reader, start=2):
                yield number, {column: (row.get(column) or "").strip() for column in present}
    except OSError as error:
        raise ConfigurationError(
            f"{file.parent.name}/{file.name}: found no readable file; expected a CSV file"
        ) from error


def _expected_cell(column: str) -> str:
    return {
        "policy_id": "an id of its own",
        "parameter": "the name of a parameter",
        "parameter_value": "a value",
        "valid_from": "a date such as 2026-01-31",
    }.get(column, f"{WILDCARD} or a name")


def _is_number(value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return number - number == 0 and "_" not in value  # neither NaN nor infinite


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
