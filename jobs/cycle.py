"""One full cycle: check, score, build, decide, retrain, evaluate, roll out, publish.

Every step is idempotent under a key made of its inputs, so a cycle that was killed anywhere is
finished by running it again with the same as-of day.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from jobs.attribution.due import is_due, why_due
from jobs.attribution.question import ask
from jobs.attribution.run import attribute
from jobs.config import Project, check_against_warehouse, check_policies, check_values, load_project
from jobs.config.model import Monitor
from jobs.control import ControlStore
from jobs.dbt import Relations, run_dbt
from jobs.drift.question import ask as ask_of_rows
from jobs.drift.records import CLASSIFICATIONS
from jobs.drift.run import look
from jobs.errors import DriftlineError, NothingToDo, ValidationFailedError
from jobs.estimation import question as estimation
from jobs.estimation.run import estimate
from jobs.estimation.run import told as told_of_estimates
from jobs.evaluation.run import evaluate
from jobs.paths import Paths
from jobs.policies import (
    attribution_plan,
    drift_plan,
    estimation_plan,
    gate_limits,
    live_in_log,
    parameters,
    training_plan,
)
from jobs.publish import publish
from jobs.serving.rollout import rollout
from jobs.serving.score import Scored, score
from jobs.training.run import retrain
from jobs.warehouse import Warehouse
from jobs.warehouse.base import real_name

Say = Callable[[str], None]
JOB_TABLES = (
    "training_runs",
    "model_versions",
    "feature_importance",
    "holdout_scores",
    "evaluation_results",
    "promotion_decisions",
    "deployments",
    "routing",
    "drift_attributions",
    "feature_contributions",
    "domain_classifications",
    "performance_estimates",
)


@dataclass
class CycleReport:
    """What a cycle did, for people and for `--json`."""

    as_of: date
    scored: list[Scored] = field(default_factory=list)
    decisions: dict[str, dict[str, str]] = field(default_factory=dict)
    trained: dict[str, str] = field(default_factory=dict)
    """Monitor to the version its retrain produced."""
    outcome: dict[str, str] = field(default_factory=dict)
    """Monitor to what became of that version, in words."""
    attributed: dict[str, list[str]] = field(default_factory=dict)
    """Monitor to why its change of loss was split, and into what, in words."""
    drift: dict[str, list[str]] = field(default_factory=dict)
    """Monitor to what was found of contributions and of all features together, in words."""
    estimated: dict[str, str] = field(default_factory=dict)
    """Monitor to what was estimated before its labels come, in words."""
    live: dict[str, str | None] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    """Monitor to the errors of what a cycle does beside its work; they do not fail it."""
    failed: dict[str, str] = field(default_factory=dict)
    """Monitor to the error that ended its renewal."""


@dataclass(frozen=True)
class Deployment:
    """Everything a job needs: paths, configuration, names of relations, control store."""

    paths: Paths
    project: Project
    relations: Relations
    control: ControlStore

    @classmethod
    def of(cls, paths: Paths) -> "Deployment":
        """Read the configuration of a deployment; raises ConfigurationError."""
        project = load_project(paths.project_dir)
        return cls(paths, project, Relations(paths), ControlStore.of(paths))

    @contextmanager
    def warehouse(self, read_only: bool = False) -> Iterator[Warehouse]:
        """A connection for one step."""
        with Warehouse.open(self.paths, read_only=read_only) as warehouse:
            yield warehouse


def check(deployment: Deployment) -> None:
    """Configuration and policies against each other and against the warehouse, reading only.

    Raises ConfigurationError with one line per fault; nothing is changed.
    """
    paths = deployment.paths
    check_policies(deployment.project, paths.policies, paths.default_policies, paths.default_rules)
    create_missing_tables(deployment)
    with deployment.warehouse() as warehouse:
        check_against_warehouse(deployment.project, warehouse, deployment.relations)


def suspicious_values(deployment: Deployment) -> list[str]:
    """What `check` cannot tell without reading values, a line each."""
    with deployment.warehouse() as warehouse:
        return check_values(deployment.project, warehouse, deployment.relations)


def create_missing_tables(deployment: Deployment) -> None:
    """Create, empty, the tables that the jobs own and that are not there yet."""
    owned = [deployment.relations.jobs_table(table) for table in JOB_TABLES]
    for monitor in deployment.project.monitors.values():
        asked = (monitor.inferences, monitor.labels, monitor.history, monitor.requests)
        owned += [deployment.relations.configured(one) for one in asked if one is not None]
    with deployment.warehouse() as warehouse:
        if all(warehouse.exists(table) for table in owned):
            return
    run_dbt(deployment.paths, ["run-operation", "create_job_tables"])


def newest_day(deployment: Deployment, monitor: Monitor) -> date | None:
    """The newest day of a prediction, a request or a label: a monitor's default as-of day.

    As int_as_of has it: what is dated after tomorrow (UTC) has not come yet.
    """
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    roles = monitor.columns
    moments = [
        (deployment.relations.configured(relation), column)
        for relation, column in (
            (monitor.requests, roles.predicted_at),
            (monitor.inferences, roles.predicted_at),
            (monitor.history, roles.predicted_at),
            (monitor.labels, roles.labeled_at),
        )
        if relation is not None and column is not None
    ]
    found = []
    with deployment.warehouse() as warehouse:
        for name, column in moments:
            kinds = warehouse.columns(name)
            real = real_name(column, kinds)
            moment = warehouse.local_moment(
                warehouse.quoted(real), kinds.get(real, ""), monitor.time_zone
            )
            day = f"cast({moment} as date)"
            newest = f"select max({day}) as day from {name} where {day} <= ?"
            found.append(warehouse.frame(newest, [tomorrow]).item(0, 0))
    return max((day for day in found if day is not None), default=None)


def built_as_of(deployment: Deployment, monitor: Monitor) -> date:
    """The as-of day that the marts of a monitor were just built for."""
    with deployment.warehouse() as warehouse:
        rows = warehouse.frame(
            "select as_of from driftline.monitors where monitor = ?", [monitor.name]
        )
    if rows.is_empty() or rows.item(0, 0) is None:
        raise NothingToDo(f"{monitor.name}: no rows yet")
    day: date = rows.item(0, 0)
    return day


@contextmanager
def _on_its_own(monitor: Monitor, report: CycleReport, say: Say) -> Iterator[None]:
    """One model that fails must not keep the others from being watched and renewed."""
    try:
        yield
    except DriftlineError as error:
        report.failed[monitor.name] = str(error)
        say(f"{monitor.name}: failed: {error}")


@contextmanager
def _beside(step: str, monitor: Monitor, report: CycleReport, say: Say) -> Iterator[None]:
    """What no decision rests on must not fail a cycle, whatever goes wrong; it is due again."""
    try:
        yield
    except Exception as error:
        why = f"{step}: {str(error) or type(error).__name__}"
        report.warnings.setdefault(monitor.name, []).append(why)
        say(f"{monitor.name}: warning: {why}")


def run_cycle(deployment: Deployment, as_of: date | None = None, say: Say = print) -> CycleReport:
    """Run the whole cycle for the end of `as_of`; returns what was done.

    Raises ConfigurationError before anything is changed, LeaseHeldError when another cycle runs,
    and, after all is done and published, DriftlineError naming the monitors that failed.
    """
    with deployment.control.lease("run"):
        check(deployment)
        days = {
            name: as_of or newest_day(deployment, monitor)
            for name, monitor in deployment.project.monitors.items()
        }
        seen = [day for day in days.values() if day is not None]
        if not seen:
            raise NothingToDo("no monitor has a row yet; load the log, or name a day with --as-of")
        report = CycleReport(max(seen))
        monitors = deployment.project.monitors.values()
        for monitor in monitors:
            with _on_its_own(monitor, report, say):
                _score(deployment, monitor, days[monitor.name], report, say)
        mirror(deployment)
        say(f"building the warehouse as of {as_of or 'the newest day of each monitor'}")
        build(deployment, as_of)
        for monitor in monitors:
            if monitor.retrain and days[monitor.name] is not None:
                with _on_its_own(monitor, report, say):
                    _renew(deployment, monitor, built_as_of(deployment, monitor), report, say)
            if days[monitor.name] is not None:
                for step, do in (
                    ("attribute", _attribute),
                    ("estimate", _estimate),
                    ("contributions", _look_for_drift),
                ):
                    with _beside(step, monitor, report, say):
                        do(deployment, monitor, built_as_of(deployment, monitor), report, say)
            report.live[monitor.name] = deployment.control.live_version(monitor.name)
        mirror(deployment)
        beside = report.attributed or report.drift or report.warnings
        if report.trained or report.outcome or beside or report.failed:
            build(deployment, as_of, ["--select", "marts.governance"])
        publish(deployment.paths)
    if report.failed:
        raise DriftlineError("; ".join(f"{name}: {why}" for name, why in report.failed.items()))
    return report


def build(deployment: Deployment, as_of: date | None, selection: list[str] | None = None) -> None:
    """Run dbt build (models, seeds and data tests) for an as-of day."""
    arguments = ["build", "--exclude-resource-type", "unit_test", *(selection or [])]
    before = os.environ.get("DRIFTLINE_AS_OF")
    os.environ["DRIFTLINE_AS_OF"] = as_of.isoformat() if as_of else ""
    try:
        run_dbt(deployment.paths, arguments)
    finally:
        del os.environ["DRIFTLINE_AS_OF"]
        if before is not None:
            os.environ["DRIFTLINE_AS_OF"] = before


def mirror(deployment: Deployment) -> None:
    """Write the control store's routing and history into the warehouse."""
    deployment.relations.jobs_table("routing")
    with deployment.warehouse() as warehouse:
        deployment.control.mirror(warehouse, deployment.relations)


