"""Numbers read from all that a column may hold."""

from tests.engines.leaf_cases.case import Case, each, one

INF, NAN = float("inf"), float("nan")
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

CASES = [
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
    Case(
        "double_literal",
        "select {{ double_literal('0.1') }} + {{ double_literal('0.2') }}, "
        "{{ double_literal('1e-7') }}, {{ double_literal('-3') }} / 2",
        [(0.1 + 0.2, 1e-7, -1.5)],
    ),
]
