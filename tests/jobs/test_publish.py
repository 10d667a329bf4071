import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from jobs.errors import LeaseHeldError, NothingToDo, WarehouseError
from jobs.paths import Paths
from jobs.publish import publish

READ = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    print(connection.execute(sys.argv[2]).fetchall())
"""
STOP_BEFORE_REPLACING = """
import sys, time
from pathlib import Path
import jobs.publish
from jobs.paths import Paths

def stop(path):
    print("ready", flush=True)
    time.sleep(600)

jobs.publish._sync = stop
jobs.publish.publish(Paths.find(Path(sys.argv[1])))
"""
PUBLIC = """
create schema if not exists driftline;
create schema if not exists driftline_internal;
create or replace table driftline_internal.facts as select 7 as secret;
create or replace table driftline.alerts (alert_id integer not null, "Odd ""name" varchar[]);
insert into driftline.alerts values (1, ['x']), (2, null);
comment on table driftline.alerts is 'What isn''t well';
comment on column driftline.alerts.alert_id is 'Its id';
create or replace view driftline.counts as
    select count(*) as alert_count from "tiny"."driftline"."alerts";
create or replace view driftline.facts_seen as
    select secret from tiny.driftline_internal.facts;
comment on view driftline.counts is 'How many';
create or replace table driftline.empty as select 1 as a where false;
"""


def write(paths: Paths, sql: str) -> None:
    with duckdb.connect(str(paths.warehouse)) as connection:
        connection.execute(sql)


def read(paths: Paths, sql: str) -> str:
    command = [sys.executable, "-c", READ, str(paths.published), sql]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def public(paths: Paths) -> Paths:
    write(paths, PUBLIC)
    return paths


def beside(paths: Paths) -> list[str]:
    return sorted(file.name for file in paths.warehouse.parent.iterdir())


def test_public_schema_is_copied_and_nothing_else(public: Paths) -> None:
    assert publish(public) == public.published
    tables = "select schema_name, table_name, comment from duckdb_tables() order by 2"
    assert read(public, tables) == str(
        [
            ("driftline", "alerts", "What isn't well"),
            ("driftline", "empty", None),
            ("driftline", "facts_seen", None),
        ]
    ), "a view that reads what is not public is a table in the copy"
    views = "select view_name, comment from duckdb_views() where not internal"
    assert read(public, views) == "[('counts', 'How many')]"
    assert read(public, "from driftline.alerts order by 1") == "[(1, ['x']), (2, None)]"
    assert read(public, "from driftline.counts") == "[(2,)]"
    assert read(public, "from driftline.facts_seen") == "[(7,)]"
    comments = "select comment from duckdb_columns() where comment is not null and not internal"
    assert read(public, comments) == "[('Its id',)]"
    version = "select tags['storage_version'] from duckdb_databases() where not internal"
    assert "v1.0.0" in read(public, version)


def test_copy_is_read_only_and_leaves_nothing_beside(public: Paths) -> None:
    publish(public)
    assert stat.S_IMODE(public.published.stat().st_mode) == 0o444
    assert beside(public) == [
        "tiny.duckdb",
        "tiny.published.duckdb",
        "tiny.published.duckdb.lock",
    ]


def test_open_reader_keeps_the_old_copy(public: Paths) -> None:
    publish(public)
    with duckdb.connect(str(public.published), read_only=True) as reader:
        write(public, "insert into driftline.alerts values (3, null)")
        publish(public)
        assert reader.execute("select count(*) from driftline.alerts").fetchall() == [(2,)]
    assert read(public, "select count(*) from driftline.alerts") == "[(3,)]"


def test_killed_run_leaves_the_old_copy_and_is_cleaned_up(
    public: Paths, start_python: Callable[..., subprocess.Popen[str]]
) -> None:
    publish(public)
    write(public, "insert into driftline.alerts values (3, null)")
    process = start_python(STOP_BEFORE_REPLACING, public.project_dir)
    with pytest.raises(LeaseHeldError, match="another process is publishing"):
        publish(public)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert any("unfinished" in name for name in beside(public))
    assert read(public, "from driftline.counts") == "[(2,)]"
    publish(public)
    assert not any("unfinished" in name for name in beside(public))
    assert read(public, "from driftline.counts") == "[(3,)]"


def test_broken_view_is_named_and_the_old_copy_stays(public: Paths) -> None:
    publish(public)
    write(public, "drop table driftline_internal.facts")
    write(public, "insert into driftline.alerts values (3, [])")
    with pytest.raises(WarehouseError, match=r"view driftline\.facts_seen cannot be copied: "):
        publish(public)
    assert read(public, "from driftline.counts") == "[(2,)]"
    assert not any("unfinished" in name for name in beside(public))


def test_nothing_to_publish(paths: Paths) -> None:
    with pytest.raises(NothingToDo, match="no relation in schema driftline"):
        publish(paths)
    paths.warehouse.unlink()
    with pytest.raises(NothingToDo, match="no warehouse"):
        publish(paths)
    assert not paths.published.exists()


def test_locked_warehouse_is_told(
    public: Paths, start_python: Callable[..., subprocess.Popen[str]]
) -> None:
    hold = (
        "import duckdb, sys, time\n"
        "connection = duckdb.connect(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)\n"
    )
    start_python(hold, public.warehouse)
    with pytest.raises(WarehouseError, match=r"another process .* is writing"):
        publish(public)


def test_rows_of_a_killed_writer_are_published(public: Paths, tmp_path: Path) -> None:
    code = (
        "import duckdb, os, sys\n"
        "connection = duckdb.connect(sys.argv[1])\n"
        "connection.execute('insert into driftline.alerts values (9, null)')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(public.warehouse)], check=False)
    assert public.warehouse.with_name("tiny.duckdb.wal").exists()
    publish(public)
    assert read(public, "from driftline.counts") == "[(3,)]"
