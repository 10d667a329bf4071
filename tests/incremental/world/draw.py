"""The choices of one operation."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from tests.incremental.world.first import make_rows
from tests.incremental.world.monitor import World


@dataclass
class Draw:
    """The choices of one operation, all from its number."""

    world: World
    number: int
    generator: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.generator = np.random.default_rng([self.number, 3])
        days = self.world.log_days
        self.day = days[int(self.generator.integers(len(days)))]

    @property
    def on_day(self) -> pl.Series:
        return self.world.days == self.day

    @cached_property
    def some_on_day(self) -> pl.Series:
        """About a third of the rows of the day, at least one."""
        positions = np.flatnonzero(self.on_day.to_numpy())
        chosen = self.generator.choice(positions, max(1, len(positions) // 3), replace=False)
        return pl.Series(np.isin(np.arange(self.world.log.height), chosen))

    def loaded_now(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(self.world.now().alias("loaded_at"))

    def new_rows(self, days: list[date], rows_a_day: tuple[int, int] = (8, 20)) -> pl.DataFrame:
        """Rows with ids of their own, as they would have been loaded on their days."""
        prefix = f"n{self.world.serial}_"
        return make_rows(self.world.kind, days, self.number, prefix, rows_a_day)
