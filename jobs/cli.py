"""The command line: `driftline VERB`, also `python -m jobs VERB`."""

import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import duckdb

from jobs import cycle as cycles
from jobs.config.model import Monitor
from jobs.control import ControlStore
from jobs.cycle import CycleReport, Deployment
from jobs.errors import DriftlineError, NothingToDo
from jobs.paths import Paths
from jobs.policies import (
    attribution_plan,
    drift_plan,
    estimation_plan,
    gate_limits,
    live_in_log,
    parameters,
)
from jobs.warehouse import Warehouse

Day = click.DateTime(formats=["%Y-%m-%d"])


@dataclass(frozen=True)
class Options:
    """What every verb takes."""

    project_dir: Path | None
    profiles_dir: Path | None
    target: str | None
    debug: bool

    def paths(self) -> Paths:
        """Where the deployment these options name lives."""
        return Paths.find(self.project_dir, self.profiles_dir, self.target)

    def deployment(self) -> Deployment:
        """The deployment these options name."""
        return Deployment.of(self.paths())


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--project-dir", type=click.Path(path_type=Path), help="The dbt project's folder.")
@click.option("--profiles-dir", type=click.Path(path_type=Path), help="The folder of profiles.yml.")
@click.option("--target", help="Target of the dbt profile.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def app(
    context: click.Context,
    project_dir: Path | None,
    profiles_dir: Path | None,
    target: str | None,
    debug: bool,
) -> None:
    """Watch production models and renew them, from inside the warehouse.

    Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 3 nothing to do or not promoted.
    """
    context.obj = Options(project_dir, profiles_dir, target, debug)


def verb(example: str) -> Callable[[Callable[..., None]], click.Command]:
    """Register a function as a verb; the example closes its help."""

    def register(function: Callable[..., None]) -> click.Command:
        return app.command(epilog=f"Example: {example}")(click.pass_obj(function))

    return register


