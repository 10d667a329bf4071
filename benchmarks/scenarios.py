"""What is measured: full refreshes, a new day on growing histories, and the other tools."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.deployment import ONE_AT_A_TIME, SAME_MEASURES, WHOLE, Deployment
from benchmarks.environments import Environment, environment
from benchmarks.measure import Measured, run_module, run_task
from benchmarks.session import Session
from benchmarks.shape import REFERENCE_DAYS, Size, spoken_rows

FULL_REFRESH = (*WHOLE, "--full-refresh", *ONE_AT_A_TIME)
SAME_FULL_REFRESH = (*SAME_MEASURES, "--full-refresh", *ONE_AT_A_TIME)
PEER_LIMIT_SECONDS = 3600.0


def full_refresh(session: Session) -> None:
    """Build everything, with three segment dimensions, next to the lower bound on the same file."""
    for rows in session.options.rows:
        size = Size.of(rows, session.options.days)
        session.say(f"full_refresh: {spoken_rows(rows)} rows")
        session.make_room(rows)
        warehouse = session.generate("full", size)
        built = session.deploy("full", warehouse)
        empty = session.deploy("empty", session.generate("empty", Size(1, 0)))
        cases: dict[str, Callable[[], Measured]] = {
            "lower_bound": partial(run_task, session.task("lower_bound", warehouse)),
            "driftline": partial(run_task, built.dbt_task(*FULL_REFRESH)),
            "driftline_empty_log": partial(run_task, empty.dbt_task(*FULL_REFRESH)),
        }
        runs = [(case, repeat) for case in cases for repeat in range(session.repeats(rows, case))]
        session.order.shuffle(runs)
        for case, repeat in runs:
            _reset_before(session, case, built, empty)
            session.measure("full_refresh", case, size, repeat, cases[case])
        session.clean()


def new_day(session: Session) -> None:
    """Add days one by one to histories of several lengths; after each, build with nothing new."""
    options = session.options
    session.say(f"new_day: {options.day_rows:,} rows a day on {options.histories} days")
    session.make_room(options.day_rows * sum(options.histories))
    deployments = {}
    for days in options.histories:
        size = Size(options.day_rows, days)
        deployment = session.deploy(f"days_{days}", session.generate(f"days_{days}", size))
        first = partial(run_task, deployment.dbt_task(*FULL_REFRESH))
        session.measure("new_day", "first_build", size, 0, first)
        deployments[days] = deployment
    waiting = {days: list(range(options.repeats)) for days in options.histories}
    while waiting:
        days = session.order.choice(sorted(waiting))
        _one_more_day(session, deployments[days], days, waiting[days].pop(0))
        waiting = {days: repeats for days, repeats in waiting.items() if repeats}
    session.clean()


def _one_more_day(session: Session, deployment: Deployment, days: int, repeat: int) -> None:
    """Append a day and build; build twice more with nothing new, last as the profile is shipped."""
    size = Size(session.options.day_rows, days)
    appended = session.task(
        "append", deployment.warehouse, rows_per_day=size.rows_per_day, day=days + repeat
    )
    session.step(appended)
    for case, threads in (("day", ONE_AT_A_TIME), ("empty", ONE_AT_A_TIME), ("empty_shipped", ())):
        run = partial(run_task, deployment.dbt_task(*WHOLE, *threads))
        session.measure("new_day", case, size, repeat, run)


def peers(session: Session) -> None:
    """Compute daily drift of every feature (and AUC) without segments, with each tool."""
    options = session.options
    size = Size.of(options.peer_rows, options.peer_days)
    if size.days < REFERENCE_DAYS:
        raise RuntimeError(
            f"--peer-days: found {size.days}; expected {REFERENCE_DAYS} at least, the reference"
        )
    session.say(f"peers: {size.rows:,} rows over {size.days} days, 24 features")
    session.make_room(size.rows)
    warehouse = session.generate("peers", size)
    parquet = session.work / "log.parquet"
    session.step(session.task("export", warehouse, parquet=str(parquet), days=size.days))
    built = session.deploy("peers", warehouse, segments=False)
    empty = session.deploy(
        "peers_empty", session.generate("peers_empty", Size(1, 0)), segments=False
    )
    cases: dict[str, Callable[[], Measured]] = {
        "lower_bound": partial(run_task, session.task("lower_bound", warehouse)),
        "driftline": partial(run_task, built.dbt_task(*SAME_FULL_REFRESH)),
        "driftline_empty_log": partial(run_task, empty.dbt_task(*SAME_FULL_REFRESH)),
    }
    runs = [(case, repeat) for case in cases for repeat in range(options.repeats)]
    for peer in options.peers:
        found = _peer(session, peer)
        if found.reason:
            session.record_missing("peers", peer, size, f"not installed: {found.reason}")
            continue
        cases[peer] = partial(_run_peer, peer, parquet, found.python)
        count = options.repeats if peer == "polars" else options.slow_peers
        runs += [(peer, repeat) for repeat in range(count)]
    session.order.shuffle(runs)
    for case, repeat in runs:
        _reset_before(session, case, built, empty)
        session.measure("peers", case, size, repeat, cases[case])
    session.clean()


def _peer(session: Session, peer: str) -> Environment:
    """Return where a peer runs; polars is among Driftline's own packages."""
    if peer == "polars":
        return Environment(peer, "", None)
    session.say(f"environment of {peer}")
    return environment(peer, session.options.cache / "environments")


def _run_peer(peer: str, parquet: Path, python: Path | None) -> Measured:
    module = f"benchmarks.peers.{peer}_script"
    return run_module(module, [str(parquet)], python, PEER_LIMIT_SECONDS)


def _reset_before(session: Session, case: str, built: Deployment, empty: Deployment) -> None:
    """Let every measured build start from the log alone."""
    deployment = {"driftline": built, "driftline_empty_log": empty}.get(case)
    if deployment:
        session.step(session.task("reset", deployment.warehouse))


SCENARIOS: dict[str, Callable[[Session], None]] = {
    "full_refresh": full_refresh,
    "new_day": new_day,
    "peers": peers,
}
