"""Every query of the documentation runs on a built warehouse and names only what is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from documents import QUERIES, pages, public_relations

RELATION = re.compile(r"\b(?:from|join)\s+(\w+)\.(\w+)", re.IGNORECASE)
BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in pages()
    for number, block in enumerate(page.blocks("sql"), start=1)
]


@pytest.fixture(scope="module")
def connection(built_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse that the session built once, opened as an analyst opens it."""
    with duckdb.connect(str(built_warehouse), read_only=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def columns(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Column names of each public relation."""
    found: dict[str, set[str]] = {}
    rows = connection.execute(
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'driftline'"
    ).fetchall()
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    return found


def check(
    sql: str, connection: duckdb.DuckDBPyConnection, columns: dict[str, set[str]]
) -> list[str]:
    """Run one query; it must answer columns and read public relations alone."""
    relations = RELATION.findall(sql)
    assert relations, "the query reads no relation"
    for schema, relation in relations:
        assert schema == "driftline", f"{schema}.{relation} is not public"
        assert relation in columns, f"{relation} is not in the warehouse"
    aliases = dict(re.findall(r"\bdriftline\.(\w+)\s+as\s+(\w+)", sql, re.IGNORECASE))
    for relation, alias in aliases.items():
        if list(aliases.values()).count(alias) == 1:
            named = set(re.findall(rf"\b{alias}\.(\w+)", sql))
            assert named <= columns[relation], f"{relation} lacks {named - columns[relation]}"
    answer = connection.execute(sql)
    answer.fetchall()
    names = [column[0] for column in answer.description or ()]
    assert names and len(names) == len(set(names))
    return names


def test_there_are_ten_queries() -> None:
    assert [file.name[:3] for file in QUERIES] == [f"{number:02}_" for number in range(1, 11)]


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.stem)
def test_query_file(
    file: Path, connection: duckdb.DuckDBPyConnection, columns: dict[str, set[str]]
) -> None:
    sql = file.read_text(encoding="utf-8")
    assert sql.startswith("-- ") and "?" in sql.partition("\n")[0] + sql.split("\n")[1]
    check(sql, connection, columns)


@pytest.mark.parametrize("sql", BLOCKS)
def test_query_in_a_page(
    sql: str, connection: duckdb.DuckDBPyConnection, columns: dict[str, set[str]]
) -> None:
    check(sql, connection, columns)


def test_queries_are_listed() -> None:
    index = (QUERIES[0].parent / "README.md").read_text(encoding="utf-8")
    assert all(file.name in index for file in QUERIES)


def test_marts_are_all_built(columns: dict[str, set[str]]) -> None:
    assert public_relations() <= set(columns)
