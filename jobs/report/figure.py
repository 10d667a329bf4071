"""A figure of the page: a chart with its choices, its rows and the query behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobs.report.charts import Spec
from jobs.report.queries import Query, Value
from jobs.warehouse import Warehouse

Record = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """One view of a figure: a label, its rows by column, and which specification draws them."""

    label: str
    rows: Mapping[str, Sequence[Any]]
    spec: int = 0
    note: str = ""

    def __len__(self) -> int:
        return len(next(iter(self.rows.values()), ()))


@dataclass(frozen=True)
class Figure:
    """A chart with its choices and the query behind it."""

    key: str
    choices: Sequence[Choice]
    specs: Sequence[Spec]
    sql: str
    chosen: int = 0
    question: str = "View"
    datasets: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to draw."""
        return any(len(choice) for choice in self.choices)

    def payload(self) -> Record:
        """Return what the page's script needs, as JSON can hold it."""
        return {
            "specs": list(self.specs),
            "datasets": {name: dict(rows) for name, rows in self.datasets.items()},
            "choices": [
                {"label": one.label, "spec": one.spec, "note": one.note, "rows": dict(one.rows)}
                for one in self.choices
            ],
            "chosen": self.chosen,
        }


@dataclass(frozen=True)
class Source:
    """A monitor in a warehouse, and the values its queries share."""

    warehouse: Warehouse
    schema: str
    values: Mapping[str, Value]

    def rows(self, query: Query, **more: Value) -> list[Record]:
        """Return the rows of a query."""
        return query.fetch(self.warehouse, self.schema, {**self.values, **more}).to_dicts()

    def first(self, query: Query, **more: Value) -> Record | None:
        """Return the first row of a query or None."""
        return next(iter(self.rows(query, **more)), None)

    def text(self, query: Query, **more: Value) -> str:
        """Return the query as it was asked."""
        return query.as_text(self.schema, {**self.values, **more})
