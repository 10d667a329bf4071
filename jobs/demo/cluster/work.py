"""What each worker of a Spark cluster did for an application, as Spark's own pages tell it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

SECONDS_TO_ANSWER = 60


@dataclass(frozen=True)
class Work:
    """Tasks that were executed by a worker, and rows of the log that it scored."""

    tasks: int = 0
    scored: int = 0


def work_of_workers(session: Any, workers: Mapping[int, str], tag: str) -> dict[str, Work]:
    """Return {worker: its work}; `workers` are names by the port of their web pages.

    Rows count that jobs under the tag `tag` of the session wrote. The driver's page must be on
    (spark.ui.enabled) and remember all jobs (spark.ui.retainedJobs, retainedStages).
    """
    context = session.sparkContext
    address = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}"
    found = dict.fromkeys(workers.values(), Work())
    worker_of = {}
    for executor in _ask(f"{address}/allexecutors"):
        if executor["id"] == "driver":
            continue
        name = workers[urlsplit(executor["executorLogs"]["stdout"]).port or 0]
        worker_of[executor["id"]] = name
        found[name] = Work(found[name].tasks + int(executor["totalTasks"]))
    # A session puts its own name before a tag.
    jobs = [
        job for job in _ask(f"{address}/jobs")
        if any(str(one).endswith(tag) for one in job["jobTags"])
    ]  # fmt: skip
    for stage in sorted({stage for job in jobs for stage in job["stageIds"]}):
        for attempt in _ask(f"{address}/stages/{stage}?details=true"):
            for executor_id, did in attempt.get("executorSummary", {}).items():
                name = worker_of[executor_id]
                rows = found[name].scored + int(did["outputRecords"])
                found[name] = Work(found[name].tasks, rows)
    return found


def _ask(address: str) -> Any:
    with urlopen(address, timeout=SECONDS_TO_ANSWER) as answer:
        return json.load(answer)
