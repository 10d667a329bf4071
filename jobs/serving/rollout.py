"""Blue-green rollout: a version that passed its gates takes over all traffic at once."""

from dataclasses import dataclass
from datetime import date

from jobs.config.model import Monitor
from jobs.control import ControlStore
from jobs.errors import DriftlineError, NothingToDo
from jobs.policies import is_on, parameters
from jobs.warehouse import Warehouse

AUTOMATIC = "policy automatic_approval"


@dataclass(frozen=True)
class Rollout:
    """What a rollout did; `previous_version` is None for the first."""

    model_version: str
    previous_version: str | None
    reason: str


def rollout(
    warehouse: Warehouse,
    control: ControlStore,
    monitor: Monitor,
    run_id: str,
    effective_on: date,
    approved_by: str | None = None,
) -> Rollout:
    """Make the version of a judged run live from `effective_on`, the first day it can score.

    Done again it changes nothing. Raises NothingToDo when the gates failed, when the policy asks
    for a person and none approved, or when a later change has overtaken the run.
    """
    verdicts = warehouse.frame(
        """
        select model_version, champion_version, status, reason
        from driftline_jobs.promotion_decisions
        where run_id = ? and gate_name = 'verdict' and monitor = ?
        """,
        [run_id, monitor.name],
    )
    if verdicts.is_empty():
        raise DriftlineError(
            f"run {run_id} of {monitor.name}: found no verdict; run `driftline evaluate` first"
        )
    version, judged_against, status, reason = verdicts.row(0)
    if status != "passed":
        raise NothingToDo(f"{monitor.name}: {version} is not promoted: {reason}")
    values = parameters(warehouse, monitor.name, "rollout", effective_on)
    if approved_by is None and not is_on(values, "automatic_approval"):
        raise NothingToDo(
            f"{monitor.name}: {version} passed its gates and waits for a person; "
            f"run `driftline rollout --monitor {monitor.name} --approved-by NAME`"
        )
    live = control.live_version(monitor.name)
    if live not in (judged_against, version, None):
        raise NothingToDo(
            f"{monitor.name}: {version} was judged against {judged_against}, but {live} is live "
            "now; evaluate it again"
        )
    undone = any(one.run_id == run_id for one in control.history(monitor.name)) and live != version
    if undone and approved_by is None:
        raise NothingToDo(
            f"{monitor.name}: {version} served before and was rolled back; to let it serve again "
            f"run `driftline rollout --monitor {monitor.name} --approved-by NAME`"
        )
    initial = [one for one in control.history(monitor.name) if one.action == "initial"]
    first = initial[0].model_version if initial else version
    keep = [first] if is_on(values, "keep_baseline_in_shadow") and first != version else []
    done = control.point(
        monitor.name,
        version,
        "initial" if live is None else "promote",
        effective_on,
        approved_by or AUTOMATIC,
        reason,
        # A version that returns is a new change, not the one its run made before.
        run_id=None if undone else run_id,
        keep_in_shadow=keep,
        expected_live=live,  # a person may have rolled back since it was read
    )
    return Rollout(version, done.previous_version, reason)
