{#- Ending of a grouped CTE that is read in several places and must be computed once, because it reads
    raw rows. The others do so by themselves; Spark writes a CTE out wherever it is read, unless its
    rows might differ each time, which it takes for granted of what asks where it is computed. -#}
{% macro computed_once() %}
    {{ return(adapter.dispatch('computed_once', 'driftline')()) }}
{% endmacro %}

{% macro default__computed_once() %}{% endmacro %}

{% macro spark__computed_once() %}having spark_partition_id() >= 0{% endmacro %}
