{#- What of a monitor's configuration decides its facts, as one hash: when it differs, every day is
    counted anew. `facts_version` goes up when a release of Driftline counts differently. Business
    metrics have a hash of their own (null without any): when it differs, they alone are counted. -#}
{%- set facts_version = 5 -%}
with

configured as (
    select
        cast(null as {{ dbt.type_string() }}) as monitor,
        cast(null as {{ dbt.type_string() }}) as configuration_fingerprint,
        cast(null as {{ dbt.type_string() }}) as business_fingerprint
    where false
    {% for name, monitor in monitors().items() %}
    {#- Repeated rows hold the values of segments in this order, and facts know classes by their
        position: JSON keeps neither. -#}
    {% set structure = {'order_of_segments': monitor.segments | list} %}
    {% if monitor.classes %}
        {% do structure.update({'order_of_classes': monitor.classes | list}) %}
    {% endif %}
    {% for key, value in monitor.items()
        if key not in ['description', 'owner', 'card', 'primary_metric', 'protected',
            'retention_days', 'look_back_days', 'fingerprint', 'business_metrics', 'numerators',
            'denominators']
        and not (key == 'classes' and not value)
        and not (key == 'ranking_depth' and monitor.task != 'ranking') %}
        {% do structure.update({key: value}) %}
    {% endfor %}
    {% set business = [] %}
    {% for metric_name, metric in monitor.business_metrics.items() %}
        {% do business.append([metric_name, metric.numerator, metric.denominator,
            metric.direction, metric.horizon_days]) %}
    {% endfor %}
    union all
    select
        {{ sql_text(name) }},
        '{{ local_md5(facts_version ~ tojson(structure, sort_keys=true)) }}',
        {{ "'" ~ local_md5(tojson(business)) ~ "'" if business else 'null' }}
    {% endfor %}
)

select * from configured
