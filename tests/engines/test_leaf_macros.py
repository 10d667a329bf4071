"""Every leaf macro means the same on every engine: nasty inputs against values worked out by hand.

A case is a query with the macro in it and the rows it must give. All cases of an engine are
compiled by one call of dbt and then run one by one on the engine itself.
"""

import math
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from project import DERIVED, ROOT

ENGINES = ("duckdb", "postgres", "spark")
INF, NAN = float("inf"), float("nan")
SEPARATOR = "--- case "


@dataclass(frozen=True)
class Case:
    """A query and its rows; `only` names the engines on which the input can be written."""

    name: str
    sql: str
    expected: list[tuple[Any, ...]]
    only: tuple[str, ...] = ENGINES


def texts(*values: str | None) -> str:
    """A relation `rows_in (place, entry)` of texts, in their order."""
    rows = ", ".join(
        f"({place}, {'cast(null as {{ dbt.type_string() }})' if text is None else quoted(text)})"
        for place, text in enumerate(values)
    )
    return f"(values {rows}) as rows_in (place, entry)"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def each(name: str, macro: str, answers: dict[str | None, Any]) -> Case:
    """A case with a row for each text that goes through a macro of the column `entry`."""
    return Case(
        name,
        f"select {macro} from {texts(*answers)} order by place",
        [(answer,) for answer in answers.values()],
    )


def one(name: str, expression: str, expected: Any, only: tuple[str, ...] = ENGINES) -> Case:
    return Case(name, f"select {expression}", [(expected,)], only)


NUMBERS: dict[str | None, float] = {
    **{"1": 1.0, "-1.5": -1.5, "+2": 2.0, "1.": 1.0, ".5": 0.5, " 7 ": 7.0, "0.1": 0.1, "-0": 0.0},
    **{"1e3": 1000.0, "1E-3": 0.001, "1e-99": 1e-99, "5e-324": 5e-324, "9" * 255: 1e255},
    **{"1.7976931348623157e308": 1.7976931348623157e308, "1e400": INF, "-1e999": -INF},
    **{"1e-400": 0.0, "9" * 255 + "e999": INF, "NaN": NAN, "nan": NAN, "inf": INF, "+inf": INF},
    **{"-Infinity": -INF, "INFINITY": INF},
}
NO_NUMBERS: list[str | None] = [
    *("", " ", "abc", "1,5", "1_000", "0x1A", "1d", "1f", "1e", "e5", ".", "-", "1 2", "true"),
    *("null", "\uff11", "1e1000", "--1", "1%", "9" * 256, None),
]
ARRAY = "{{ typed_array(['2.5', 'null', '-1'], type_double()) }}"
NO_EDGES = "{{ typed_array([], type_double()) }}"
FRIDAY = "cast('2026-02-27' as date)"
SPANS = (
    "(values ('month', cast('2026-02-27' as date), cast('2026-03-02' as date)), "
    "('one day', cast('2026-03-29' as date), cast('2026-03-29' as date)), "
    "('none', cast('2026-03-02' as date), cast('2026-03-01' as date)), "
    "('unknown', cast(null as date), cast('2026-03-01' as date)), "
    "('leap', cast('2028-02-28' as date), cast('2028-03-01' as date))) "
    "as spans (span, first_day, last_day)"
)
TWO_SPANS = (
    "[{'first': modules.datetime.date(2026, 2, 27), 'last': modules.datetime.date(2026, 2, 28)}, "
    "{'first': modules.datetime.date(2026, 3, 5), 'last': modules.datetime.date(2026, 3, 5)}]"
)


