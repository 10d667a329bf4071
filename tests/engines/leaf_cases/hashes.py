"""Fingerprints of rows and texts."""

from tests.engines.leaf_cases.case import Case, each, one, texts

CASES = [
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
]
