{#- Fails for each test whose q-value or family is not what pencil and paper give. Of four p-values
    the smallest is 4 x 0.005 / 1, the next 4 x 0.01 / 2, then 4 x 0.03 / 3 and 0.04; a fifth row
    is of no family. Of two equal ones both have the last rank. -#}
with

tested as (
    select hand_values.*
    from (
        values
            ('four', 1, true, 0.005e0, 0.02e0, 4),
            ('four', 2, true, 0.01e0, 0.02e0, 4),
            ('four', 3, true, 0.03e0, 0.04e0, 4),
            ('four', 4, true, 0.04e0, 0.04e0, 4),
            ('four', 5, false, 0.001e0, null, null),
            ('equal', 1, true, 0.04e0, 0.04e0, 2),
            ('equal', 2, true, 0.04e0, 0.04e0, 2),
            ('alone', 1, true, 0.5e0, 0.5e0, 1),
            ('large', 1, true, 0.9e0, 0.9e0, 2),
            ('large', 2, true, 0.6e0, 0.9e0, 2)
    ) as hand_values (family, test, is_member, p_value, expected_q, expected_size)
),

{{ false_discovery_q('tested', 'p_value', ['family'], 'is_member') }}

select *
from discovered
where
    not coalesce(abs(q_value - expected_q) < 1e-12, q_value is null and expected_q is null)
    or family_size is distinct from expected_size
