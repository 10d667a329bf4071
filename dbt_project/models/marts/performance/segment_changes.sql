{{ config(materialized='view') }}
{#- Simpson's check: has a metric changed because it changed within the values of a segment, or
    because there are more rows of one value and fewer of another? Its change is split into what the
    values changed by, weighed by the rows that they have now, and the mix (Kitagawa 1955; of rates
    that all move against their mean Simpson 1951). Only a mean of a number of each row can be. -#}
{#- A change counts beyond so many 95 % bounds: 2.576 standard errors. -#}
{%- set evidence = '2.576e0 / 1.959963984540054e0' -%}
{%- set keys = ['monitor', 'model_version', 'metric_date', 'window_days', 'metric_name',
    'reference'] -%}
with

changed as (
    select
        {{ keys | join(', ') }},
        segment_name,
        segment_value,
        metric_value,
        reference_value,
        is_mature,
        labeled_rows,
        noise_bound,
        -- What rounding makes of equal numbers is no change.
        case
            when
                abs(metric_value - reference_value)
                <= 1e-12 * greatest(abs(metric_value), abs(reference_value))
                then 0
            else metric_value - reference_value
        end as value_change,
        status
    from {{ ref('performance') }}
    where metric_name in ('accuracy', 'log_loss', 'brier', 'mae')
),

by_value as (
    select
        {{ keys | join(', ') }},
        segment_name,
        segment_value,
        value_change,
        noise_bound,
        value_change is not null as is_known,
        case when value_change is not null then cast(labeled_rows as {{ type_double() }}) end
            as known_rows
    from changed
    where segment_name <> 'overall'
),

ranked as (
    select
        *,
        row_number() over (
            partition by {{ keys | join(', ') }}, segment_name, is_known
            order by
                abs(value_change) * known_rows desc, {{ byte_order('segment_value') }}
        ) as rank_of_part
    from by_value
),

-- Few rows of a value are no reason to leave it out: they are in the noise.
within_values as (
    select
        {{ keys | join(', ') }},
        segment_name,
        {{ count_where('is_known') }} as value_count,
        {{ count_where('value_change > noise_bound') }} as risen_values,
        {{ count_where('value_change < -noise_bound') }} as fallen_values,
        sum(known_rows) as known_rows,
        sum(value_change * known_rows) as part_sum,
        sum(power(noise_bound * known_rows, 2)) as noise_square_sum,
        max(case when is_known and rank_of_part = 1 then segment_value end) as largest_value,
        max(case when is_known and rank_of_part = 1 then value_change * known_rows end)
            as largest_part
    from ranked
    group by {{ keys | join(', ') }}, segment_name
),

split as (
    select
        {{ select_columns('overall', keys) }},
        within_values.segment_name,
        overall.metric_value,
        overall.reference_value,
        overall.value_change,
        overall.noise_bound,
        within_values.part_sum / within_values.known_rows as within_change,
        -- Values share their days, whose part in the noise only that of all rows knows.
        greatest(
            sqrt(within_values.noise_square_sum) / within_values.known_rows, overall.noise_bound
        ) as within_noise_bound,
        within_values.value_count,
        within_values.risen_values,
        within_values.fallen_values,
        case when within_values.largest_part <> 0 then within_values.largest_value end
            as largest_value,
        case
            when within_values.largest_part <> 0
                then within_values.largest_part / within_values.known_rows
        end as largest_part,
        coalesce({{ ratio('within_values.known_rows', 'overall.labeled_rows') }}, 0)
            as known_share,
        overall.is_mature,
        overall.status not in ('insufficient_data', 'no_reference') as is_judged
    from changed as overall
    inner join within_values
        on {{ same_columns('overall', 'within_values', keys) }}
    where overall.segment_name = 'overall'
),

-- What is unknown of a few rows of new values must not pass for a mix.
compared as (
    select
        *,
        is_judged and value_count > 1 and known_share >= 0.98 as is_compared,
        abs(value_change) > {{ evidence }} * noise_bound as has_moved,
        abs(within_change) > {{ evidence }} * within_noise_bound as has_moved_within,
        value_change * within_change < 0 as is_opposite
    from split
)

select
    {{ keys[:4] | join(', ') }},
    segment_name,
    metric_name,
    reference,
    metric_value,
    reference_value,
    case when is_judged then value_change end as value_change,
    case when is_judged then noise_bound end as noise_bound,
    case when is_compared then within_change end as within_change,
    case when is_compared then within_noise_bound end as within_noise_bound,
    case when is_compared then value_change - within_change end as mix_change,
    value_count,
    risen_values,
    fallen_values,
    largest_value,
    case when is_compared then largest_part end as largest_part,
    known_share,
    case
        when not is_compared then 'insufficient_data'
        when not (has_moved or has_moved_within) then 'ok'
        when has_moved and has_moved_within and is_opposite then 'reversed'
        when has_moved and (is_opposite or abs(within_change) < abs(value_change) / 2) then 'mix'
        when has_moved_within and (is_opposite or abs(value_change) < abs(within_change) / 2)
            then 'hidden'
        when has_moved_within then 'within'
        else 'unclear'
    end as status,
    is_mature
from compared
