{#- The days whose rows are counted again in this build, once it is written down which they are. -#}
-- depends_on: {{ ref('int_begun_days') }}
select monitor, metric_date, change_kind
from {{ ref('int_row_changes') }}
