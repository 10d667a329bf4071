import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest

from jobs import control_postgres
from jobs.control import ControlStore
from jobs.control_postgres import SCHEMA, PostgresControl
from jobs.control_sqlite import SqliteControl
from jobs.dbt import Relations
from jobs.errors import ConfigurationError, DriftlineError, LeaseHeldError, NothingToDo
from jobs.paths import Paths
from jobs.pointers import Deployment
from jobs.postgres import connect, run
from jobs.warehouse import Warehouse
from tests.engines.deployments import libpq, own_database

DAY = date(2026, 3, 1)
HOLD_LEASE = """
import json, sys, time
from pathlib import Path
from jobs.control import ControlStore
from jobs.control_postgres import PostgresControl
from jobs.control_sqlite import SqliteControl
kind, address = json.loads(sys.argv[1])
if kind == "sqlite":
    backend = SqliteControl(*map(Path, address))
else:
    backend = PostgresControl(address)
with ControlStore(backend).lease("run"):
    print("ready", flush=True)
    time.sleep(600)
"""
HOLD_WAREHOUSE = """
import duckdb, sys, time
connection = duckdb.connect(sys.argv[1])
print("ready", flush=True)
time.sleep(600)
"""

SERVER_SETTINGS = """
select name, source from pg_settings where name like 'tcp_keepalives%' order by name
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.engines)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Any]]:
    """Where a control store of each kind lives, as JSON values."""
    if request.param == "sqlite":
        yield "sqlite", [str(tmp_path / "control.sqlite"), str(tmp_path / "w.lock")]
    else:
        with own_database(request.getfixturevalue("postgres")) as variables:
            yield "postgres", libpq(variables)


@pytest.fixture
def store(address: tuple[str, Any]) -> ControlStore:
    kind, place = address
    return ControlStore(
        SqliteControl(*map(Path, place)) if kind == "sqlite" else PostgresControl(place)
    )


def change_behind_its_back(address: tuple[str, Any], *statements: str) -> None:
    kind, place = address
    if kind == "sqlite":
        with closing(sqlite3.connect(place[0])) as connection:
            connection.executescript(";".join(statements))
    else:
        with closing(connect(place)) as server:
            run(server, f"set search_path to {SCHEMA}").close()
            for statement in statements:
                run(server, statement).close()


def promote(
    store: ControlStore, version: str, run_id: str | None = None, keep: tuple[str, ...] = ()
) -> Deployment:
    action: Literal["initial", "promote"] = "promote" if store.live_version("m") else "initial"
    return store.point("m", version, action, DAY, "gates", "better", run_id, keep_in_shadow=keep)


def roll_back(store: ControlStore) -> Deployment:
    return store.rollback("m", DAY, "me", "worse")


def test_pointers_and_history(store: ControlStore) -> None:
    assert store.live_version("m") is None
    assert store.history("m") == []
    first = promote(store, "v1")
    second = promote(store, "v2", keep=("v1",))
    assert (first.action, first.previous_version) == ("initial", None)
    assert (second.action, second.previous_version, second.effective_on) == ("promote", "v1", DAY)
    assert store.live_version("m") == "v2"
    assert store.shadow_versions("m") == ("v1",)
    store.point("m", "v3", "shadow", DAY, "me", "try")
    assert store.shadow_versions("m") == ("v1", "v3")
    promote(store, "v3", keep=("v1", "v3"))
    assert (store.live_version("m"), store.shadow_versions("m")) == ("v3", ("v1",))
    assert [row.deployment_id for row in store.history("m")] == [1, 2, 3, 4]
    assert store.history("other") == []
    assert store.history() == store.history("m")


def test_shadows_stay_unless_named(store: ControlStore) -> None:
    promote(store, "v1")
    store.point("m", "v2", "shadow", DAY, "me", "try")
    store.point("m", "v3", "promote", DAY, "me", "better")
    assert store.shadow_versions("m") == ("v2",)


def test_same_run_changes_nothing_even_after_a_rollback(store: ControlStore) -> None:
    promote(store, "v1", "r1")
    first = store.point("m", "v2", "promote", DAY, "gates", "better", "r2")
    assert store.point("m", "v2", "promote", DAY, "gates", "better", "r2") == first
    roll_back(store)
    assert store.point("m", "v2", "promote", DAY, "gates", "better", "r2") == first
    assert store.live_version("m") == "v1"
    assert len(store.history("m")) == 3
    with pytest.raises(DriftlineError, match="expected v2, which this run already set"):
        store.point("m", "v9", "promote", DAY, "gates", "better", "r2")


def test_changes_without_sense(store: ControlStore) -> None:
    promote(store, "v1")
    with pytest.raises(NothingToDo, match="v1 is live already"):
        store.point("m", "v1", "promote", DAY, "me", "again")
    with pytest.raises(DriftlineError, match="cannot be its shadow"):
        store.point("m", "v1", "shadow", DAY, "me", "try")
    with pytest.raises(DriftlineError, match="expected no version yet"):
        store.point("m", "v2", "initial", DAY, "me", "again")
    store.point("m", "v2", "shadow", DAY, "me", "try")
    with pytest.raises(NothingToDo, match="in shadow already"):
        store.point("m", "v2", "shadow", DAY, "me", "try")
    assert [row.action for row in store.history("m")] == ["initial", "shadow"]


def test_a_change_waits_for_no_other_live_version(store: ControlStore) -> None:
    """What a promotion was judged against is compared in the transaction that promotes."""
    promote(store, "v1")
    promote(store, "v2")
    roll_back(store)
    with pytest.raises(NothingToDo, match="v3 was to follow v2, but v1 is live now; evaluate it"):
        store.point("m", "v3", "promote", DAY, "gates", "better", "r3", expected_live="v2")
    assert (store.live_version("m"), len(store.history("m"))) == ("v1", 3)
    done = store.point("m", "v3", "promote", DAY, "gates", "better", "r3", expected_live="v1")
    assert store.live_version("m") == "v3"
    again = store.point("m", "v3", "promote", DAY, "gates", "better", "r3", expected_live="v1")
    assert again == done


def test_rollback_goes_further_back_each_time(store: ControlStore) -> None:
    with pytest.raises(ConfigurationError, match="no version is live; expected one of: no monitor"):
        roll_back(store)
    for version in ("v1", "v2", "v3"):
        promote(store, version)
    assert store.rollback_of("m") == ("v3", "v2")
    assert roll_back(store).model_version == "v2"
    assert store.rollback_of("m") == ("v2", "v1")  # what a dry run says is what would happen
    last = roll_back(store)
    assert (last.model_version, last.previous_version, last.action) == ("v1", "v2", "rollback")
    with pytest.raises(DriftlineError, match="v1 is the first version; there is none"):
        roll_back(store)
    promote(store, "v4")
    assert roll_back(store).model_version == "v1"  # not v2, which was rolled back from
    assert store.live_version("m") == "v1"


def test_monitors_do_not_touch_each_other(store: ControlStore) -> None:
    promote(store, "v1")
    promote(store, "v2")
    store.point("n", "w1", "initial", DAY, "me", "first")
    roll_back(store)
    assert (store.live_version("m"), store.live_version("n")) == ("v1", "w1")
    with pytest.raises(DriftlineError, match="n: w1 is the first version"):
        store.rollback("n", DAY, "me", "worse")
    with pytest.raises(ConfigurationError, match=r"found o, of which no .* expected one of: m, n"):
        store.rollback_of("o")


def test_failed_change_leaves_no_trace(store: ControlStore, address: tuple[str, Any]) -> None:
    promote(store, "v1")
    if address[0] == "sqlite":
        refusal = [
            "create trigger refuse before insert on pointer_history "
            "begin select raise(abort, 'disk full'); end"
        ]
    else:
        refusal = [
            "create function full_disk() returns trigger language plpgsql "
            "as $$ begin raise exception 'disk full'; end $$",
            "create trigger refuse before insert on pointer_history "
            "for each row execute function full_disk()",
        ]
    change_behind_its_back(address, *refusal)
    with pytest.raises(DriftlineError, match="disk full"):
        promote(store, "v2")
    assert store.live_version("m") == "v1"


@pytest.mark.parametrize(
    "change", ["update pointer_history set reason = 'none'", "delete from pointer_history"]
)
def test_history_is_append_only(store: ControlStore, address: tuple[str, Any], change: str) -> None:
    promote(store, "v1")
    with pytest.raises(Exception, match="pointer_history is append-only"):
        change_behind_its_back(address, change)
    assert [row.reason for row in store.history()] == ["better"]


def test_concurrent_changes_are_all_recorded(store: ControlStore) -> None:
    promote(store, "v0")
    with ThreadPoolExecutor(8) as pool:
        versions = [f"w{number}" for number in range(24)]
        list(pool.map(lambda version: promote(store, version), versions))
    history = store.history("m")
    assert len(history) == 25
    previous = [row.previous_version for row in history]
    assert previous == [None, *(row.model_version for row in history[:-1])]


def test_lease_is_held_by_one_and_named(store: ControlStore) -> None:
    with store.lease("run"):
        with pytest.raises(LeaseHeldError, match=r"run runs in process \d+ on .* since 20"):
            store.lease("retrain").__enter__()
        promote(store, "v1")  # pointers do not need the lease
    with store.lease("retrain"):
        pass


def test_lease_is_freed_by_sigkill(
    address: tuple[str, Any],
    store: ControlStore,
    start_python: Callable[..., subprocess.Popen[str]],
) -> None:
    process = start_python(HOLD_LEASE, json.dumps(address))
    with pytest.raises(LeaseHeldError, match=f"run runs in process {process.pid} "):
        store.lease("run").__enter__()
    process.send_signal(signal.SIGKILL)
    process.wait()
    take_within_seconds(store, 10)


def take_within_seconds(store: ControlStore, seconds: float) -> None:
    """A server notices the end of a killed process a moment later than a kernel does."""
    until = time.monotonic() + seconds
    while True:
        try:
            with store.lease("run"):
                return
        except LeaseHeldError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def test_rollback_works_while_the_warehouse_is_locked(
    paths: Paths, start_python: Callable[..., subprocess.Popen[str]]
) -> None:
    store = ControlStore.of(paths)
    promote(store, "v1")
    promote(store, "v2")
    start_python(HOLD_WAREHOUSE, paths.warehouse)
    with store.lease("run"):
        assert roll_back(store).model_version == "v1"


def test_mirror_is_what_the_store_says(paths: Paths) -> None:
    store = ControlStore.of(paths)
    relations = Relations(paths)
    relations.jobs_table("routing")
    with Warehouse.open(paths) as warehouse:
        store.mirror(warehouse, relations)
        assert warehouse.frame("from driftline_jobs.routing").height == 0
    promote(store, "v1", "r1")
    promote(store, "v2", "r2", keep=("v1",))
    roll_back(store)
    with Warehouse.open(paths) as warehouse:
        for _ in range(2):
            store.mirror(warehouse, relations)
            assert warehouse.frame("from driftline_jobs.routing order by all").rows() == [
                ("m", "live", "v1")
            ]
            rows = warehouse.frame(
                "select deployment_id, model_version, previous_version, action, effective_on, "
                "recorded_at from driftline_jobs.deployments order by 1"
            ).rows()
            assert rows == [
                (1, "v1", None, "initial", DAY, store.history()[0].recorded_at),
                (2, "v2", "v1", "promote", DAY, store.history()[1].recorded_at),
                (3, "v1", "v2", "rollback", DAY, store.history()[2].recorded_at),
            ]


@pytest.mark.engines
def test_lost_connection_loses_the_lease(postgres: dict[str, str]) -> None:
    """The server ends the holder's connection: another may have worked, so the command fails."""
    with own_database(postgres) as variables:
        store = ControlStore(PostgresControl(libpq(variables)))
        with (
            pytest.raises(DriftlineError, match="lease was lost with its connection; run the com"),
            store.lease("run"),
        ):
            end_connection_of_the_lease(variables)
        with store.lease("run"):
            pass