as_of_option = click.option(
    "--as-of", type=Day, help="The last day that is seen, YYYY-MM-DD; default: the newest data."
)
monitor_option = click.option("--monitor", required=True, help="Name of the monitor in vars.yml.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
window_option = click.option(
    "--window-days",
    type=click.Choice(["1", "7", "30"]),
    help="Length of the window; default: the policy attribution_window_days.",
)
compared_option = click.option("--dry-run", is_flag=True, help="Say which rows would be compared.")


@verb("driftline check")
def check(options: Options) -> None:
    """Check configuration, policies and the relations they name and some labels; changes no row."""
    deployment = options.deployment()
    with deployment.control.lease("check"):
        cycles.check(deployment)
        for line in cycles.suspicious_values(deployment):
            click.echo(f"warning: {line}", err=True)
    click.echo(f"{len(deployment.project.monitors)} monitors: configuration and relations agree")


@verb("driftline run --as-of 2013-05-31")
@as_of_option
@click.option("--dry-run", is_flag=True, help="Check, then say what a run would do.")
@json_option
def run(options: Options, as_of: datetime | None, dry_run: bool, as_json: bool) -> None:
    """Run one full cycle: score, build, decide, retrain, evaluate, roll out, attribute, publish."""
    deployment = options.deployment()
    if dry_run:
        with deployment.control.lease("check"):
            cycles.check(deployment)
        for name, monitor in deployment.project.monitors.items():
            day = _day(as_of) or cycles.newest_day(deployment, monitor)
            live = deployment.control.live_version(name)
            steps = "score with " + live if monitor.requests and live else "no scoring"
            renewal = "retrain if the decision says so" if monitor.retrain else "watch only"
            click.echo(f"{name} as of {day}: {steps}, build, {renewal}, publish")
        return
    _show(cycles.run_cycle(deployment, _day(as_of), _progress), as_json)


@verb("driftline score --monitor flight_delays --as-of 2013-05-31")
@monitor_option
@as_of_option
def score(options: Options, monitor: str, as_of: datetime | None) -> None:
    """Score the requests that have no answer yet and append them to the inference log."""
    from jobs.serving.score import score as score_requests

    deployment = options.deployment()
    one = deployment.project.monitor(monitor)
    with deployment.control.lease("score"):
        day = _default_day(deployment, one, as_of)
        scored = score_requests(
            deployment.paths, deployment.relations, one, day,
            lambda rows: _progress(f"{rows:,} requests scored"),
            control=deployment.control,
        )  # fmt: skip
    shadows = f", in shadow {', '.join(scored.shadow_versions)}" if scored.shadow_versions else ""
    click.echo(f"{scored.rows:,} rows scored by {scored.live_version}{shadows}")


@verb("driftline retrain --monitor flight_delays --as-of 2013-05-31 --reason 'new routes'")
@monitor_option
@as_of_option
@click.option("--reason", default="asked for by a person", help="Why; it is recorded.")
@click.option("--dry-run", is_flag=True, help="Say what would be trained on.")
def retrain(
    options: Options, monitor: str, as_of: datetime | None, reason: str, dry_run: bool
) -> None:
    """Train a version on the training window, whatever the decision says; it does not serve yet."""
    deployment = options.deployment()
    one = deployment.project.monitor(monitor)
    with deployment.control.lease("retrain"):
        day = _built_for(deployment, one, as_of, ("training_window", "monitors"))
        if dry_run:
            with deployment.warehouse(read_only=True) as warehouse:
                rows = warehouse.frame(
                    "select split, count(*), min(metric_date), max(metric_date) "
                    "from driftline.training_window where monitor = ? group by 1 order by 3",
                    [monitor],
                )
            for split, count, first, last in rows.iter_rows():
                click.echo(f"{split}: {count:,} rows from {first} to {last}")
            return
        run_id, version = cycles.train(deployment, one, day, reason, _progress)
    click.echo(f"{version} (run {run_id}); next: driftline evaluate --monitor {monitor}")


@verb("driftline evaluate --monitor flight_delays")
@monitor_option
@click.option("--run-id", help="Training run to judge; default: the newest of the monitor.")
@json_option
def evaluate(options: Options, monitor: str, run_id: str | None, as_json: bool) -> None:
    """Judge a trained version against the live one on the same unseen rows and record the gates."""
    from jobs.evaluation.run import evaluate as judge

    deployment = options.deployment()
    one = deployment.project.monitor(monitor)
    with deployment.control.lease("evaluate"):
        chosen, made_on = _training_run(deployment, monitor, run_id)
        with deployment.warehouse() as warehouse:
            champion = deployment.control.live_version(monitor) or live_in_log(warehouse, one)
            limits = gate_limits(parameters(warehouse, monitor, "promotion", made_on))
        judged = judge(
            deployment.warehouse, one, made_on, chosen, champion, deployment.paths.artifacts, limits
        )
    if as_json:
        click.echo(json.dumps([asdict(gate) for gate in judged.gates], default=str))
    else:
        for gate in judged.gates:
            click.echo(f"{gate.status:15}{gate.gate_name:22}{gate.reason}")
    if not judged.promoted:
        raise NothingToDo(f"{judged.model_version} may not serve; see promotion_decisions")


@verb("driftline attribute --monitor flight_delays --as-of 2013-08-31")
@monitor_option
@as_of_option
@window_option
@compared_option
@json_option
def attribute(
    options: Options,
    monitor: str,
    as_of: datetime | None,
    window_days: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Tell data drift from concept drift: split the change of the loss and record the parts."""
    from jobs.attribution.question import ask
    from jobs.attribution.records import verdicts_said
    from jobs.attribution.run import attribute as judge

    deployment = options.deployment()
    one = deployment.project.monitor(monitor)
    with deployment.control.lease("attribute"):
        needed = ("drift_attribution", "int_inferences", "monitors", "policies_in_force")
        day = _built_for(deployment, one, as_of, needed)
        with deployment.warehouse(read_only=dry_run) as warehouse:
            plan = attribution_plan(_judging(warehouse, monitor, day, window_days))
            question = ask(warehouse, one, day, plan.window_days)
        if dry_run:
            for line in question.described():
                click.echo(line)
            return
        verdicts = judge(deployment.warehouse, one, question, plan, _progress)
        cycles.build(deployment, _day(as_of), ["--select", "drift_attribution"])
        with deployment.warehouse(read_only=True) as warehouse:
            said = verdicts_said(warehouse, question)
    if as_json:
        told = [asdict(one) | {"verdict": said.get(one.reference, "unknown")} for one in verdicts]
        click.echo(json.dumps(told, default=str))
    else:
        for verdict in verdicts:
            answer = said.get(verdict.reference, "unknown")
            click.echo(f"{verdict.reference:10}{verdict.status:19}{answer:16}{verdict.note}")
    if all(verdict.parts is None for verdict in verdicts):
        raise NothingToDo(f"{monitor}: nothing could be judged; see drift_attribution")


@verb("driftline contributions --monitor flight_delays --as-of 2013-08-31")
@monitor_option
@as_of_option
@window_option
@compared_option
@json_option
def contributions(
    options: Options,
    monitor: str,
    as_of: datetime | None,
    window_days: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Ask whether the model still decides by the same features, and whether all of them together
    have drifted. Needs no labels, and of the model only what a job trained."""
    from jobs.drift.question import ask
    from jobs.drift.run import look

    deployment = options.deployment()
    one = deployment.project.monitor(monitor)
    with deployment.control.lease("contributions"):
        marts = ("contribution_drift", "multivariate_drift")
        needed = (*marts, "int_inferences", "int_version_spans", "int_live_version_daily")
        day = _built_for(deployment, one, as_of, (*needed, "monitors", "policies_in_force"))
        with deployment.warehouse(read_only=dry_run) as warehouse:
            plan = drift_plan(_judging(warehouse, monitor, day, window_days))
            question = ask(warehouse, one, day, plan.window_days)
        if dry_run:
            for line in question.described():
                click.echo(line)
            return
        artifacts = deployment.paths.artifacts
        found = look(deployment.warehouse, one, question, artifacts, plan, _progress)
        cycles.build(deployment, _day(as_of), ["--select", *marts])
    if as_json:
        click.echo(json.dumps(found.results(), default=str))
    else:
        for line in found.lines():
            click.echo(line)
    if all(one.told is None for one in found.compared):
        raise NothingToDo(f"{monitor}: nothing could be compared; see multivariate_drift")


@verb("driftline estimate --monitor taxi_fares --as-of 2013-08-31")
@monitor_option
@as_of_option
@click.option("--dry-run", is_flag=True, help="Say which windows would be estimated.")
@json_option
def estimate(
    options: Options, monitor: str, as_of: datetime | None, dry_run: bool, as_json: bool
) -> None:
    """Estimate the errors of a regression in windows whose labels are not due, and record them."""
    from jobs.estimation.question import ask
    from jobs.estimation.run import estimate as write
    from jobs.estimation.run import told

    deployment = options.deployment()
    one = deployment.project.monitor(monitor)
    with deployment.control.lease("estimate"):
        needed = ("int_live_version_daily", "int_inferences", "monitors", "policies_in_force")
        day = _built_for(deployment, one, as_of, needed)
        with deployment.warehouse(read_only=dry_run) as warehouse:
            plan = estimation_plan(parameters(warehouse, monitor, "estimation", day))
            question = ask(warehouse, one, day)
        if dry_run:
            for line in question.described():
                click.echo(line)
            return
        rows = write(deployment.warehouse, one, question, plan)
    if as_json:
        click.echo(rows.drop("recorded_at").write_json())
    else:
        click.echo(told(question, rows))
    if rows["estimated_value"].is_null().all():
        raise NothingToDo(f"{monitor}: nothing could be estimated; see estimated_performance")


@verb("driftline rollout --monitor flight_delays --approved-by ada@example.com")
@monitor_option
@click.option("--run-id", help="Judged training run; default: the newest of the monitor.")
@click.option("--approved-by", help="Who approves, where the policy asks for a person.")
def rollout(options: Options, monitor: str, run_id: str | None, approved_by: str | None) -> None:
    """Let a version that passed its gates serve, from the day after its training."""
    from jobs.serving.rollout import rollout as roll_out

    deployment = options.deployment()
    one = deployment.project.monitor(monitor)
    with deployment.control.lease("rollout"):
        chosen, made_on = _training_run(deployment, monitor, run_id)
        newest = cycles.newest_day(deployment, one)
        first_day = max(made_on, newest or made_on) + timedelta(days=1)
        with deployment.warehouse() as warehouse:
            done = roll_out(warehouse, deployment.control, one, chosen, first_day, approved_by)
        cycles.mirror(deployment)
    click.echo(f"{done.model_version} serves instead of {done.previous_version}: {done.reason}")


@verb("driftline rollback --monitor flight_delays --by ada@example.com --reason 'scores too high'")
@monitor_option
@click.option("--by", required=True, help="Who decides; it is recorded.")
@click.option("--reason", required=True, help="Why; it is recorded.")
@click.option(
    "--effective-on",
    type=Day,
    help="First day it counts for; default: the day after the newest data in the published copy, "
    "without one (PostgreSQL, Spark) today; never before the present version's first day.",
)
@click.option("--dry-run", is_flag=True, help="Say which version would serve.")
def rollback(
    options: Options,
    monitor: str,
    by: str,
    reason: str,
    effective_on: datetime | None,
    dry_run: bool,
) -> None:
    """Let the previous version serve again, at once, also while a build runs or is broken.

    It needs the control store alone: neither the warehouse nor vars.yml.
    """
    paths = options.paths()
    control = ControlStore.of(paths)
    live, previous = control.rollback_of(monitor)
    if dry_run:
        click.echo(f"would go back from {live} to {previous}")
        return
    day = _day(effective_on)
    if day is None:
        served = [one for one in control.history(monitor) if one.action != "shadow"]
        newest = _day_after_published(paths, monitor) or date.today()
        day = max(newest, served[-1].effective_on)
    done = control.rollback(monitor, day, by, reason)
    click.echo(f"{done.model_version} serves again instead of {done.previous_version}")


@verb("driftline report --output report.html")
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("report.html"), show_default=True
)
def report(options: Options, output: Path) -> None:
    """Write the health of all monitors as one self-contained HTML page."""
    from jobs.report import write_report

    deployment = options.deployment()
    with deployment.warehouse(read_only=True) as warehouse:
        write_report(warehouse, output)
    click.echo(f"{output}")


@verb("driftline demo")
@click.option("--folder", type=click.Path(path_type=Path), help="Where; default: warehouse/demo.")
def demo(options: Options, folder: Path | None) -> None:
    """Replay the New York flights of 2013, month by month, and end with the report."""
    from jobs.demo.replay import replay

    replay(options.project_dir, options.profiles_dir, options.target, folder, click.echo)


def _training_run(deployment: Deployment, monitor: str, run_id: str | None) -> tuple[str, date]:
    with deployment.warehouse(read_only=True) as warehouse:
        runs = warehouse.frame(
            "select run_id, as_of from driftline_jobs.training_runs where monitor = ? "
            "and run_id = coalesce(?, run_id) order by as_of desc, recorded_at desc limit 1",
            [monitor, run_id],
        )
    if runs.is_empty():
        wanted = f" with id {run_id}" if run_id else ""
        raise NothingToDo(
            f"{monitor}: found no training run{wanted}; run `driftline retrain` first"
        )
    return str(runs.item(0, 0)), runs.item(0, 1)


def _built_for(
    deployment: Deployment, monitor: Monitor, as_of: datetime | None, needed: tuple[str, ...]
) -> date:
    """Build these relations, `monitors` among them, and all above them; returns the as-of day.

    Of a day that nobody named the build knows that it may not be over.
    """
    cycles.check(deployment)
    cycles.mirror(deployment)
    cycles.build(deployment, _day(as_of), ["--select", *(f"+{name}" for name in needed)])
    return cycles.built_as_of(deployment, monitor)


def _judging(
    warehouse: Warehouse, monitor: str, day: date, window_days: str | None
) -> dict[str, str]:
    """The parameters of 'attribution', with the window that was asked for."""
    values = parameters(warehouse, monitor, "attribution", day)
    return values | ({"attribution_window_days": window_days} if window_days else {})


def _default_day(deployment: Deployment, monitor: Monitor, as_of: datetime | None) -> date:
    day = _day(as_of) or cycles.newest_day(deployment, monitor)
    if day is None:
        raise NothingToDo(f"{monitor.name}: no rows yet; load the log, or name a day with --as-of")
    return day


def _day_after_published(paths: Paths, monitor: str) -> date | None:
    """The day after the newest data in the published copy; None when it cannot be read.

    A rollback must neither fail nor wait for it, so no other engine's warehouse is asked.
    """
    asked = "select cast(as_of as date) from driftline.monitors where monitor = ?"
    rows: list[tuple[Any, ...]] = []
    if paths.file is not None and paths.published.exists():
        with (
            suppress(duckdb.Error),
            duckdb.connect(str(paths.published), read_only=True) as connection,
        ):
            rows = connection.execute(asked, [monitor]).fetchall()
    return rows[0][0] + timedelta(days=1) if rows and rows[0][0] else None


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None


def _progress(message: str) -> None:
    click.echo(message, err=True)


def _show(report: CycleReport, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(report), default=str))
        return
    for one in report.scored:
        click.echo(f"{one.monitor}: {one.rows:,} rows scored by {one.live_version}")
    for monitor, decision in report.decisions.items():
        click.echo(f"{monitor}: {decision['decision']}: {decision['reason']}")
    for monitor, outcome in report.outcome.items():
        click.echo(f"{monitor}: {outcome}")


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line and leave with its exit code; one line on stderr for an error."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        app.main(args=arguments, prog_name="driftline", standalone_mode=False)
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.Abort:
        sys.exit(1)
    except DriftlineError as error:
        if "--debug" in arguments:
            raise
        click.echo(f"driftline: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(0)
