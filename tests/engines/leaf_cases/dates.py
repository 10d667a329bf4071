"""Days, moments and spans of them."""

from datetime import date, datetime

from tests.engines.leaf_cases.case import Case, each, one

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


CASES = [
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
]
