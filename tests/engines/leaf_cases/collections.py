"""Aggregates over rows, arrays and their order."""

from tests.engines.leaf_cases.case import Case, texts

ARRAY = "{{ typed_array(['2.5', 'null', '-1'], type_double()) }}"
NO_EDGES = "{{ typed_array([], type_double()) }}"

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
        "materialized",
        "with numbers as {{ materialized() }} (select 1 as one) select one from numbers",
        [(1,)],
    ),
]
