{#- The verdict in words, for the columns of signals. -#}
{% macro signal_reason() -%}
case
    when severity = 'insufficient_data'
        then 'not judged: ' || cast(cast(evidence_rows as bigint) as {{ dbt.type_string() }})
            || ' rows, or no reference yet'
    when rule_id in ('performance_trend', 'business_trend')
        then metric_name || case when divergence >= 0 then ' loses ' else ' gains ' end
            || {{ size_of_change() }} || ' a week over the last four weeks, now '
            || {{ number_text('metric_value') }}
    when layer in ('performance', 'business')
        then metric_name || ' ' || {{ number_text('metric_value') }}
            || ' over ' || cast(window_days as {{ dbt.type_string() }})
            || case when window_days = 1 then ' day is ' else ' days is ' end
            || {{ size_of_change() }}
            || case when divergence >= 0 then ' worse' else ' better' end
            || ' than ' || reference || ' ' || {{ number_text('reference_value') }}
            || case when has_evidence then '' else ', within its noise' end
    when layer in ('feature_drift', 'prediction_drift')
        then 'PSI ' || {{ number_text('metric_value') }} || ' of '
            || case when feature_name = 'all' then 'the score' else feature_name end
            || ' over ' || cast(window_days as {{ dbt.type_string() }})
            || ' days against ' || reference
            || '; unchanged it stays under ' || {{ number_text('reference_value') }}
            || case
                when not has_evidence and metric_value > reference_value
                    then ', but so many features show as much by chance'
                else ''
            end
    when rule_id = 'row_volume'
        then cast(cast(evidence_rows as bigint) as {{ dbt.type_string() }}) || ' rows, usual are '
            || cast(cast(floor(reference_value + 0.5) as bigint) as {{ dbt.type_string() }})
    else metric_name || ' ' || {{ number_text('metric_value') }}
        || ', expected ' || {{ number_text('reference_value') }}
end
|| case
    when segment_name = 'overall' then ''
    else ' (' || segment_name || ' = ' || segment_value || ')'
end
{%- endmacro %}


{#- A change of performance in words: a share of the reference, or points of metrics that have no
    zero to be a share of. -#}
{% macro size_of_change() -%}
case change_kind
    when 'absolute' then {{ number_text('abs(divergence)') }}
    else {{ percent_text('abs(divergence)') }}
end
{%- endmacro %}
