"""The report: one HTML page that holds its data, its script and its style, and asks no network.

The script blocks are the only ones that run: the Content-Security-Policy names them by hash and
allows nothing to be fetched. Vega evaluates its expressions without `eval`.
"""

import base64
import hashlib
import os
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

import vl_convert
from jinja2 import Environment, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from jobs.report import queries, text
from jobs.report.sections import monitor_section
from jobs.warehouse import Warehouse

VEGA_LITE = "6.4"
EXPORTED = "window.vegaEmbed = vegaEmbed;"
SEVERITY_ORDER = ("red", "yellow", "green")


def build_report(warehouse: Warehouse, schema: str = "driftline", as_of: date | None = None) -> str:
    """Return the report on every monitor as one self-contained HTML page.

    Reads public relations of `schema` only. `as_of` is the last day shown (default: each monitor's
    newest day); alerts resolved later are open on it. The same warehouse gives the same page.
    Raises WarehouseError when a public relation cannot be read.
    """
    rows = queries.MONITORS.fetch(warehouse, schema, {}).to_dicts()
    monitors = [
        monitor_section(warehouse, schema, row, index, as_of) for index, row in enumerate(rows, 1)
    ]
    figures = {
        figure.key: figure.payload()
        for monitor in monitors
        for figure in monitor["figures"].values()
        if figure.has_rows
    }
    libraries, script, style = _library_script(), _asset("report.js"), _asset("report.css")
    days = [monitor["last"] for monitor in monitors if monitor["last"] is not None]
    template = _environment().from_string(_asset("template.html.j2"))
    page = template.render(
        monitors=monitors,
        severities=_severities(monitors),
        as_of=max(days, default=as_of),
        figures=htmlsafe_json_dumps(
            figures, separators=(",", ":"), ensure_ascii=True, allow_nan=False
        ),
        has_figures=bool(figures),
        # Our own files, without a word from the warehouse.
        libraries=Markup(libraries),
        script=Markup(script),
        style=Markup(style),
        policy=_policy([libraries, script], style),
        schema=schema,
        package_version=_package_version(),
        monitors_sql=queries.MONITORS.as_text(schema, {}),
    )
    return page.strip() + "\n"


def write_report(
    warehouse: Warehouse,
    path: Path,
    schema: str = "driftline",
    as_of: date | None = None,
) -> Path:
    """Write the report to `path` in one step and return it: readers see the old page or the new.

    Raises WarehouseError as `build_report` does; the page that was there stays.
    """
    page = build_report(warehouse, schema, as_of)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8", newline="\n") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


@cache
def _library_script() -> str:
    """Vega, Vega-Lite and Vega-Embed in a scope of their own; they set three globals."""
    bundle = str(vl_convert.javascript_bundle(EXPORTED, VEGA_LITE))
    return (
        "(function(){"
        + bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
        + "})();"
    )


def _asset(name: str) -> str:
    return files("jobs.report").joinpath(name).read_text(encoding="utf-8")


def _policy(scripts: list[str], style: str) -> str:
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _environment() -> Environment:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        number=text.number,
        count=text.count,
        percent=text.percent,
        share=text.share,
        day=text.day,
        words=text.words,
        link=text.link,
        short=text.short,
    )
    environment.globals.update(plural=text.plural)
    return environment


def _severities(monitors: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """How many monitors have each severity, worst first."""
    found = [monitor["health"]["severity"] for monitor in monitors if monitor["health"]]
    return [(name, found.count(name)) for name in SEVERITY_ORDER if name in found]


def _package_version() -> str:
    try:
        return version("driftline")
    except PackageNotFoundError:
        return "not installed as a package"
