"""Turns vars.yml into a Project; every fault is found before one error is raised.

dbt checks the same rules when it parses (macros/config), so both halves refuse the same files.
"""

import re
import zoneinfo
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jobs.config.model import (
    TASK_METRICS,
    BusinessMetric,
    Columns,
    Monitor,
    Project,
    Relation,
)
from jobs.config.problems import Problems, Section, is_text, is_whole
from jobs.config.read_yaml import read_monitors

REQUIRED = (
    "description",
    "owner",
    "task",
    "inferences",
    "columns",
    "time_zone",
    "label_horizon_days",
    "features",
    "primary_metric",
)
OPTIONAL = (
    "labels",
    "history",
    "requests",
    "filter",
    "unlabeled_means",
    "decision_threshold",
    "segments",
    "protected",
    "business_metrics",
    "retrain",
    "bins_version",
    "fingerprint",
    "retention_days",
    "look_back_days",
    "card",
    "ranking_depth",
)
REQUIRED_COLUMNS = ("id", "predicted_at", "model_version", "label")
TASK_COLUMNS = {"multiclass": ("class_scores",), "ranking": ("score", "query")}
SCORE = ("score",)
OPTIONAL_COLUMNS = ("entity", "loaded_at", "labeled_at", "is_shadow")
BUSINESS_KEYS = ("numerator", "denominator", "direction")
OPTIONAL_BUSINESS_KEYS = ("description", "unit", "horizon_days")
# What rules and policies measure or mean by a name.
TAKEN_METRICS = (
    "all", "error_p50", "error_p95", "label_coverage", "mean_error", "primary", "psi", "row_count",
)  # fmt: skip
CARD_KEYS = ("problem", "intended_use", "limitations", "fairness", "data_needed")
RELATION_FORM = "{source: [source_name, table]} or {ref: model}"
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
ZONE_NAME = re.compile(r"[A-Za-z0-9_+/-]+")
EMPTY: Mapping[str, Any] = {}


def load_project(project_dir: Path, override: Mapping[str, Any] | None = None) -> Project:
    """Read and check vars.yml of the dbt project; `override` takes the place of its monitors.

    Raises ConfigurationError with every fault, one per line:
    `monitors.<monitor>.<key>: found <value>; expected <what is allowed>`.
    """
    monitors = read_monitors(project_dir / "vars.yml") if override is None else override
    return parse_project(monitors)


def parse_project(monitors: Any) -> Project:
    """Check the mapping of monitors and fill in the defaults; raises as `load_project` does."""
    problems = Problems()
    if not isinstance(monitors, Mapping):
        problems.add("monitors", monitors, "a mapping of monitors")
        problems.raise_if_any()
    parsed = {str(name): _monitor(name, values, problems) for name, values in monitors.items()}
    problems.raise_if_any()
    return Project({name: monitor for name, monitor in parsed.items() if monitor is not None})


def _monitor(name: Any, values: Any, problems: Problems) -> Monitor | None:
    at = f"monitors.{name}"
    if not isinstance(name, str) or not NAME.fullmatch(name):
        expected = "a lower-case name of letters, digits and _ (at most 60)"
        problems.add(at, name, expected)
    if not isinstance(values, Mapping):
        problems.add(at, values, "a mapping of keys")
        return None
    section = Section(at, values, problems)
    section.check_keys(REQUIRED, OPTIONAL)
    task = section.read(
        "task",
        lambda value: isinstance(value, str) and value in TASK_METRICS,
        f"one of {', '.join(TASK_METRICS)}",
        "",
    )
    inferences = _relation(section, "inferences")
    labels = _relation(section, "labels")
    requests = _relation(section, "requests")
    columns = _columns(section, task)
    numeric, categorical = _features(section)
    segments = _segments(section)
    retrain = section.read("retrain", lambda value: isinstance(value, bool), "true or false", False)
    if retrain and values.get("requests") is None:
        problems.add(f"{at}.requests", None, "the relation to score, because retrain is true")
    _check_task(section, task)
    business_metrics = _business_metrics(section)
    return Monitor(
        name=str(name),
        description=section.read("description", is_text, "text", ""),
        owner=section.read("owner", is_text, "text", ""),
        task=task,
        inferences=inferences or Relation("ref", ("",)),
        labels=labels,
        history=_relation(section, "history"),
        requests=requests,
        filter=section.read("filter", is_text, "an SQL condition", "true"),
        columns=columns,
        time_zone=section.read(
            "time_zone", _is_time_zone, "an IANA name such as Europe/Berlin", "UTC"
        ),
        label_horizon_days=section.read(
            "label_horizon_days",
            lambda value: is_whole(value) and value >= 0,
            "a whole number of days, 0 or more",
            0,
        ),
        unlabeled_means=section.read(
            "unlabeled_means",
            lambda value: value in ("unknown", "negative"),
            "unknown or negative",
            "unknown",
        ),
        decision_threshold=float(
            section.read("decision_threshold", _is_share, "a number between 0 and 1", 0.5)
        ),
        numeric=numeric,
        categorical=categorical,
        segments=segments,
        protected=_protected(section, segments),
        primary_metric=_primary_metric(section, task, () if retrain else business_metrics),
        business_metrics=business_metrics,
        retrain=retrain,
        bins_version=section.read(
            "bins_version",
            lambda value: is_whole(value) and value >= 1,
            "a whole number, 1 or more",
            1,
        ),
        fingerprint=section.read(
            "fingerprint",
            lambda value: value in ("counts", "content"),
            "counts or content",
            "counts",
        ),
        retention_days=_days(section, "retention_days"),
        look_back_days=_days(section, "look_back_days"),
        card=_card(section),
    )


