"""Time one build of a warehouse, model by model.

make bench                      the demo's warehouse (run `make demo` first)
python benchmarks/build.py FILE another DuckDB file, which is copied, not changed
"""

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Copy the warehouse, build it once and print the twenty slowest nodes."""
    source = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "warehouse/demo/warehouse.duckdb")
    if not source.exists():
        sys.exit(f"{source}: found no warehouse; run `make demo` first or name a DuckDB file")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "warehouse.duckdb"
        shutil.copy(source, copy)
        os.environ["DRIFTLINE_WAREHOUSE"] = str(copy)
        from jobs.dbt import run_dbt
        from jobs.paths import Paths

        paths = Paths.find(ROOT / "dbt_project", ROOT / "profiles")
        wall, cpu = time.perf_counter(), time.process_time()
        run_dbt(paths, ["build", "--exclude-resource-type", "unit_test"])
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    results = json.loads((ROOT / "dbt_project/target/run_results.json").read_text())["results"]
    slowest = sorted(results, key=lambda node: -node["execution_time"])[:20]
    for node in slowest:
        print(f"{node['execution_time']:8.2f} s  {node['unique_id']}")
    print(f"{len(results)} nodes, {wall:.1f} s wall, {cpu:.1f} s CPU")


if __name__ == "__main__":
    main()
