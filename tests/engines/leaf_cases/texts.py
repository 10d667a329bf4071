"""Numbers and values written as text, and text in SQL."""

from tests.engines.leaf_cases.case import Case


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
