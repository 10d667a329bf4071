"""Renders the results as Markdown tables and writes them between two marker comments."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from benchmarks.environments import pinned_version
from benchmarks.shape import CATEGORIES, FEATURES, NUMERIC
from benchmarks.summary import Record, Summary, difference, ratio
from benchmarks.targets import TARGETS

BEGIN = "<!-- benchmarks:begin (written by `make bench`) -->"
END = "<!-- benchmarks:end -->"
TITLE = "# Benchmarks\n\nWhat Driftline costs; `make bench` measures it and writes the tables.\n"
SHOWN_NODES = 15
PEER_NAMES = {
    "polars": "polars script",
    "nannyml": "NannyML",
    "whylogs": "whylogs",
    "evidently": "Evidently",
}
PEER_MEASURES = {
    "polars": "PSI, AUC",
    "nannyml": "Jensen-Shannon",
    "whylogs": "Hellinger, chi-square",
    "evidently": "PSI",
}


def render(machine: dict[str, str], records: list[Record], nodes: bool = False) -> str:
    """Return all tables as Markdown; with `nodes` also the costliest models."""
    summary = Summary(records)
    sections = [
        _machine(machine) + _states(records),
        _targets(summary),
        _full_refresh(summary),
        _new_day(summary),
        _peers(summary),
        _failures(records),
    ]
    if nodes:
        sections += _nodes(records)
    return "\n\n".join(section for section in sections if section) + "\n"


def write_document(file: Path, tables: str) -> None:
    """Put the tables between the markers of the document, which is begun if it does not exist."""
    text = file.read_text() if file.exists() else f"{TITLE}\n{BEGIN}\n{END}\n"
    if BEGIN not in text or END not in text:
        raise ValueError(f"{file.name}: found no markers; expected the lines {BEGIN} and {END}")
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{before}{BEGIN}\n\n{tables}\n{END}{after}")


def _machine(machine: dict[str, str]) -> str:
    return (
        f"Measured on {machine['system']}; {machine['versions']}; DuckDB's `memory_limit`"
        f" {machine['memory_limit']}, one thread. CPU seconds are user and system time; medians"
        f" of runs in shuffled order. The log has {len(NUMERIC)} numeric and {len(CATEGORIES)}"
        " categorical features. *Engine* is what is spent inside SQL statements, *process* all of"
        " `dbt build` from start to end of Python."
    )


def _states(records: list[Record]) -> str:
    states = len({record["project"] for record in records})
    return (
        "" if states == 1 else f" **These tables are of {states} different states of the models.**"
    )


def _targets(summary: Summary) -> str:
    rows = []
    for target in TARGETS:
        value = target.measure(summary)
        found = "" if value is None else f"{value:.2f}{target.unit}"
        before = f"{target.before:.2f}{target.unit}"
        rows.append((target.name, target.limit_text(), before, found, target.verdict(value)))
    names = ("target", "asked", "before the statistics", "measured", "verdict")
    return _table("### Targets", names, rows)


def _full_refresh(summary: Summary) -> str:
    rows = []
    for size in summary.sizes("full_refresh", "driftline"):
        bound = summary.value("full_refresh", "lower_bound", "engine_cpu", size)
        engine = summary.value("full_refresh", "driftline", "engine_cpu", size)
        process = summary.value("full_refresh", "driftline", "cpu", size)
        fixed = summary.value("full_refresh", "driftline_empty_log", "engine_cpu", size)
        fixed_process = summary.value("full_refresh", "driftline_empty_log", "cpu", size)
        rows.append((
            f"{size:,}",
            _number(bound),
            _number(engine),
            _times(ratio(engine, bound)),
            _number(process),
            _times(ratio(process, bound)),
            f"{_number(fixed)} / {_number(fixed_process)}",
            _times(ratio(difference(engine, fixed), bound)),
            _number(summary.value("full_refresh", "driftline", "wall", size), 1),
            _number(summary.greatest("full_refresh", "driftline", "peak_gib", size)),
            summary.error("full_refresh", "driftline", size) or "",
        ))  # fmt: skip
    header = (
        "rows", "lower bound, CPU s", "engine, CPU s", "over bound", "process, CPU s",
        "over bound", "empty log, engine / process CPU s", "engine net of it over bound",
        "wall s", "peak GiB", "note",
    )  # fmt: skip
    title = "### Full refresh, three segment dimensions, against one scan of the same columns"
    return _table(title, header, rows)


def _new_day(summary: Summary) -> str:
    rows = []
    for days in summary.day_counts():
        rows.append((
            str(days),
            *(_number(summary.value("new_day", case, "engine_cpu", days=days))
              for case in ("day", "empty")),
            _number(summary.net_day(days, "engine_cpu")),
            _number(summary.net_day(days, "cpu")),
            _number(summary.value("new_day", "empty_shipped", "wall", days=days), 1),
            _number(summary.value("new_day", "first_build", "engine_cpu", days=days)),
        ))  # fmt: skip
    header = (
        "days before", "new day, engine CPU s", "nothing new, engine CPU s", "net, engine CPU s",
        "net, process CPU s", "nothing new, wall s", "first build, engine CPU s",
    )  # fmt: skip
    return _table(f"### One new day{_day_rows(summary)}", header, rows)


def _day_rows(summary: Summary) -> str:
    records = summary.of("new_day", "day")
    return f" of {records[0]['rows'] // records[0]['days']:,} rows" if records else ""


def _peers(summary: Summary) -> str:
    tables = []
    for size in summary.sizes("peers", "driftline"):
        driftline = summary.value("peers", "driftline", "engine_cpu", size)
        rows = [
            (name, measures, *_cost(summary, case, "engine_cpu", size), times)
            for case, name, measures, times in (
                ("lower_bound", "lower bound", "sums by day", ""),
                ("driftline", "Driftline, engine", "PSI, JS, KS, Wasserstein, AUC", "1.00x"),
                ("driftline_empty_log", "Driftline, engine, empty log", "", ""),
            )
        ]
        for peer, name in PEER_NAMES.items():
            if size not in summary.sizes("peers", peer):
                continue
            version = "" if peer == "polars" else f" {pinned_version(peer)}"
            times = _times(ratio(summary.value("peers", peer, "compute_cpu", size), driftline))
            cost = _cost(summary, peer, "compute_cpu", size)
            rows.append((f"{name}{version}", PEER_MEASURES[peer], *cost, times))
        days = summary.of("peers", "driftline")[0]["days"]
        title = f"### The same rows with other tools: {size:,} rows over {days} days, no segments"
        header = ("tool", "computes", "CPU s", "process peak GiB", "note", "times Driftline")
        tables.append(_table(title, header, rows))
    return "\n\n".join(tables)


def _cost(summary: Summary, case: str, key: str, size: int) -> tuple[str, str, str]:
    return (
        _number(summary.value("peers", case, key, size)),
        _number(summary.greatest("peers", case, "peak_gib", size)),
        summary.error("peers", case, size) or _missing_values(summary, case, size),
    )


def _missing_values(summary: Summary, case: str, size: int) -> str:
    """Return how many of the values asked for, one a feature and day, a peer did not find."""
    found = summary.value("peers", case, "values", size)
    asked = len(FEATURES) * summary.of("peers", case)[0]["days"]
    return f"{found:.0f} of {asked} values" if found is not None and found < asked else ""


def _failures(records: list[Record]) -> str:
    rows = [
        (record["scenario"], record["case"], f"{record['rows']:,}", str(record["days"]), error)
        for record in records
        if (error := record.get("error"))
    ]
    return _table("### What failed", ("scenario", "case", "rows", "days", "reason"), rows)


def _nodes(records: list[Record]) -> Iterable[str]:
    """Return a table of the costliest models for every case that dbt ran."""
    seen: dict[tuple[str, str, int, int], list[dict[str, float]]] = {}
    for record in records:
        if record.get("nodes") and not record["case"].endswith("empty_log"):
            key = (record["scenario"], record["case"], record["rows"], record["days"])
            seen.setdefault(key, []).append(record["nodes"])
    for (scenario, case, rows, days), runs in seen.items():
        names = {name for run in runs for name in run}
        cost = {name: median(run.get(name, 0.0) for run in runs) for name in names}
        shown = sorted(cost.items(), key=lambda item: -item[1])[:SHOWN_NODES]
        title = f"### {scenario} {case}, {rows:,} rows, {days} days: costliest nodes"
        yield _table(title, ("node", "CPU s"), [(name, _number(cpu)) for name, cpu in shown])


def _table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    ruler = ["---"] * len(header)
    lines = [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in (header, ruler, *rows)]
    return "\n".join([title, "", *lines])


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")[:400]


def _number(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _times(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}x"