def near_spans_cases() -> list[Case]:
    """Of each type: whether the bounds let in moments at the edges of those of TWO_SPANS."""
    near = "{{ near_spans('entry', '%s', " + TWO_SPANS + ") }}"
    # The second span keeps what lies between the two out on PostgreSQL alone.
    moments = {
        "2026-02-26 07:59:59": (False, False),
        "2026-02-26 08:00:00": (True, True),
        "2026-03-01 15:59:59": (True, True),
        "2026-03-03 12:00:00": (True, False),
        "2026-03-04 08:00:00": (True, True),
        "2026-03-06 15:59:59": (True, True),
        "2026-03-06 16:00:00": (False, False),
    }
    days = {
        "2026-02-26": (False, False),
        "2026-02-27": (True, True),
        "2026-03-01": (True, False),
        "2026-03-05": (True, True),
        "2026-03-06": (False, False),
    }
    cases = []
    for engine, instant, kind in (
        ("duckdb", "timestamptz '%s+00'", "TIMESTAMP WITH TIME ZONE"),
        ("postgres", "timestamptz '%s+00'", "timestamp with time zone"),
        ("spark", "timestamp_ltz '%sZ'", "timestamp"),
    ):
        for written, name, answers in ((instant, kind, moments), ("date '%s'", "date", days)):
            values = ", ".join(f"({written % one})" for one in answers)
            cases.append(
                Case(
                    f"near_spans_of_{name}_on_{engine}".replace(" ", "_"),
                    f"select {near % name} from (values {values}) as rows_in (entry) "
                    "order by entry",
                    [(answer[engine == "postgres"],) for answer in answers.values()],
                    (engine,),
                )
            )
        cases.append(
            Case(
                f"near_spans_of_what_is_plain_on_{engine}",
                f"select '{near % 'timestamp without time zone'}'",
                [("",)],
                (engine,),
            )
        )
    return cases


def value_text_cases() -> list[Case]:
    """Floats of both lengths, with and without their type, and what is none."""
    floats = {
        **{"1": "1", "-0.0": "0", "-12": "-12", "0.5": "0.5", "-1234.25": "-1234.25"},
        **{"16777216": "16777216", "NaN": "NaN", "Infinity": "Infinity", "-Infinity": "-Infinity"},
    }
    others = {
        "cast('01.0' as {{ dbt.type_string() }})": "01.0",
        "'x'": "x",
        "cast(1.50 as decimal(4, 2))": "1.50",
        "cast(7 as bigint)": "7",
        "true": "true",
        "date '2026-03-01'": "2026-03-01",
        "cast(null as {{ type_double() }})": None,
    }
    cases = [
        Case(
            "value_text_of_what_is_no_float",
            "select "
            + ", ".join(f"{{{{ value_text('entry_{place}') }}}}" for place in range(len(others)))
            + " from (select "
            + ", ".join(f"{value} as entry_{place}" for place, value in enumerate(others))
            + ") as rows_in",
            [tuple(others.values())],
        ),
        Case(
            "value_text_of_a_constant",
            "select {{ value_text(\"'x'\") }}, {{ value_text('1.5') }}, {{ value_text('true') }}",
            [("x", "1.5", "true")],
        ),
    ]
    for kind, name in (("real", "real"), ("{{ type_double() }}", "double")):
        answers = dict(floats)
        if name == "double":
            answers["9007199254740991"] = "9007199254740991"
        values = ", ".join(
            f"({place}, cast('{one}' as {kind}))" for place, one in enumerate(answers)
        )
        cases.append(
            Case(
                f"value_text_of_{name}",
                "select {{ value_text('entry') }}, {{ value_text('entry', 'real') }} "
                f"from (values {values}) as rows_in (place, entry) order by place",
                [(text, text) for text in answers.values()],
            )
        )
    return cases