def _check_task(section: Section, task: str) -> None:
    """What only some tasks have, and what is not built yet."""
    only_binary: tuple[tuple[str, Any, str], ...] = (
        ("decision_threshold", None, "nothing (only a binary task has a threshold)"),
        ("unlabeled_means", "unknown", "unknown (only a binary task has negatives)"),
        ("retrain", False, "false (only binary models are retrained yet)"),
        ("protected", [], "nothing (fairness is of binary tasks yet)"),
    )
    only_ranking: tuple[tuple[str, Any, str], ...] = (
        ("ranking_depth", None, "nothing (only a ranking has a depth)"),
    )
    refused = (only_binary if task not in ("", "binary") else ()) + (
        only_ranking if task not in ("", "ranking") else ()
    )
    for key, allowed, expected in refused:
        value = section.values.get(key, allowed)
        if value != allowed:
            section.problems.add(f"{section.at}.{key}", value, expected)
    if task == "ranking":
        section.read(
            "ranking_depth",
            lambda value: is_whole(value) and value >= 1,
            "a whole number, 1 or more",
            10,
        )


def _days(section: Section, key: str) -> int | None:
    days: int | None = section.read(
        key,
        lambda value: value is None or (is_whole(value) and value >= 1),
        "a whole number of days, 1 or more",
        None,
    )
    horizon = section.values.get("label_horizon_days")
    if days is not None and isinstance(horizon, int) and is_whole(horizon) and days < horizon:
        expected = f"at least label_horizon_days ({horizon}), or late labels are never counted"
        section.problems.add(f"{section.at}.{key}", days, expected)
    return days


def _relation(section: Section, key: str) -> Relation | None:
    declared = section.read(key, lambda value: True, RELATION_FORM, None)
    if declared is None:
        return None
    if isinstance(declared, Mapping) and len(declared) == 1:
        names = declared.get("source")
        if isinstance(names, list) and len(names) == 2 and all(map(is_text, names)):
            return Relation("source", tuple(names))
        if is_text(declared.get("ref")):
            return Relation("ref", (declared["ref"],))
    section.problems.add(f"{section.at}.{key}", declared, RELATION_FORM)
    return None


def _columns(section: Section, task: str) -> Columns:
    roles = section.read(
        "columns",
        lambda value: isinstance(value, Mapping),
        "a mapping of roles to columns",
        EMPTY,
    )
    inner = Section(f"{section.at}.columns", roles, section.problems)
    required = (*REQUIRED_COLUMNS, *TASK_COLUMNS.get(task, SCORE))
    if isinstance(section.values.get("columns"), Mapping):
        inner.check_keys(required, OPTIONAL_COLUMNS)
    if roles and section.values.get("labels") and roles.get("labeled_at") is None:
        expected = "the column of labels that says when the label became known"
        section.problems.add(f"{inner.at}.labeled_at", None, expected)
    names = {
        role: inner.read(role, is_text, "the name of a column", "")
        for role in (*required, *OPTIONAL_COLUMNS)
        if role != "class_scores"
    }
    optional: dict[str, Any] = {role: names[role] or None for role in OPTIONAL_COLUMNS}
    return Columns(
        **{role: names[role] for role in REQUIRED_COLUMNS},
        **optional,
        score=names.get("score", ""),
        query=names.get("query"),
        class_scores=_class_scores(inner) if task == "multiclass" else {},
    )


def _class_scores(columns: Section) -> Mapping[str, str]:
    scores = columns.read(
        "class_scores",
        lambda value: isinstance(value, Mapping) and len(value) >= 2,
        "a mapping of at least two classes to the columns of their scores",
        EMPTY,
    )
    for name, column in scores.items():
        if not is_text(name) and not is_whole(name):
            expected = "classes as the label has them, in quotes"
            columns.problems.add(f"{columns.at}.class_scores", name, expected)
        if not is_text(column):
            expected = "the name of a column"
            columns.problems.add(f"{columns.at}.class_scores.{name}", column, expected)
    return {str(name): str(column) for name, column in scores.items()}


