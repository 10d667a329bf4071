{#- Adds to the rows of `tested` what Benjamini and Hochberg (1995) say of p-values that are looked
    at together, as CTEs, the last one `discovered`: the size of the family and the q-value, the
    smallest share of false discoveries at which the row is one. Rows that `is_member` leaves out
    are of no family and have nulls. -#}
{% macro false_discovery_q(tested, p_value, family_columns, is_member) -%}
{%- set family = (family_columns + [is_member]) | join(', ') -%}
ranked as (
    select
        *,
        count(*) over (partition by {{ family }}) as members,
        -- Equal p-values share the last of their ranks.
        count(*) over (partition by {{ family }} order by {{ p_value }}) as p_rank
    from {{ tested }}
),

discovered as (
    select
        *,
        case when {{ is_member }} then members end as family_size,
        case
            when {{ is_member }}
                then least(
                    min({{ p_value }} * members / p_rank)
                        over (partition by {{ family }} order by {{ p_value }} desc),
                    1
                )
        end as q_value
    from ranked
)
{%- endmacro %}
