"""A real standalone Spark cluster: a master and two workers, processes on loopback.

All ports are chosen by the system. Each driver process needs a configuration of its own
(`driver_variables`), because an embedded metastore serves one process at a time.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

from jobs.demo.cluster.keeping import INSTALL, ROOT, keep, kept
from jobs.errors import ConfigurationError, DriftlineError

WORKERS = 2
SECONDS_TO_START = 120
MASTER_URL = re.compile(r"Starting Spark master at (spark://\S+)")
WEB_PAGE = re.compile(r"started at http://[^\s:]+:(\d+)")
REGISTERED = re.compile(r"Successfully registered with master")
# Two cores a worker and two a driver, one on each worker: two drivers can run side by side. All
# else is for many queries over few rows in many small files, whose time goes into planning: plans
# are not made anew after each stage, no rule looks for filters that follow from others, folders are
# listed here and not by a task each, files are read row by row, have no checksum beside them and
# cost nothing to open, so that a task reads many, and there is one partition a core. (With the raw
# file system RDDs read no local files; tables and DataFrames do.)
DEFAULTS = """
spark.master {master}
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.driver.memory 3g
spark.driver.extraJavaOptions -Dderby.system.home={folder} -Xms2g -Xmn1g {java}
spark.executor.memory 1g
spark.executor.cores 1
spark.executor.extraJavaOptions {java}
spark.cores.max 2
spark.sql.shuffle.partitions 2
spark.sql.files.openCostInBytes 4096
spark.sql.sources.parallelPartitionDiscovery.threshold 10000
spark.sql.adaptive.enabled false
spark.sql.constraintPropagation.enabled false
spark.sql.parquet.enableVectorizedReader false
spark.hadoop.parquet.hadoop.vectored.io.enabled false
spark.hadoop.fs.file.impl org.apache.hadoop.fs.RawLocalFileSystem
spark.sql.warehouse.dir {folder}/warehouse
spark.hadoop.javax.jdo.option.ConnectionURL jdbc:derby:;databaseName={folder}/metastore;create=true
spark.ui.port 0
spark.ui.showConsoleProgress false
"""
# Hadoop starts a process for each file that it writes to a local disk: vfork is the cheaper way.
# Most code is new with each query: the second compiler would take a third of all time and be too
# late. The first alone would get a cache that is soon full, and swept all the time.
JAVA = (
    "-XX:+UseSerialGC -XX:MetaspaceSize=512m -Djdk.lang.Process.launchMechanism=VFORK "
    "-XX:+IgnoreUnrecognizedVMOptions -XX:TieredStopAtLevel=1 "
    "-XX:ReservedCodeCacheSize=256m"
)
LOG4J = """
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = {folder}/driver.log
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{{HH:mm:ss}} %p %c{{1}}: %m%n
"""


@contextmanager
def serve(folder: Path) -> Iterator[dict[str, str]]:
    """Run the cluster with its files in `folder`; yields the variables of the first driver."""
    require_spark()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        log = folder / "master.log"
        place = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
        stack.enter_context(_running(["org.apache.spark.deploy.master.Master", *place], log))
        master = _wait_for(MASTER_URL, log)
        logs = [folder / f"worker{number}.log" for number in range(1, WORKERS + 1)]
        for log in logs:
            size = ["-c", "2", "-m", "2g", "-d", str(folder / log.stem)]
            worker = ["org.apache.spark.deploy.worker.Worker", *place, *size, master]
            stack.enter_context(_running(worker, log))
        for log in logs:
            _wait_for(REGISTERED, log)
        yield driver_variables(folder / "driver", master)


def ports_of_pages(folder: Path) -> dict[int, str]:
    """{port of a worker's web page: its name} of the cluster in `folder`.

    Executors' logs are shown there, which is how one knows the worker of an executor.
    """
    return {
        int(_wait_for(WEB_PAGE, log)): log.stem
        for log in sorted(folder.resolve().glob("worker*.log"))
    }


def driver_variables(folder: Path, master: str) -> dict[str, str]:
    """Write the configuration of one driver process, with a metastore of its own; returns the
    variables under which Spark and Driftline find it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spark-defaults.conf").write_text(
        DEFAULTS.format(master=master, folder=folder, java=JAVA)
    )
    (folder / "log4j2.properties").write_text(LOG4J.format(folder=folder))
    return {
        "SPARK_CONF_DIR": str(folder),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_HOME": str(_spark_home()),
        "PYSPARK_PYTHON": sys.executable,
        "MASTER": master,
    }


@contextmanager
def spark_cluster(folder: Path) -> Iterator[dict[str, str]]:
    """The same in a process of its own, which ends with this one however it ends."""
    with kept("jobs.demo.cluster.spark_cluster", folder) as variables:
        yield variables


def require_spark() -> None:
    """Raise ConfigurationError saying what to install when pyspark or Java is missing."""
    if find_spec("pyspark") is None:
        raise ConfigurationError(
            "pyspark: found no such package; expected the packages of requirements-engines.lock; "
            f"{INSTALL}"
        )
    java = os.environ.get("JAVA_HOME")
    if not (Path(java, "bin", "java").exists() if java else shutil.which("java")):
        raise ConfigurationError(
            "java: found none on the PATH and no JAVA_HOME; expected Java 17 or later for Spark; "
            "install it (Debian: apt-get install default-jre-headless)"
        )


def _spark_home() -> Path:
    found = find_spec("pyspark")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent


@contextmanager
def _running(command: list[str], log: Path) -> Iterator[None]:
    """Run a Spark daemon until the block ends; its output goes to `log`."""
    variables = {
        **os.environ,
        "SPARK_HOME": str(_spark_home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_CONF_DIR": str(log.parent / "daemons"),
        "SPARK_DAEMON_MEMORY": "256m",
        "PYTHONPATH": str(ROOT),  # the executors' Python imports the jobs
    }
    with log.open("w") as output:
        daemon = subprocess.Popen(
            [str(_spark_home() / "bin" / "spark-class"), *command],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=variables,
        )  # fmt: skip
    try:
        yield
    finally:
        daemon.terminate()
        try:
            daemon.wait(20)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def _wait_for(pattern: re.Pattern[str], log: Path) -> str:
    """The first group of the pattern's first match in a log, or the match itself."""
    for _ in range(SECONDS_TO_START * 10):
        if found := pattern.search(log.read_text()):
            return found.group(found.lastindex or 0)
        time.sleep(0.1)
    raise DriftlineError(f"{log.name}: found no {pattern.pattern!r}:\n{log.read_text()[-2000:]}")


if __name__ == "__main__":
    keep(serve)
