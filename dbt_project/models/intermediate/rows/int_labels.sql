{{ config(materialized='view') }}
{#- The label of each id as it was known on the as-of day: the newest report up to then. -#}
select monitor, inference_id, label, labeled_at
from ({{ newest_labels(ref('stg_labels')) }}) as newest
