"""The demo on Spark: `python -m jobs.demo.cluster` (or `make spark-demo`).

Starts a standalone cluster (a master and two workers, processes of their own on loopback) and the
PostgreSQL of the control store, plays the first months of the demo on them (the first model, then
April and May in one cycle) and says at the end what each worker did. It fails when one did nothing.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from jobs.cycle import Deployment
from jobs.demo.cluster.postgres_server import postgres_server
from jobs.demo.cluster.spark_cluster import ports_of_pages, require_spark, spark_cluster
from jobs.demo.cluster.work import work_of_workers
from jobs.demo.replay import LOG_BEGINS, empty, play
from jobs.errors import DriftlineError
from jobs.paths import Paths
from jobs.serving.executors import TAG
from jobs.warehouse.spark import spark_session

FOLDER = Path("warehouse") / "spark-demo"
# April and May arrive at once: of the months of the demo the shortest time that ends in a retrain.
SPANS = ((LOG_BEGINS, date(2013, 6, 1)),)
KNOWN = ("artifacts", "daemons", "driver", "master.log", "worker")
SETTINGS = """
# What each worker did is read from the driver's pages at the end: they must remember it.
spark.ui.retainedJobs 100000
spark.ui.retainedStages 100000
"""


def spark_demo(folder: Path) -> None:
    """Play on a cluster whose files are in `folder`, which is emptied first."""
    require_spark()
    home = folder.resolve()
    empty(home, KNOWN)
    started = time.monotonic()
    with servers(home):
        deployment = Deployment.of(Paths.find(target="spark"))
        play(deployment, SPANS, click.echo, _progress)
        session = spark_session(deployment.paths.profile.options)
        work = work_of_workers(session, ports_of_pages(home), TAG)
        session.stop()
    click.echo(f"\n{time.monotonic() - started:.0f} seconds")
    for name, did in sorted(work.items()):
        click.echo(f"{name}: {did.tasks:,} tasks, {did.scored:,} rows scored")
    idle = [name for name, did in sorted(work.items()) if not (did.tasks and did.scored)]
    if idle:
        raise DriftlineError(
            f"{', '.join(idle)}: found no work done; expected every worker's share"
        )


@contextmanager
def servers(home: Path) -> Iterator[None]:
    """The cluster and the control store, named in the environment of this process."""
    # Started by root the PostgreSQL server is another user, who must reach its folder.
    with (
        TemporaryDirectory(prefix="driftline-postgres-", ignore_cleanup_errors=True) as control,
        postgres_server(Path(control)) as postgres,
        spark_cluster(home) as spark,
    ):
        defaults = Path(spark["SPARK_CONF_DIR"]) / "spark-defaults.conf"
        defaults.write_text(defaults.read_text() + SETTINGS)
        for name, value in postgres.items():
            os.environ[name.replace("DRIFTLINE_PG_", "DRIFTLINE_CONTROL_")] = value
        os.environ.update(spark, DRIFTLINE_ARTIFACTS=str(home / "artifacts"))
        yield


def _progress(step: str) -> None:
    """Each step takes minutes here."""
    click.echo(f"  {step}", err=True)


def main() -> None:
    """Leave with 0 when all was played and every worker did its share."""
    try:
        spark_demo(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
    except DriftlineError as error:
        click.echo(f"spark-demo: {error}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