CASES = [
    Case(
        "count_where",
        "select {{ count_where('flag') }}, {{ count_where('entry > 1') }} from (values "
        "(1, true), (2, false), (cast(null as integer), true), (3, null)) as rows_in (entry, flag)",
        [(2, 2)],
    ),
    Case(
        "count_where_of_no_rows",
        "select {{ count_where('entry > 1') }} from (values (1)) as rows_in (entry) where false",
        [(0,)],
    ),
    Case(
        "ordered_text",
        "select {{ ordered_text('entry', 'place desc') }} from "
        + texts("last", 'it\'s, "x"', None, "", "süß ✈"),
        [('süß ✈,,it\'s, "x",last',)],
    ),
    Case(
        "ordered_text_of_no_rows",
        "select {{ ordered_text('entry', 'place') }} from " + texts("one") + " where place = 7",
        [(None,)],
    ),
    Case(
        "explode_of",
        "select given.name, exploded.element, exploded.position, other.name "
        "from (select 'a' as name, "
        + ARRAY
        + " as numbers union all select 'none', "
        + NO_EDGES
        + " union all select 'null', cast(null as {{ array_type(type_double()) }})) as given "
        "{{ explode_of('given.numbers', 'exploded', 'element', 'position') }} "
        "inner join (select 'a' as name) as other on given.name = other.name order by 3",
        [("a", 2.5, 1, "a"), ("a", None, 2, "a"), ("a", -1.0, 3, "a")],
    ),
    Case(
        "explode_days_of",
        "select spans.span, days.day from "
        + SPANS
        + " {{ explode_days_of('spans.first_day', 'spans.last_day', 'days', 'day') }} "
        "inner join (select true as joined) as other on other.joined order by 2",
        [
            *[("month", day) for day in (date(2026, 2, 27), date(2026, 2, 28))],
            *[("month", day) for day in (date(2026, 3, 1), date(2026, 3, 2))],
            ("one day", date(2026, 3, 29)),
            *[("leap", day) for day in (date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1))],
        ],
    ),
    one("days_between", "{{ days_between(\"date '2028-03-01'\", \"date '2028-02-28'\") }}", 2),
    one(
        "days_between_back", "{{ days_between(\"date '2026-02-28'\", \"date '2026-03-01'\") }}", -1
    ),
    one(
        "days_between_null", "{{ days_between('cast(null as date)', \"date '2026-03-01'\") }}", None
    ),
    Case(
        "add_days",
        'select {{ add_days("' + FRIDAY + "\", 'number') }}, "
        '{{ add_days("' + FRIDAY + "\", '-1 - number') }} from (values (2), (-1), (0), "
        "(cast(null as bigint))) as rows_in (number) order by number is null, number",
        [
            (date(2026, 2, 26), date(2026, 2, 27)),
            (date(2026, 2, 27), date(2026, 2, 26)),
            (date(2026, 3, 1), date(2026, 2, 24)),
            (None, None),
        ],
    ),
    Case(
        "days_are_dates_and_integers",
        "select {{ add_days('entry', 1) }} = date '2026-03-01', "
        "{{ days_between('entry', 'entry') }} * 1 "
        "from (select date '2026-02-28' as entry) as given",
        [(True, 0)],
    ),
    Case(
        "day_start",
        "select {{ day_start('entry') }}, {{ day_start('entry') }} <= {{ local_timestamp("
        "\"'2026-02-28 00:00:00'\", 'UTC') }}, {{ day_start(add_days('entry', 1)) }} > "
        "{{ local_timestamp(\"'2026-02-28 23:59:59.999999'\", 'UTC') }} "
        "from (select date '2026-02-28' as entry) as given",
        [(datetime(2026, 2, 28), True, True)],
    ),
    Case(
        "in_one_of_spans",
        "select {{ in_one_of_spans('entry', " + TWO_SPANS + ", false) }}, "
        "{{ in_one_of_spans('cast(entry as date)', "
        + TWO_SPANS
        + ", true) }} from (values "
        + ", ".join(
            f"(cast('{at}' as {{{{ type_local_timestamp() }}}}))"
            for at in (
                *("2026-02-26 23:59:59.999999", "2026-02-27 00:00:00"),
                *("2026-02-28 23:59:59.999999", "2026-03-01 00:00:00"),
                *("2026-03-04 23:59:59.999999", "2026-03-05 12:00:00", "2026-03-06 00:00:00"),
            )
        )
        + ") as rows_in (entry) order by entry",
        [(one, one) for one in (False, True, True, False, False, True, False)],
    ),
    Case(
        "row_hash_tells_rows_apart",
        "select count(distinct {{ row_hash(['entry', 'other', 'number', 'list', 'day', 'flag']) }})"
        " from ("
        + " union all ".join(
            f"select cast({entry} as {{{{ dbt.type_string() }}}}) as entry, "
            f"cast({other} as {{{{ dbt.type_string() }}}}) as other, "
            f"cast({number} as {{{{ type_double() }}}}) as number, "
            f"{{{{ typed_array([{items}], dbt.type_string()) }}}} as list, "
            f"cast({day} as date) as day, cast({flag} as boolean) as flag"
            for entry, other, number, items, day, flag in [
                ("'a'", "null", "1", "", "null", "null"),
                ("null", "'a'", "1", "", "null", "null"),
                ("'a'", "''", "1", "", "null", "null"),
                ("'null'", "'a'", "1", "", "null", "null"),
                ("'ab'", "'c'", "1", "", "null", "null"),
                ("'a'", "'bc'", "1", "", "null", "null"),
                ("'a'", "null", "null", "", "null", "null"),
                ("'a'", "null", "'NaN'", "", "null", "null"),
                ("'a'", "null", "0.1", "", "null", "null"),
                ("'a'", "null", "0.10000000000000002", "", "null", "null"),
                ("'a'", "null", "1", "'null'", "null", "null"),
                ("'a'", "null", "1", '"null", "\'x\'"', "null", "null"),
                ("'a'", "null", "1", '"\'x\'", "null"', "null", "null"),
                ("'a'", "null", "1", "", "'2026-01-01'", "null"),
                ("'a'", "null", "1", "", "null", "true"),
                ("'a'", "null", "1", "", "null", "false"),
                ("'a'", "null", "1", "", "null", "false"),
            ]
        )
        + ") as rows_in",
        [(16,)],
    ),
    Case(
        "row_hash_sees_microseconds",
        "select count(distinct {{ row_hash(['entry']) }}) from (select cast('2026-01-01 "
        "00:00:00.000001' as {{ type_local_timestamp() }}) as entry union all select "
        "cast('2026-01-01 00:00:00.000002' as {{ type_local_timestamp() }})) as rows_in",
        [(2,)],
    ),
    Case(
        "row_hash_is_a_bigint",
        "select {{ row_hash(['entry']) }} between -9223372036854775808 and 9223372036854775807 "
        "from " + texts("a"),
        [(True,)],
    ),
    Case(
        "hash_sum_does_not_overflow",
        "select {{ hash_sum('cast(entry as bigint)') }} from (values (9223372036854775807), "
        "(9223372036854775807), (9223372036854775807), (-2)) as rows_in (entry)",
        [("27670116110564327419",)],
    ),
    Case(
        "hash_sum_of_no_rows",
        "select {{ hash_sum('cast(entry as bigint)') }} from (values (1)) as rows_in (entry) "
        "where false",
        [(None,)],
    ),
    Case(
        "number_of_a_column",
        "select {{ number_of('flag', 'boolean') }}, {{ number_of('entry', 'bigint') }} from "
        "(values (1, true, cast(7 as bigint)), (2, false, -1), (3, cast(null as boolean), null)) "
        "as rows_in (place, flag, entry) order by place",
        [(1.0, 7.0), (0.0, -1.0), (None, None)],
    ),
    each(
        "number_of_text",
        "{{ number_or_null('entry') }}",
        NUMBERS | dict.fromkeys(NO_NUMBERS),
    ),
    one("number_of_true", "{{ number_or_null('true') }}", 1.0),
    one("number_of_false", "{{ number_or_null('false') }}", 0.0),
    one("number_of_null_boolean", "{{ number_or_null('cast(null as boolean)') }}", None),
    one("number_of_bigint", "{{ number_or_null('cast(9007199254740993 as bigint)') }}", 2.0**53),
    one("number_of_decimal", "{{ number_or_null('cast(-12.5 as decimal(10, 3))') }}", -12.5),
    one("number_of_double", "{{ number_or_null(double_literal('0.1')) }}", 0.1),
    one("number_of_nan", "{{ number_or_null(double_literal('NaN')) }}", NAN),
    one("number_of_smallest", "{{ number_or_null(double_literal('5e-324')) }}", 5e-324),
    one("number_of_infinity", "{{ number_or_null(double_literal('-Infinity')) }}", -INF),
    Case(
        "number_of_a_known_type",
        "select "
        + ", ".join(
            f"{{{{ number_or_null(\"cast({value} as {kind})\", '{kind}') }}}}"
            for value, kind in (
                ("true", "boolean"),
                ("null", "boolean"),
                ("'NaN'", "double precision"),
                ("0.5", "real"),
                ("9007199254740993", "bigint"),
                ("-12.5", "numeric(10,3)"),
                ("'NaN'", "numeric"),
                ("'1e400'", "numeric"),
                ("'-1e400'", "numeric"),
                ("'1e-400'", "numeric"),
                ("' 7 '", "text"),
                ("'abc'", "character varying(9)"),
            )
        ),
        [(1.0, None, NAN, 0.5, 2.0**53, -12.5, NAN, INF, -INF, 0.0, 7.0, None)],
        ("postgres",),
    ),
    Case(
        "is_finite",
        "select "
        + ", ".join(
            "{{ is_finite(double_literal('" + number + "')) }}"
            for number in ("0", "-1.7e308", "NaN", "Infinity", "-Infinity")
        )
        + ", {{ is_finite('cast(null as ' ~ type_double() ~ ')') }}",
        [(True, True, False, False, False, None)],
    ),
    each(
        "local_timestamp_of_text",
        "{{ local_timestamp('entry', 'America/New_York') }}",
        {
            "2026-03-01 04:30:00": datetime(2026, 3, 1, 4, 30),
            "2026-03-01T04:30:00.123456": datetime(2026, 3, 1, 4, 30, 0, 123456),
            "2026-03-01": datetime(2026, 3, 1),
            "2026-03-01 04:30:00Z": datetime(2026, 2, 28, 23, 30),
            "2026-03-01T04:30:00+02:00": datetime(2026, 2, 28, 21, 30),
            "2026-03-01 04:30:00+02": datetime(2026, 2, 28, 21, 30),
            "2026-03-01T04:30:00.5-0800": datetime(2026, 3, 1, 7, 30, 0, 500000),
            # Summer time begins at 7 and ends at 6 UTC.
            "2026-03-08T06:59:59Z": datetime(2026, 3, 8, 1, 59, 59),
            "2026-03-08T07:00:00Z": datetime(2026, 3, 8, 3, 0),
            "2026-11-01T05:30:00Z": datetime(2026, 11, 1, 1, 30),
            "2026-11-01T06:30:00Z": datetime(2026, 11, 1, 1, 30),
            None: None,
        },
    ),
    one(
        "local_timestamp_of_a_timestamp",
        "{{ local_timestamp(\"cast('2026-03-01 04:30:00' as \" ~ type_local_timestamp() ~ ')', "
        "'America/New_York') }}",
        datetime(2026, 3, 1, 4, 30),
    ),
    one(
        "local_timestamp_in_a_gap_of_the_clock_is_kept",
        "{{ local_timestamp(\"cast('2026-03-08 02:30:00' as \" ~ type_local_timestamp() ~ ')', "
        "'America/New_York') }}",
        datetime(2026, 3, 8, 2, 30),
    ),
    one(
        "local_timestamp_of_a_date",
        "{{ local_timestamp(\"date '2026-03-01'\", 'America/New_York') }}",
        datetime(2026, 3, 1),
    ),
    one(
        "local_timestamp_of_an_instant",
        "{{ local_timestamp(\"timestamptz '2026-03-01 04:30:00+00'\", 'America/New_York') }}",
        datetime(2026, 2, 28, 23, 30),
        ("duckdb", "postgres"),
    ),
    one(
        "local_timestamp_of_an_instant_of_spark",
        "{{ local_timestamp(\"timestamp_ltz '2026-03-01 04:30:00Z'\", 'America/New_York') }}",
        datetime(2026, 2, 28, 23, 30),
        ("spark",),
    ),
    Case(
        "local_timestamp_of_a_known_type",
        "select "
        + ", ".join(
            f"{{{{ local_timestamp(\"cast('{value}' as {kind})\", 'America/New_York', "
            f"'{kind}') }}}}"
            for value, kind in (
                ("2026-03-08 02:30:00", "timestamp without time zone"),
                ("2026-03-01 04:30:00+00", "timestamp with time zone"),
                ("2026-11-01 06:30:00+00", "timestamp with time zone"),
                ("2026-03-01", "date"),
                ("2026-03-01 04:30:00Z", "text"),
            )
        ),
        [
            (
                datetime(2026, 3, 8, 2, 30),
                datetime(2026, 2, 28, 23, 30),
                datetime(2026, 11, 1, 1, 30),
                datetime(2026, 3, 1),
                datetime(2026, 2, 28, 23, 30),
            )
        ],
        ("postgres",),
    ),
    *near_spans_cases(),
    Case(
        "number_text",
        "select "
        + ", ".join(
            '{{ number_text("' + number + '") }}'
            for number in (
                "0.12345",
                "-0.0005",
                "0.0099996",
                "0.00042",
                "0.0000049",
                "0.0000004",
                "1.0005",
                "32.03449999999999",
                "2.5",
                "0",
                "-0.0001",
                "1234567.8915",
                "cast(null as integer)",
                "cast(7 as bigint)",
            )
        ),
        [
            (
                "0.123",
                "-0.00050",
                "0.0100",
                "0.00042",
                "0.0000049",
                "0.000",
                "1.001",
                "32.035",
                "2.500",
                "0.000",
                "-0.00010",
                "1234567.892",
                "unknown",
                "7.000",
            )
        ],
    ),
    Case(
        "percent_text",
        "select "
        + ", ".join(
            '{{ percent_text("' + share + '") }}'
            for share in ("0.0514", "0.0005", "-0.0125", "1", "0", "cast(null as integer)")
        ),
        [("5.1 %", "0.1 %", "-1.3 %", "100.0 %", "0.0 %", "unknown")],
    ),
    *value_text_cases(),
    each(
        "md5_text",
        "{{ md5_text('entry') }}",
        {
            "": "d41d8cd98f00b204e9800998ecf8427e",
            "abc": "900150983cd24fb0d6963f7d28e17f72",
            "süß": "3c3ba10408cc06f68b76c9b001734c57",
            None: None,
        },
    ),
    one("md5_text_of_a_number", "{{ md5_text('1') }}", "c4ca4238a0b923820dcc509a6f75849b"),
    Case(
        "double_literal",
        "select {{ double_literal('0.1') }} + {{ double_literal('0.2') }}, "
        "{{ double_literal('1e-7') }}, {{ double_literal('-3') }} / 2",
        [(0.1 + 0.2, 1e-7, -1.5)],
    ),
    Case(
        "typed_array",
        "select {{ typed_array(['1', 'null', '2.5'], type_double()) }}, "
        "{{ typed_array([], type_double()) }}, "
        "{{ typed_array([\"'a'\", '1', 'null', 'true'], dbt.type_string()) }}",
        [([1.0, None, 2.5], [], ["a", "1", None, "true"])],
    ),
    Case(
        "array_type",
        "select cast(null as {{ array_type(type_double()) }}), "
        "cast({{ typed_array(['1'], 'integer') }} as {{ array_type(type_double()) }})",
        [(None, [1.0])],
    ),
    Case(
        "byte_order",
        "select {{ ordered_text('entry', byte_order('entry')) }}, "
        "max({{ byte_order('entry') }}) from " + texts("a", "B", "ä", "Z", "_", "ab", "10", "9"),
        [("10,9,B,Z,_,a,ab,ä", "ä")],
    ),
    Case(
        "syntax_problem",
        "select "
        + ", ".join(
            "'{{ (syntax_problem(" + repr(expression) + ") is none) if execute }}'"
            for expression in ("1 + nowhere", "region like 'it''s %'", "1 +", "1) + (2", "'open")
        ),
        [("True", "True", "False", "True", "False")],
    ),
    Case(
        "sql_text",
        "select {{ sql_text(\"O'Hare\") }}, {{ sql_text('a\\\\nb') }}, {{ sql_text('c:\\\\') }}",
        [("O'Hare", "a\\nb", "c:\\")],
    ),
]