def _score(
    deployment: Deployment, monitor: Monitor, as_of: date | None, report: CycleReport, say: Say
) -> None:
    if monitor.requests is None or as_of is None:
        return
    if deployment.control.live_version(monitor.name) is None:
        return
    scored = score(
        deployment.paths,
        deployment.relations,
        monitor,
        as_of,
        lambda rows: say(f"{monitor.name}: {rows:,} requests scored"),
        control=deployment.control,
    )
    report.scored.append(scored)


def _renew(
    deployment: Deployment, monitor: Monitor, as_of: date, report: CycleReport, say: Say
) -> None:
    """Finish what an earlier cycle left behind, then do what today's decision says.

    The control store is asked first: it raises when the lease was lost in the long build before.
    """
    deployment.control.live_version(monitor.name)
    for run_id, made_on in unfinished_runs(deployment, monitor):
        judge_and_roll_out(deployment, monitor, run_id, made_on, as_of, report, say)
    decision = read_decision(deployment, monitor, as_of)
    report.decisions[monitor.name] = decision
    say(f"{monitor.name}: {decision['decision']}: {decision['reason']}")
    if decision["decision"] != "retrain":
        return
    try:
        run_id, version = train(deployment, monitor, as_of, decision["reason"], say)
    except ValidationFailedError as refused:
        report.outcome[monitor.name] = f"not trained: {refused}"
        say(f"{monitor.name}: {report.outcome[monitor.name]}")
        return
    report.trained[monitor.name] = version
    judge_and_roll_out(deployment, monitor, run_id, as_of, as_of, report, say)


