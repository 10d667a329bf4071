{#- Fails for each expression that an engine reads otherwise than we mean it. -#}
{%- set text = dbt.type_string() -%}
with

edges as (
    select
        {{ typed_array(['1', '2', '2.5'], type_double()) }} as closed_edges
),

exploded as (
    select exploded_edges.edge, exploded_edges.position
    from edges
    {{ explode_of('edges.closed_edges', 'exploded_edges', 'edge', 'position') }}
),

days as (
    select days_of_span.day
    from (select date '2026-02-27' as first_day, date '2026-03-02' as last_day) as spans
    {{ explode_days_of('spans.first_day', 'spans.last_day', 'days_of_span', 'day') }}
),

cases as (
    select
        'positions_start_at_1' as case_name,
        cast(max(position) as {{ text }}) as actual,
        '3' as expected
    from exploded
    where edge = 2.5
    union all
    select
        'days_cross_the_month',
        cast(count(*) as {{ text }}) || ' to ' || cast(max(day) as {{ text }}),
        '4 to 2026-03-02'
    from days
    union all
    select
        'nan_is_not_finite',
        cast({{ is_finite("cast('NaN' as " ~ type_double() ~ ")") }} as {{ text }}),
        'false'
    union all
    select
        'infinity_is_not_finite',
        cast({{ is_finite("cast('-Infinity' as " ~ type_double() ~ ")") }} as {{ text }}),
        'false'
    union all
    select
        'zero_is_finite',
        cast({{ is_finite('cast(0 as ' ~ type_double() ~ ')') }} as {{ text }}),
        'true'
    union all
    select 'number_has_three_decimals', {{ number_text('0.12345') }}, '0.123'
    union all
    select 'small_number_has_two_digits', {{ number_text('-0.000419') }}, '-0.00042'
    union all
    select 'missing_number_is_unknown', {{ number_text('null') }}, 'unknown'
    union all
    select 'share_is_percent_with_one_decimal', {{ percent_text('0.0514') }}, '5.1 %'
    union all
    select
        'instant_becomes_local_time',
        cast({{ local_timestamp(
            "'2026-03-01 04:30:00+00:00'", 'America/New_York'
        ) }} as {{ text }}),
        '2026-02-28 23:30:00'
    union all
    select
        'timestamp_without_zone_is_local_already',
        cast({{ local_timestamp(
            "'2026-03-01 04:30:00'", 'America/New_York'
        ) }} as {{ text }}),
        '2026-03-01 04:30:00'
    union all
    select 'quote_in_a_text_is_doubled', {{ sql_text("O'Hare") }}, 'O''Hare'
)

select * from cases
where actual is distinct from expected