Query = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, monkeypatch_module: pytest.MonkeyPatch) -> str:
    """Name of the engine, its server running and its variables set."""
    monkeypatch_module.setenv("DRIFTLINE_WAREHOUSE", ":memory:")
    if request.param != "duckdb":
        for name, value in request.getfixturevalue(request.param).items():
            monkeypatch_module.setenv(name, value)
    return str(request.param)


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield monkeypatch


@pytest.fixture(scope="module")
def compiled(engine: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """SQL of each case on the engine, by the name of the case."""
    return compile_cases(cases_of(engine), engine, tmp_path_factory.mktemp(engine))


def compile_cases(cases: list[Case], engine: str, folder: Path) -> dict[str, str]:
    from dbt.cli.main import dbtRunner

    for name in ("dbt_project", "profiles", "seeds"):
        shutil.copytree(ROOT / name, folder / name, ignore=DERIVED)
    text = "".join(f"{SEPARATOR}{case.name}\n{case.sql}\n" for case in cases)
    folders = [
        "--project-dir",
        str(folder / "dbt_project"),
        "--profiles-dir",
        str(folder / "profiles"),
    ]
    outcome = dbtRunner().invoke(
        ["--quiet", "compile", "--inline", text, "--target", engine, *folders]
    )
    assert outcome.success, outcome.exception or outcome.result
    parts = outcome.result.results[0].node.compiled_code.split(SEPARATOR)[1:]
    return {name: sql for name, _, sql in (part.partition("\n") for part in parts)}


@pytest.fixture(scope="module")
def query(engine: str, compiled: dict[str, str]) -> Iterator[Query]:
    """Runs one statement on the engine and returns its rows."""
    if engine == "duckdb":
        with duckdb.connect() as connection:
            yield lambda sql: connection.execute(sql).fetchall()
    elif engine == "postgres":
        import psycopg2

        connection = psycopg2.connect(
            host=os.environ["DRIFTLINE_PG_HOST"],
            user=os.environ["DRIFTLINE_PG_USER"],
            dbname=os.environ["DRIFTLINE_PG_DATABASE"],
        )
        connection.autocommit = True
        cursor = connection.cursor()

        def ask(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

        yield ask
        connection.close()
    else:
        from pyspark.sql import SparkSession

        session = SparkSession.builder.getOrCreate()
        yield lambda sql: [tuple(row) for row in session.sql(sql).collect()]


def cases_of(engine: str) -> list[Case]:
    return [case for case in CASES if engine in case.only]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_leaf_macro(case: Case, engine: str, compiled: dict[str, str], query: Query) -> None:
    if engine in case.only:
        assert comparable(query(compiled[case.name])) == comparable(case.expected)


def test_a_filter_on_local_timestamp_reaches_the_scan_of_duckdb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a plain timestamp only the column is left, so row groups out of range are not read."""
    monkeypatch.setenv("DRIFTLINE_WAREHOUSE", ":memory:")
    day = "{{ local_timestamp('seen_at', 'Europe/Berlin') }}"
    case = Case(
        "scan",
        f"explain select * from (select *, {day} as local_at from seen) as seen "
        "where local_at >= {{ day_start(\"date '2026-01-20'\") }}",
        [],
    )
    sql = compile_cases([case], "duckdb", tmp_path)["scan"]
    with duckdb.connect() as connection:
        connection.execute(
            "create table seen as from (values (timestamp '2026-01-01'), "
            "(timestamp '2026-02-01')) as days (seen_at)"
        )
        plan = connection.execute(sql).fetchall()[0][1]
    assert "seen_at >= '2026-01-20 00:00:00'::TIMESTAMP" in plan
    assert "timezone" not in plan


def comparable(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows with decimals as floats and NaN equal to itself."""
    return [tuple(map(_comparable, row)) for row in rows]


def _comparable(value: Any) -> Any:
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return value