@pytest.mark.engines
def test_lost_lease_stops_the_next_step(postgres: dict[str, str]) -> None:
    """A cycle asks the store before each of its steps, and must not write what another may."""
    with own_database(postgres) as variables:
        store = ControlStore(PostgresControl(libpq(variables)))
        lost = "lease was lost with its connection; run the command again"
        with pytest.raises(DriftlineError, match=lost), store.lease("run"):
            promote(store, "v1")
            end_connection_of_the_lease(variables)
            with pytest.raises(DriftlineError, match=lost):
                store.live_version("m")
            with pytest.raises(DriftlineError, match=lost):
                store.point("m", "v2", "promote", DAY, "me", "better")
        assert store.live_version("m") == "v1"


@pytest.mark.engines
def test_server_is_told_to_look_for_the_holder(
    postgres: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the tests' Unix socket the values stay 0; that the session set them can be seen."""
    opened = []

    def kept(options: Mapping[str, Any]) -> Any:
        opened.append(connect(options))
        return opened[-1]

    with own_database(postgres) as variables:
        backend = PostgresControl(libpq(variables))
        monkeypatch.setattr(control_postgres, "connect", kept)
        with backend.exclusive(str), closing(run(opened[0], SERVER_SETTINGS)) as cursor:
            assert [tuple(row) for row in cursor.fetchall()] == [
                ("tcp_keepalives_count", "session"),
                ("tcp_keepalives_idle", "session"),
                ("tcp_keepalives_interval", "session"),
            ]


def end_connection_of_the_lease(variables: dict[str, str]) -> None:
    """As the server does when the holder's machine has vanished; waits until it is done."""
    with closing(connect(libpq(variables))) as server:
        ended = (
            "select pg_terminate_backend(pid, 10000) from pg_locks where locktype = 'advisory' "
            "and database = (select oid from pg_database where datname = current_database())"
        )
        with closing(run(server, ended)) as cursor:
            assert [tuple(row) for row in cursor.fetchall()] == [(True,)]
