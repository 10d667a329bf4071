import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from jobs.config import Relation
from jobs.dbt import Relations, run_dbt
from jobs.errors import ConfigurationError, DriftlineError, WarehouseError
from jobs.paths import Paths
from jobs.warehouse import Warehouse

OPEN_AND_WRITE = """
import duckdb, sys
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute("create or replace table opened_elsewhere as select 1 as a")
"""
HOLD = """
import duckdb, sys, time
connection = duckdb.connect(sys.argv[1])
print("ready", flush=True)
time.sleep(600)
"""


def open_elsewhere(paths: Paths) -> None:
    subprocess.run([sys.executable, "-c", OPEN_AND_WRITE, str(paths.warehouse)], check=True)


def test_paths_are_found_from_a_folder_inside(
    project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for start in (project_dir.parent, project_dir / "models"):
        monkeypatch.chdir(start)
        paths = Paths.find()
        assert paths.project_dir == project_dir
        assert paths.profiles_dir == project_dir.parent / "profiles"
        assert paths.warehouse == project_dir.parent / "warehouse" / "tiny.duckdb"
        assert paths.published.name == "tiny.published.duckdb"
        assert paths.control_store.parent == paths.artifacts.parent == paths.warehouse.parent


def test_environment_names_the_warehouse(
    project_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTLINE_WAREHOUSE", str(tmp_path / "elsewhere" / "w.duckdb"))
    assert Paths.find(project_dir).warehouse == tmp_path / "elsewhere" / "w.duckdb"
    monkeypatch.setenv("DRIFTLINE_WAREHOUSE", ":memory:")
    with pytest.raises(ConfigurationError, match="expected a DuckDB file"):
        Paths.find(project_dir)


def test_a_target_is_chosen_by_its_name(project_dir: Path) -> None:
    profiles = project_dir.parent / "profiles" / "profiles.yml"
    other = "    other: {type: duckdb, path: ../warehouse/other.duckdb, schema: driftline}"
    profiles.write_text(f"{profiles.read_text()}{other}\n")
    found = Paths.find(project_dir, target="other")
    assert (found.profile.target, found.warehouse.name) == ("other", "other.duckdb")


def test_missing_project_profile_and_target(project_dir: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ConfigurationError, match=r"found no dbt_project\.yml"):
        Paths.find(empty)
    with pytest.raises(ConfigurationError, match=r"profiles\.yml: found none"):
        Paths.find(project_dir, empty)
    with pytest.raises(ConfigurationError, match="nowhere"):
        Paths.find(project_dir, target="nowhere")


def test_dbt_leaves_the_file_closed_and_the_folder_as_it_was(
    paths: Paths,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        result = run_dbt(paths, ["build"], {"as_of": "2026-01-01"})
        assert {node.unique_id for node in result.nodes} == {
            "model.tiny.alerts",
            "model.tiny.alert_counts",
        }
        assert Path.cwd() == tmp_path
        open_elsewhere(paths)
        with Warehouse.open(paths) as warehouse:
            assert warehouse.frame("select alert_count from driftline.alert_counts").item() == 1
        open_elsewhere(paths)
    assert capsys.readouterr().out == ""


def test_dbt_creates_the_folder_of_the_warehouse(
    project_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTLINE_WAREHOUSE", "../new/folder/w.duckdb")
    paths = Paths.find(project_dir)
    run_dbt(paths, ["run"])
    assert (tmp_path / "new" / "folder" / "w.duckdb").exists()


@pytest.mark.parametrize(
    ("sql", "arguments", "error", "message"),
    [
        (
            "select nope as a",
            ["run"],
            DriftlineError,
            r'model\.tiny\.alerts: Binder Error: .*"nope"',
        ),
        (
            "{{ exceptions.raise_compiler_error('monitors.a.b: found 1; expected 2') }}",
            ["run"],
            ConfigurationError,
            r"^monitors\.a\.b: found 1; expected 2$",
        ),
        ("select * from {{ ref('nope') }}", ["run"], ConfigurationError, "depends on .*nope"),
        ("select 1 as a", ["run", "--nope"], ConfigurationError, "No such option"),
    ],
)
def test_dbt_errors_are_one_line_and_the_file_is_closed(
    paths: Paths, sql: str, arguments: list[str], error: type[DriftlineError], message: str
) -> None:
    (paths.project_dir / "models" / "alerts.sql").write_text(sql)
    with pytest.raises(error, match=message) as caught:
        run_dbt(paths, arguments)
    assert type(caught.value) is error
    assert len(str(caught.value).splitlines()) == 1
    open_elsewhere(paths)


def test_failures_can_be_returned(paths: Paths) -> None:
    (paths.project_dir / "models" / "alerts.sql").write_text("select nope as a")
    result = run_dbt(paths, ["run"], check=False)
    assert [node.unique_id for node in result.failed] == ["model.tiny.alerts"]


def test_relations_come_from_the_manifest(paths: Paths) -> None:
    relations = Relations(paths)
    assert relations.model("alerts") == '"tiny"."driftline"."alerts"'
    assert relations.source("serving", "log") == '"tiny"."serving"."log"'
    assert relations.jobs_table("routing") == '"tiny"."driftline_jobs"."routing"'
    assert relations.configured(Relation("ref", ("alerts",))) == relations.model("alerts")
    with pytest.raises(ConfigurationError, match=r"ref alert: .*\(did you mean alerts\?\)"):
        relations.model("alert")


def test_locked_warehouse_says_who_and_what_to_do(
    paths: Paths, start_python: Callable[..., subprocess.Popen[str]]
) -> None:
    process = start_python(HOLD, paths.warehouse)
    expected = rf"another process \(process {process.pid}\) is writing .*; wait for it$"
    for read_only in (False, True):
        with pytest.raises(WarehouseError, match=expected), Warehouse.open(paths, read_only):
            pass
    with pytest.raises(WarehouseError, match="is writing"):
        run_dbt(paths, ["run"])
    paths.published.touch()
    with (
        pytest.raises(WarehouseError, match=r"or read the published copy at .*published\.duckdb"),
        Warehouse.open(paths),
    ):
        pass


def test_other_opening_faults(paths: Paths) -> None:
    paths.warehouse.write_text("this is no database" * 500)
    with pytest.raises(WarehouseError, match=r"tiny\.duckdb: "), Warehouse.open(paths):
        pass
    paths.warehouse.unlink()
    with pytest.raises(WarehouseError, match="no such file"), Warehouse.open(paths, read_only=True):
        pass
    assert not paths.warehouse.exists()


def test_reading(paths: Paths) -> None:
    with Warehouse.open(paths, read_only=True) as warehouse:
        frame = warehouse.frame("select inference_id from serving.log where score > ?", [0.2])
        assert frame.to_dict(as_series=False) == {"inference_id": ["a"]}
        assert warehouse.arrow("select 1 as a").num_rows == 1
        batches = list(warehouse.batches("select i from range(10000) t(i)", 3000))
        assert max(batch.height for batch in batches) <= 3000
        assert sorted(pl.concat(batches)["i"]) == list(range(10000))
        assert warehouse.columns("serving.log")["is_hub"] == "BOOLEAN"
        assert warehouse.exists("serving.log")
        assert not warehouse.exists("serving.nope")
        assert not warehouse.exists("nope.nope")
        setting = "select current_setting('autoinstall_known_extensions')"
        assert warehouse.frame(setting).item() is False
        with pytest.raises(WarehouseError, match="Catalog Error"):
            warehouse.frame("select * from frame")  # not the local variable
        with pytest.raises(WarehouseError, match="read-only"):
            warehouse.execute("delete from serving.log")


@pytest.fixture
def scores(paths: Paths) -> Paths:
    with duckdb.connect(str(paths.warehouse)) as connection:
        connection.execute(
            "create table scores (monitor varchar not null, day date, score decimal(5, 2), "
            "tags varchar[], primary key (monitor, day))"
        )
        connection.execute("insert into scores values ('a', '2026-01-01', 1, ['x'])")
        connection.execute("insert into scores values ('b', '2026-01-01', 2, null)")
    return paths


def frame_of(rows: list[tuple[str, date, float]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["monitor", "day", "score"], orient="row")
    return frame.select(pl.lit(["t"]).alias("tags"), "score", "day", "monitor")


def stored(warehouse: Warehouse) -> list[tuple[object, ...]]:
    return warehouse.frame(
        "select monitor, day::varchar, score::double from scores order by 1, 2"
    ).rows()


def test_replace_by_key_is_repeatable(scores: Paths) -> None:
    new = frame_of([("a", date(2026, 1, 1), 7.5), ("a", date(2026, 1, 2), 8)])
    with Warehouse.open(scores) as warehouse:
        for _ in range(2):
            warehouse.replace("scores", new, ["monitor", "day"])
            assert stored(warehouse) == [
                ("a", "2026-01-01", 7.5),
                ("a", "2026-01-02", 8.0),
                ("b", "2026-01-01", 2.0),
            ]
        warehouse.replace("scores", frame_of([("a", date(2026, 1, 3), 9)]), ["monitor"])
        assert stored(warehouse) == [("a", "2026-01-03", 9.0), ("b", "2026-01-01", 2.0)]
        warehouse.replace("scores", new.clear(), ["monitor"])
        assert len(stored(warehouse)) == 2


def test_failed_replace_changes_nothing(scores: Paths) -> None:
    broken = frame_of([("a", date(2026, 1, 1), 7.5)]).with_columns(
        monitor=pl.Series(["a"]), score=pl.Series(["many"])
    )
    twice = frame_of([("b", date(2026, 1, 5), 1), ("b", date(2026, 1, 5), 2)])
    with Warehouse.open(scores) as warehouse:
        before = stored(warehouse)
        with pytest.raises(WarehouseError, match="many"):
            warehouse.replace("scores", broken, ["monitor"])
        with pytest.raises(WarehouseError, match=r"(?i)duplicate key"):
            warehouse.replace("scores", twice, ["monitor"])
        assert stored(warehouse) == before


def test_columns_must_be_those_of_the_table(scores: Paths) -> None:
    frame = frame_of([("a", date(2026, 1, 1), 1)]).rename({"score": "scores"})
    expected = "scores: found columns unknown: scores; missing: score; expected exactly monitor, "
    with Warehouse.open(scores) as warehouse:
        with pytest.raises(WarehouseError, match=expected):
            warehouse.replace("scores", frame, ["monitor"])
        with pytest.raises(WarehouseError, match="unknown key: nope"):
            warehouse.append_new("scores", frame_of([]), ["nope"])


def test_null_keys_match_each_other(paths: Paths) -> None:
    with Warehouse.open(paths) as warehouse:
        warehouse.execute("create table t as select null::varchar as k, 1 as v")
        frame = pl.DataFrame({"k": [None], "v": [2]}, schema={"k": pl.String, "v": pl.Int64})
        assert warehouse.append_new("t", frame, ["k"]) == 0
        warehouse.replace("t", frame, ["k"])
        assert warehouse.frame("from t").rows() == [(None, 2)]


def test_append_new_leaves_what_is_there(scores: Paths) -> None:
    day = date(2026, 1, 1)
    new = frame_of([("a", day, 9), ("c", day, 3), ("c", day, 4)])
    with Warehouse.open(scores) as warehouse:
        assert warehouse.append_new("scores", new, ["monitor", "day"]) == 1
        assert warehouse.append_new("scores", new, ["monitor", "day"]) == 0
        assert [row[2] for row in stored(warehouse)] == [1.0, 2.0, 3.0]


def test_transaction_is_all_or_nothing(scores: Paths) -> None:
    new = frame_of([("c", date(2026, 1, 1), 3)])
    with Warehouse.open(scores) as warehouse:
        with pytest.raises(ZeroDivisionError), warehouse.transaction():
            warehouse.replace("scores", new, ["monitor"])
            assert not warehouse.exists("nope")  # asking does not abort the transaction
            assert len(stored(warehouse)) == 3
            raise ZeroDivisionError
        assert len(stored(warehouse)) == 2
        with warehouse.transaction():
            warehouse.replace("scores", new, ["monitor"])
        assert len(stored(warehouse)) == 3