def _features(section: Section) -> tuple[tuple[str, ...], tuple[str, ...]]:
    form = "{numeric: [column, ...], categorical: [column, ...]}"
    kinds = ("numeric", "categorical")
    declared: Mapping[str, Any] | None = section.read(
        "features", lambda value: isinstance(value, Mapping), form, None
    )
    if declared is None:
        return (), ()
    inner = Section(f"{section.at}.features", declared, section.problems)
    inner.check_keys((), kinds)
    seen: set[str] = set()
    by_kind: dict[str, tuple[str, ...]] = {}
    for kind in kinds:
        names: list[Any] = inner.read(
            kind, lambda value: isinstance(value, list), "names of columns", []
        )
        for name in names:
            if not is_text(name):
                section.problems.add(f"{inner.at}.{kind}", name, "names of columns")
                continue
            if name in seen:
                section.problems.add(f"{inner.at}.{kind}", f"{name} twice", "each feature once")
            seen.add(name)
        by_kind[kind] = tuple(map(str, names))
    if not any(declared.get(kind) for kind in kinds):
        section.problems.add(inner.at, "no feature", "at least one feature")
    return by_kind["numeric"], by_kind["categorical"]


def _segments(section: Section) -> Mapping[str, str]:
    segments = section.read(
        "segments",
        lambda value: isinstance(value, Mapping),
        "a mapping of names to SQL expressions",
        EMPTY,
    )
    for name, expression in segments.items():
        at = f"{section.at}.segments.{name}"
        if not isinstance(name, str) or name == "overall" or not NAME.fullmatch(name):
            expected = "a lower-case name of letters, digits and _ other than overall"
            section.problems.add(at, name, expected)
        elif not is_text(expression):
            section.problems.add(at, expression, "an SQL expression")
    return {str(name): str(expression).strip() for name, expression in segments.items()}


def _business_metrics(section: Section) -> Mapping[str, BusinessMetric]:
    declared = section.read(
        "business_metrics",
        lambda value: isinstance(value, Mapping),
        "a mapping of names to {numerator, denominator, direction}",
        EMPTY,
    )
    taken = {*TAKEN_METRICS, *(name for names in TASK_METRICS.values() for name in names)}
    found: dict[str, BusinessMetric] = {}
    for name, values in declared.items():
        at = f"{section.at}.business_metrics.{name}"
        if not isinstance(name, str) or name in taken or not NAME.fullmatch(name):
            expected = "a lower-case name of letters, digits and _ that no built-in metric has"
            section.problems.add(at, name, expected)
        elif not isinstance(values, Mapping):
            expected = "a mapping with numerator, denominator, direction"
            section.problems.add(at, values, expected)
        else:
            found[name] = _business_metric(Section(at, values, section.problems))
    return found


def _business_metric(section: Section) -> BusinessMetric:
    section.check_keys(BUSINESS_KEYS, OPTIONAL_BUSINESS_KEYS)
    numerator, denominator = (
        str(section.read(side, _is_expression, "an SQL expression", "")).strip()
        for side in ("numerator", "denominator")
    )
    return BusinessMetric(
        numerator=numerator,
        denominator=denominator,
        direction=section.read(
            "direction", lambda value: value in ("higher", "lower"), "higher or lower", "higher"
        ),
        horizon_days=section.read(
            "horizon_days",
            lambda value: is_whole(value) and value >= 0,
            "a whole number of days, 0 or more",
            0,
        ),
        unit=section.read("unit", is_text, "text", ""),
        description=section.read("description", is_text, "text", ""),
    )


def _protected(section: Section, segments: Mapping[str, str]) -> tuple[str, ...]:
    names: list[Any] = section.read("protected", _is_list, "names of segments", [])
    for name in names:
        if name not in segments:
            section.problems.add(f"{section.at}.protected", name, "names of segments")
    return tuple(map(str, names))


def _primary_metric(section: Section, task: str, business_metrics: Iterable[str]) -> str:
    if not task:
        return ""
    metrics = (*TASK_METRICS[task], *business_metrics)
    return section.read(
        "primary_metric", lambda value: value in metrics, f"one of {', '.join(metrics)}", ""
    )


def _card(section: Section) -> Mapping[str, str]:
    texts = section.read(
        "card", lambda value: isinstance(value, Mapping), "a mapping of texts", EMPTY
    )
    inner = Section(f"{section.at}.card", texts, section.problems)
    inner.check_keys((), CARD_KEYS)
    return {key: inner.read(key, is_text, "text", "") for key in CARD_KEYS if texts.get(key)}


def _is_expression(value: object) -> bool:
    """SQL, or a number such as the 1 of a mean per row."""
    return is_text(value) or (isinstance(value, int | float) and not isinstance(value, bool))


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1


def _is_time_zone(value: object) -> bool:
    if not isinstance(value, str) or not ZONE_NAME.fullmatch(value):
        return False
    known = zoneinfo.available_timezones()
    return not known or value in known  # without a zone database on the machine: let DuckDB judge