def _attribute(
    deployment: Deployment, monitor: Monitor, as_of: date, report: CycleReport, say: Say
) -> None:
    """Tell data drift from concept drift where it is due; what it says changes no decision."""
    with deployment.warehouse() as warehouse:
        plan = attribution_plan(parameters(warehouse, monitor.name, "attribution", as_of))
        try:
            question = ask(warehouse, monitor, as_of, plan.window_days)
        except NothingToDo:  # no version answered yet, no label is due, or not this task
            return
        reason = why_due(warehouse, monitor, question, plan.interval_days)
    if reason is None:
        return
    verdicts = attribute(deployment.warehouse, monitor, question, plan)
    told = [f"{one.reference}: {one.note}" for one in verdicts]
    report.attributed[monitor.name] = [reason, *told]
    for line in told:
        say(f"{monitor.name}: attribution against {line}")


def _look_for_drift(
    deployment: Deployment, monitor: Monitor, as_of: date, report: CycleReport, say: Say
) -> None:
    """Ask what the model decides by, and whether its rows can be told apart, where it is due."""
    with deployment.warehouse() as warehouse:
        plan = drift_plan(parameters(warehouse, monitor.name, "attribution", as_of))
        try:
            question = ask_of_rows(warehouse, monitor, as_of, plan.window_days)
        except NothingToDo:  # no version answered yet
            return
        if not is_due(warehouse, CLASSIFICATIONS, question, plan.interval_days):
            return
    found = look(deployment.warehouse, monitor, question, deployment.paths.artifacts, plan)
    report.drift[monitor.name] = found.lines()
    for line in found.lines():
        say(f"{monitor.name}: drift against {line}")


