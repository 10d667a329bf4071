"""Fixtures of the servers, started once a session and only when a test asks for them.

tests/conftest.py offers them to every folder; a test that uses one is marked `engines`.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from jobs.demo.cluster.postgres_server import postgres_server
from jobs.demo.cluster.spark_cluster import spark_cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[dict[str, str]]:
    """Environment variables of a private PostgreSQL, for the profile's target `postgres`.

    Its folder is not pytest's: run as root the server is another user, and any other pytest that
    starts shuts that one off.
    """
    with (
        TemporaryDirectory(prefix="driftline-postgres-", ignore_cleanup_errors=True) as folder,
        postgres_server(Path(folder)) as variables,
    ):
        yield variables


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Environment variables of a cluster of a master and two workers; they are set, and the one
    Spark session of this process begins here and ends with the tests.

    dbt and the jobs take the session that is there. Its catalogue is Spark's own, in memory: a
    Hive metastore on Derby would cost a third of the time. And what follows a shuffle of so few
    rows is one task. `make spark-demo` runs on a metastore, and on both workers to the end.
    """
    with spark_cluster(tmp_path_factory.mktemp("spark")) as variables:
        before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        _start_session()
        yield variables
        _stop_session()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _start_session() -> None:
    from pyspark.sql import SparkSession

    assert SparkSession.getActiveSession() is None, "a session began without the cluster"
    settings = {"spark.sql.catalogImplementation": "in-memory", "spark.sql.shuffle.partitions": "1"}
    SparkSession.builder.config(map=settings).getOrCreate()


def _stop_session() -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    if session is not None:
        session.stop()
