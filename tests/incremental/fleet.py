"""A throw-away deployment that watches several worlds at once: one build serves them all."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl

from jobs.dbt import DbtResult, run_dbt
from tests.incremental.truth import seen_rows
from tests.incremental.world import EAGER_POLICIES, POLICY_COLUMNS, World, local_days
from tests.warehouse.project import Project, environment

QUICKLY = ("--no-write-json", "--log-level-file", "none")
NO_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
INTERNAL = "driftline_internal"
JOBS = "driftline_jobs"
BINS = {
    "int_feature_bins": ("monitor", "bins_version", "feature_name"),
    "int_prediction_bins": ("monitor", "bins_version"),
    "int_score_grid": ("monitor",),
}
Key = tuple[object, ...]
CUT_BEFORE = -1


class Fleet:
    """A project, its warehouse, and the worlds it was last given."""

    def __init__(self, folder: Path, worlds: Iterable[World]) -> None:
        self.worlds = {world.name: world for world in worlds}
        self.as_of: date | None = None
        self.bins_cut_from: dict[str, dict[Key, int | None]] = {name: {} for name in BINS}
        tables = {
            f"{name}_{role}": frame
            for name, world in self.worlds.items()
            for role, frame in world.tables.items()
        }
        self.project = Project.create(folder, self._monitors(), tables)
        self._write_policies()
        self._write_records()

    def _monitors(self) -> dict[str, object]:
        return {
            name: dict(world.monitor)
            for name, world in self.worlds.items()
            if world.monitor is not None
        }

    def _write_policies(self) -> None:
        own = [row for world in self.worlds.values() for row in world.policies]
        text = "\n".join((POLICY_COLUMNS, *EAGER_POLICIES, *own)) + "\n"
        self.project.paths.policies.write_text(text)

    def _write_records(self) -> None:
        """Put what the jobs recorded of all worlds in the place of what is there."""
        tables: dict[str, list[pl.DataFrame]] = {}
        for world in self.worlds.values():
            for table, rows in world.records.items():
                tables.setdefault(table, []).append(rows)
        self.project.load({name: pl.concat(rows) for name, rows in tables.items()}, JOBS)

    def give(self, worlds: Mapping[str, World]) -> None:
        """Write what differs from the worlds of before: tables, vars.yml, policies."""
        before, self.worlds = self.worlds, {**self.worlds, **worlds}
        self.project.load(
            {
                f"{name}_{role}": frame
                for name, world in worlds.items()
                for role, frame in world.tables.items()
                if frame is not before[name].tables[role]
            }
        )
        # As text: another order of the same segments is another configuration.
        if any(str(world.monitor) != str(before[name].monitor) for name, world in worlds.items()):
            self.project.configure(self._monitors())
        if any(world.policies != before[name].policies for name, world in worlds.items()):
            self._write_policies()
        if any(world.records is not before[name].records for name, world in worlds.items()):
            self._write_records()

    def build(
        self,
        as_of: date | None = None,
        options: Sequence[str] = (),
        check: bool = True,
        threads: int = 2,
    ) -> DbtResult:
        """Run dbt build without tests, as the jobs do; the as-of day goes by the environment."""
        self.as_of = as_of
        given = {"DRIFTLINE_AS_OF": as_of.isoformat() if as_of else ""}
        with environment(given, without=("DRIFTLINE_WAREHOUSE",)):
            args = ["build", *NO_TESTS, *QUICKLY, "--threads", str(threads), *options]
            result = run_dbt(self.project.paths, args, check=check)
        if check:
            self._note_new_bins()
        return result

    def internal(self, relation: str) -> pl.DataFrame:
        """Return the rows of an intermediate model."""
        return self.query(f"select * from {INTERNAL}.{relation}")

    def query(self, text: str) -> pl.DataFrame:
        with duckdb.connect(str(self.project.paths.warehouse), read_only=True) as connection:
            return pl.DataFrame(connection.sql(text).to_arrow_table())

    def everything(self) -> dict[str, pl.DataFrame]:
        """Return every public relation."""
        with duckdb.connect(str(self.project.paths.warehouse), read_only=True) as connection:
            return {
                name: pl.DataFrame(connection.sql(f"from driftline.{name}").to_arrow_table())
                for name in self.project.relations()
            }

    def days_counted(self) -> dict[str, list[date]]:
        """The days that the last build counted anew, by monitor."""
        return self._by_monitor("int_days_to_count")

    def days_of_business_counted(self) -> dict[str, list[date]]:
        """The days whose business metrics it counted anew."""
        return self._by_monitor("int_changed_days")

    def days_built(self) -> dict[str, list[date]]:
        """The days whose marts the last build built, by monitor."""
        return self._by_monitor("int_affected_days")

    def _by_monitor(self, relation: str) -> dict[str, list[date]]:
        days: dict[str, list[date]] = {}
        for monitor, day in sorted(self.internal(relation)["monitor", "metric_date"].rows()):
            days.setdefault(monitor, []).append(day)
        return days

    def fresh(self) -> dict[str, pl.DataFrame]:
        """Return what one build of an empty warehouse makes of the same raw tables.

        Frozen bins are part of the state by design: where the rows they were cut from are not what
        they were on the day of the cut (or no longer seen on the as-of day), the empty warehouse
        gets the frozen ones. All others it must cut itself, and must cut alike.
        """
        warehouse = self.project.paths.warehouse
        aside = warehouse.with_name("incremental.duckdb")
        kept, as_of = self._bins_that_no_build_could_cut_again(), self.as_of
        noted = {name: dict(keys) for name, keys in self.bins_cut_from.items()}
        warehouse.rename(aside)
        try:
            self.project.load(
                {
                    f"{name}_{role}": frame
                    for name, world in self.worlds.items()
                    for role, frame in world.tables.items()
                }
            )
            self._write_records()
            copy_bins(aside, warehouse, kept)
            self.build(as_of)
            return self.everything()
        finally:
            self.bins_cut_from = noted
            warehouse.unlink(missing_ok=True)
            aside.rename(warehouse)

    def _note_new_bins(self) -> None:
        last_days = self._last_days()
        for relation, key_columns in BINS.items():
            columns = ", ".join(key_columns)
            query = f"select distinct {columns} from {INTERNAL}.{relation}"
            for key in self.query(query).rows():
                if key not in self.bins_cut_from[relation] and key[0] in last_days:
                    reference = self._reference(relation, key, last_days)
                    # Cut by a build that did not complete, as of another day: never again the same.
                    self.bins_cut_from[relation][key] = (
                        CUT_BEFORE if reference is None else reference
                    )

    def _bins_that_no_build_could_cut_again(self) -> dict[str, list[Key]]:
        last_days = self._last_days()
        return {
            relation: [
                key
                for key, cut_from in keys.items()
                if key[0] in last_days and self._reference(relation, key, last_days) != cut_from
            ]
            for relation, keys in self.bins_cut_from.items()
        }

    def _last_days(self) -> dict[object, tuple[date, date]]:
        """The last day that the last build saw and the last that was over then, by monitor."""
        days = self.internal("int_as_of")["monitor", "as_of", "last_whole_day"]
        return {monitor: (seen, whole) for monitor, seen, whole in days.rows()}

    def _reference(
        self, relation: str, key: Key, last_days: Mapping[object, tuple[date, date]]
    ) -> int | None:
        """A hash of the raw rows that bins are cut from; None while they are not complete."""
        world, (day, whole_day) = self.worlds[str(key[0])], last_days[key[0]]
        if relation == "int_feature_bins" and "history" in world.tables:
            return int(world.tables["history"].hash_rows().sort().hash().sum())
        if relation == "int_prediction_bins" and (held_out := held_out_rows(world, day)).height:
            return hash(tuple(held_out.hash_rows(seed=1).to_list()))
        log = world.log.drop("outcome", "labeled_at", strict=False)
        days = world.days
        is_seen = (days <= day) & (local_days(world.kind, log, "loaded_at") <= day)
        if not is_seen.any():
            return None
        last = days.filter(is_seen).min() + timedelta(days=27)
        if last > whole_day:
            return None
        return hash(tuple(log.filter(is_seen & (days <= last)).hash_rows(seed=1).sort().to_list()))


def held_out_rows(world: World, day: date) -> pl.DataFrame:
    """What the first version that is known on a day and has held-out rows in sight said of them."""
    if world.monitor is None or not world.monitor.get("retrain") or not world.records:
        return pl.DataFrame()
    known = world.records["model_versions"].filter(pl.col("created_on") < day)
    seen = [
        seen_rows(world.kind, world.tables[role], day).select("row_id", "predicted_at")
        for role in ("log", "history")
        if role in world.tables
    ]
    scores = world.records["holdout_scores"].join(
        pl.concat(seen).sort("row_id", "predicted_at"), left_on="inference_id", right_on="row_id"
    )
    for version in known.sort("created_on", "model_version")["model_version"]:
        rows = scores.filter(pl.col("model_version") == version)
        if rows.height:
            return rows
    return pl.DataFrame()


def copy_bins(source: Path, target: Path, kept: Mapping[str, Sequence[Key]]) -> None:
    """Copy frozen bins of these keys into a warehouse that has none yet."""
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach '{source}' as aside (read_only)")
        connection.execute(f"create schema if not exists {INTERNAL}")
        for relation, keys in kept.items():
            if not keys:
                continue
            columns = BINS[relation]
            wanted = pl.DataFrame(keys, schema=list(columns), orient="row")
            connection.register("wanted", wanted.to_arrow())
            connection.execute(
                f"create table {INTERNAL}.{relation} as select bins.* "
                f"from aside.{INTERNAL}.{relation} as bins "
                f"semi join wanted using ({', '.join(columns)})"
            )
            connection.unregister("wanted")
        connection.execute("detach aside")