def _estimate(
    deployment: Deployment, monitor: Monitor, as_of: date, report: CycleReport, say: Say
) -> None:
    """Say what errors to expect of windows without labels; `estimated_performance` shows it."""
    with deployment.warehouse() as warehouse:
        try:
            question = estimation.ask(warehouse, monitor, as_of)
        except NothingToDo:  # not this task, no label is awaited, or all is estimated
            return
        if estimation.is_answered(warehouse, question):
            return
        plan = estimation_plan(parameters(warehouse, monitor.name, "estimation", as_of))
    rows = estimate(deployment.warehouse, monitor, question, plan)
    report.estimated[monitor.name] = told_of_estimates(question, rows)
    say(f"{monitor.name}: {report.estimated[monitor.name]}")


def read_decision(deployment: Deployment, monitor: Monitor, as_of: date) -> dict[str, str]:
    """The row of `retraining_decisions` of the day."""
    with deployment.warehouse() as warehouse:
        rows = warehouse.frame(
            "select decision, strategy, triggers, reason from driftline.retraining_decisions "
            "where monitor = ? and decision_date = ?",
            [monitor.name, as_of],
        )
    if rows.is_empty():
        return {"decision": "wait", "strategy": "none", "triggers": "none", "reason": "no rows yet"}
    return dict(rows.row(0, named=True))


def train(
    deployment: Deployment, monitor: Monitor, as_of: date, reason: str, say: Say
) -> tuple[str, str]:
    """Retrain on the training window; returns the run's id and the version."""
    with deployment.warehouse() as warehouse:
        values = parameters(warehouse, monitor.name, "retraining", as_of)
    outcome = retrain(
        deployment.warehouse,
        monitor,
        as_of,
        deployment.paths.artifacts,
        training_plan(values, reason),
    )
    say(f"{monitor.name}: trained {outcome.model_version} (run {outcome.run_id})")
    return outcome.run_id, outcome.model_version


def judge_and_roll_out(
    deployment: Deployment,
    monitor: Monitor,
    run_id: str,
    made_on: date,
    as_of: date,
    report: CycleReport,
    say: Say,
) -> None:
    """Judge a run unless that is done, and let its version serve if it may.

    `as_of` is the cycle's day, whose requests are scored already: the version serves from the next.
    """
    with deployment.warehouse() as warehouse:
        judged = warehouse.frame(
            "select 1 from driftline_jobs.promotion_decisions "
            "where run_id = ? and gate_name = 'verdict'",
            [run_id],
        )
        champion = deployment.control.live_version(monitor.name) or live_in_log(warehouse, monitor)
        limits = gate_limits(parameters(warehouse, monitor.name, "promotion", made_on))
    if judged.is_empty():
        evaluate(
            deployment.warehouse, monitor, made_on, run_id, champion, deployment.paths.artifacts,
            limits,
        )  # fmt: skip
    try:
        with deployment.warehouse() as warehouse:
            first_day = as_of + timedelta(days=1)
            done = rollout(warehouse, deployment.control, monitor, run_id, first_day)
        report.outcome[monitor.name] = f"{done.model_version} serves: {done.reason}"
    except NothingToDo as reason:
        report.outcome[monitor.name] = str(reason)
    say(report.outcome[monitor.name])


def unfinished_runs(deployment: Deployment, monitor: Monitor) -> list[tuple[str, date]]:
    """Training runs without a verdict, or with a passed one that no pointer change carried out."""
    with deployment.warehouse() as warehouse:
        runs = warehouse.frame(
            """
            select runs.run_id, runs.as_of, verdicts.status
            from driftline_jobs.training_runs as runs
            left join driftline_jobs.promotion_decisions as verdicts
                on runs.run_id = verdicts.run_id and verdicts.gate_name = 'verdict'
            where runs.monitor = ?
            order by runs.as_of, runs.run_id
            """,
            [monitor.name],
        )
    carried_out = {one.run_id for one in deployment.control.history(monitor.name)}
    newest = runs["as_of"].max() if runs.height else None
    return [
        (run_id, made_on)
        for run_id, made_on, status in runs.iter_rows()
        if status is None
        or (status == "passed" and run_id not in carried_out and made_on == newest)
    ]
