{#- Fails for each day that is called usual and is not, or the other way round. A day is compared
    with a reference and with its own weekdays; what seven days show against the reference is beside
    it. -#}
with

judged as (
    select
        cases.*,
        cast('2026-03-01' as date) as metric_date,
        0.1 as psi_null_p99,
        0.2 as js_distance,
        300 as reference_rows
    from (
        values
            -- Far from the reference, like its own weekdays, and the week shows nothing.
            ('a Sunday', 'stable', 1, 0.9, true),
            ('a Sunday', 'stable', 7, 0.05, true),
            ('a Sunday', 'same_weekday', 1, 0.09, true),
            -- Unlike its own weekdays.
            ('a new day', 'stable', 1, 0.9, true),
            ('a new day', 'stable', 7, 0.05, true),
            ('a new day', 'same_weekday', 1, 0.11, true),
            -- Changed for good, which four weeks later its own weekdays are too.
            ('for good', 'stable', 1, 0.9, true),
            ('for good', 'stable', 7, 0.9, true),
            ('for good', 'previous', 1, 0.9, true),
            ('for good', 'previous', 7, 0.01, true),
            ('for good', 'same_weekday', 1, 0.01, true),
            -- Of too few rows nothing is said.
            ('few rows', 'stable', 1, 0.9, true),
            ('few rows', 'stable', 7, 0.9, false),
            ('few rows', 'same_weekday', 1, 0.01, false),
            ('no weekdays', 'stable', 1, 0.9, true),
            -- Nor of a week that cannot be judged, or is not there.
            ('thin week', 'stable', 1, 0.9, true),
            ('thin week', 'stable', 7, 0.05, false),
            ('thin week', 'previous', 1, 0.9, true),
            ('thin week', 'same_weekday', 1, 0.01, true)
    ) as cases (series, reference, window_days, psi, has_enough_rows)
),

{{ beside_weekdays('judged', ['series'], 'psi > psi_null_p99') }},

expected as (
    select verdicts.*
    from (
        values
            ('a Sunday', 'stable', 1, 'usual'),
            ('a Sunday', 'stable', 7, 'not asked'),
            ('a new day', 'stable', 1, 'unusual'),
            ('a new day', 'stable', 7, 'not asked'),
            ('for good', 'stable', 1, 'unusual'),
            ('for good', 'stable', 7, 'not asked'),
            ('for good', 'previous', 1, 'usual'),
            ('for good', 'previous', 7, 'not asked'),
            ('few rows', 'stable', 1, 'not asked'),
            ('few rows', 'stable', 7, 'not asked'),
            ('no weekdays', 'stable', 1, 'not asked'),
            ('thin week', 'stable', 1, 'not asked'),
            ('thin week', 'stable', 7, 'not asked'),
            ('thin week', 'previous', 1, 'not asked')
    ) as verdicts (series, reference, window_days, verdict)
)

select
    expected.*,
    found.is_usual_weekday
from expected
full outer join beside_weekdays as found
    on
        expected.series = found.series
        and expected.reference = found.reference
        and expected.window_days = found.window_days
where
    expected.verdict is null
    or expected.verdict <> case
        when found.reference is null then 'absent'
        when found.is_usual_weekday then 'usual'
        when not found.is_usual_weekday then 'unusual'
        else 'not asked'
    end
