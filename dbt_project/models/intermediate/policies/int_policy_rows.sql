{#- Shipped and deployed policy rows in one list with how specific each is. -#}
with

all_policies as (
    select *, 'default' as policy_origin from {{ ref('default_policies') }}
    union all
    select *, 'deployment' as policy_origin from {{ ref('policies') }}
)

select
    *,
    case when monitor = '*' then 0 else 32 end
    + case when feature_name = '*' then 0 else 16 end
    + case when segment_value = '*' then 0 else 8 end
    + case when segment_name = '*' then 0 else 4 end
    + case when metric_name = '*' then 0 else 2 end
    + case when rule_id = '*' then 0 else 1 end as specificity
from all_policies
