"""The jobs' connection to the warehouse of the dbt profile, the same on every engine.

`Warehouse.open(paths)` answers with the engine's own class; `duckdb_file`, `postgres` and `spark`
hold one each. Nothing outside this package asks which engine it is.
"""

from jobs.warehouse.base import Warehouse, quoted, sql_text

__all__ = ["Warehouse", "quoted", "sql_text"]
