{#- What of a monitor's configuration decides its facts, as one hash: when it differs, every day is
    counted anew. `facts_version` goes up when a release of Driftline counts differently. -#}
{%- set facts_version = 3 -%}
with

configured as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as configuration_fingerprint
    where false
    {% for name, monitor in monitors().items() %}
    {#- Repeated rows hold the values of segments in this order, which JSON does not keep. -#}
    {% set structure = {'order_of_segments': monitor.segments | list} %}
    {% for key, value in monitor.items()
        if key not in ['description', 'owner', 'card', 'primary_metric', 'protected',
            'retention_days', 'look_back_days', 'fingerprint']
        and not (key == 'classes' and not value)
        and not (key == 'ranking_depth' and monitor.task != 'ranking') %}
        {% do structure.update({key: value}) %}
    {% endfor %}
    union all
    select
        {{ sql_text(name) }},
        '{{ local_md5(facts_version ~ tojson(structure, sort_keys=true)) }}'
    {% endfor %}
)

select * from configured
