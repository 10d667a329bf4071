{#- The days whose marts are built in this run, now that it is written down which they are. -#}
-- depends_on: {{ ref('int_begun_marts') }}
select monitor, metric_date, change_kind
from {{ ref('int_input_changes') }}
