"""A small warehouse with the public relations by hand, full of text that tries to break out."""

import duckdb

BREAKOUT = "</script><script>alert(1)</script>"
IMAGE = "\"'><img src=https://evil.example/x.png onerror=alert(1)>"

TABLES = """
create schema driftline;
create table driftline.monitors (
    monitor varchar, description varchar, owner varchar, task varchar, primary_metric varchar,
    decision_threshold double, time_zone varchar, label_horizon_days integer,
    unlabeled_means varchar, can_retrain boolean, bins_version integer, as_of date,
    feature_count bigint
);
create table driftline.metric_definitions (
    monitor varchar, metric_name varchar, title varchar, direction varchar, unit varchar,
    change_kind varchar, description varchar, is_primary boolean
);
create table driftline.model_health (
    monitor varchar, metric_date date, severity varchar, live_version varchar,
    primary_metric varchar, primary_value double, primary_lower_bound double,
    primary_upper_bound double, primary_value_when_deployed double, open_alerts integer,
    last_retrained_on date, next_step varchar
);
create table driftline.model_versions (
    monitor varchar, model_version varchar, created_on date, train_from date, train_to date,
    train_rows bigint
);
create table driftline.deployments (
    deployment_id bigint, monitor varchar, model_version varchar, previous_version varchar,
    action varchar, effective_on date, decided_by varchar, reason varchar
);
create table driftline.performance (
    monitor varchar, model_version varchar, metric_date date, window_days integer,
    segment_name varchar, segment_value varchar, metric_name varchar, reference varchar,
    metric_value double, lower_bound double, upper_bound double, reference_value double,
    relative_change double, noise_bound double, labeled_rows bigint, label_coverage double,
    is_mature boolean, status varchar
);
create table driftline.feature_drift (
    monitor varchar, metric_date date, window_days integer, segment_name varchar,
    segment_value varchar, feature_name varchar, reference varchar, psi double,
    psi_null_p99 double, current_rows bigint, status varchar, q_value double,
    false_discovery_rate double
);
create table driftline.feature_importance (
    monitor varchar, model_version varchar, feature_name varchar, gain double, gain_share double
);
create table driftline.multivariate_drift (
    monitor varchar, metric_date date, window_days integer, reference varchar, status varchar,
    domain_auc double, null_p99 double, top_features varchar, note varchar
);
create table driftline.contribution_drift (
    monitor varchar, model_version varchar, metric_date date, window_days integer,
    reference varchar, feature_name varchar, status varchar, contribution_share double,
    reference_share double, share_change double, lower_bound double, upper_bound double,
    score_effect double, contribution_rank bigint, note varchar
);
create table driftline.feature_bins (
    monitor varchar, bins_version integer, feature_name varchar, bin_id integer,
    feature_kind varchar, bin_kind varchar, lower_bound double, upper_bound double,
    category varchar
);
create table driftline.feature_histograms (
    monitor varchar, metric_date date, segment_name varchar, segment_value varchar,
    bins_version integer, feature_name varchar, bin_id integer, origin varchar, row_count bigint
);
create table driftline.prediction_bins (
    monitor varchar, bins_version integer, bin_id integer, bin_kind varchar, lower_bound double,
    upper_bound double
);
create table driftline.prediction_histograms (
    monitor varchar, model_version varchar, metric_date date, segment_name varchar,
    segment_value varchar, bins_version integer, bin_id integer, row_count bigint
);
create table driftline.calibration (
    monitor varchar, model_version varchar, metric_date date, window_days integer,
    segment_name varchar, segment_value varchar, bin_id integer, mean_score double,
    observed_rate double, lower_bound double, upper_bound double, row_count bigint
);
create table driftline.calibration_summary (
    monitor varchar, model_version varchar, metric_date date, window_days integer,
    segment_name varchar, segment_value varchar, labeled_rows bigint, mean_score double,
    observed_rate double, ece double, slope double, intercept double, status varchar
);
create table driftline.alerts (
    alert_id varchar, monitor varchar, layer varchar, metric_name varchar, feature_name varchar,
    segment_name varchar, segment_value varchar, metric_value double, reference_value double,
    threshold double, severity varchar, worst_severity varchar, opened_on date,
    last_seen_on date, resolved_on date, reason varchar, runbook varchar, owner varchar
);
create table driftline.training_runs (
    run_id varchar, monitor varchar, as_of date, model_version varchar, strategy varchar,
    reason varchar, train_from date, train_to date, holdout_from date, holdout_to date,
    train_rows bigint, holdout_rows bigint, effective_sample_size double, best_iteration integer
);
create table driftline.promotion_decisions (
    run_id varchar, gate_name varchar, monitor varchar, model_version varchar,
    champion_version varchar, status varchar, observed double, required double, reason varchar,
    decided_on date
);
create table driftline.evaluation_results (
    run_id varchar, monitor varchar, challenger_version varchar, champion_version varchar,
    segment_name varchar, segment_value varchar, metric_name varchar, row_count bigint,
    day_count bigint, challenger_value double, champion_value double, difference double,
    lower_bound double, upper_bound double
);
create table driftline.retraining_decisions (
    monitor varchar, decision_date date, decision varchar, strategy varchar, triggers varchar,
    reason varchar, throttled_until date
);
"""

ROWS = """
create macro days(first_day) as table
    select cast(unnest(generate_series(first_day, date '2026-03-31', interval 1 day)) as date)
        as metric_date;

insert into driftline.monitors values
    ('churn', 'Who leaves $breakout', 'team $image', 'binary', 'log_loss', 0.5, 'UTC', 2,
        'unknown', true, 1, date '2026-03-31', 2);
insert into driftline.metric_definitions values
    ('churn', 'log_loss', 'Log loss', 'lower', 'nats', 'relative', 'Mean surprise', true),
    ('churn', 'brier', 'Brier', 'lower', 'share', 'relative', 'Not shown', false);
insert into driftline.model_health
    select 'churn', metric_date, 'red', 'v2', 'log_loss', 0.4321, 0.4, 0.47, 0.41, 2,
        date '2026-02-15', 'look at $breakout'
    from days(date '2026-01-01');
insert into driftline.model_versions values
    ('churn', 'v1', date '2026-01-01', date '2025-12-01', date '2025-12-31', 1000),
    ('churn', 'v2', date '2026-02-15', date '2025-12-01', date '2026-02-13', 3000),
    ('churn', 'v10', date '2026-03-20', date '2025-12-01', date '2026-03-18', 5000);
insert into driftline.deployments values
    (1, 'churn', 'v1', null, 'initial', date '2026-01-01', 'policy', 'first'),
    (2, 'churn', 'v2', 'v1', 'promote', date '2026-02-16', 'policy', 'because $breakout'),
    (3, 'churn', 'v1', 'v2', 'shadow', date '2026-02-16', 'policy', 'kept as baseline');

insert into driftline.performance
    select 'churn', versions.model_version, days.metric_date, windows.window_days,
        segments.segment_name, segments.segment_value, names.metric_name, refs.reference,
        0.4 + versions.shift + 0.0007 * (days.metric_date - date '2026-01-01')
            + segments.shift + windows.window_days * 0.0001,
        0.38 + versions.shift + segments.shift, 0.47 + versions.shift + segments.shift,
        0.41, 0.05, 0.02, segments.labeled_rows, 0.97,
        days.metric_date <= date '2026-03-29',
        case when segments.labeled_rows < 30 then 'insufficient_data' else 'ok' end
    from days(date '2026-01-01') as days
    cross join (values ('serving', 0.0), ('v1', 0.02), ('v2', 0.01))
        as versions (model_version, shift)
    cross join (values (1), (7), (30)) as windows (window_days)
    cross join (values ('overall', 'all', 0.0, 3000), ('region', 'north $breakout', 0.08, 2000),
        ('region', 'south', -0.05, 980), ('region', 'tiny', 0.3, 20))
        as segments (segment_name, segment_value, shift, labeled_rows)
    cross join (values ('log_loss'), ('brier')) as names (metric_name)
    cross join (values ('training'), ('rolling')) as refs (reference);

insert into driftline.feature_drift
    select 'churn', days.metric_date, windows.window_days, 'overall', 'all', features.feature_name,
        'training',
        case when days.metric_date < date '2026-01-07' then null
            else features.base + 0.003 * (days.metric_date - date '2026-01-01') end,
        0.09, 700,
        case when days.metric_date < date '2026-01-07' then 'insufficient_data' else 'ok' end,
        0.01, 0.05
    from days(date '2026-01-01') as days
    cross join (values (7), (30)) as windows (window_days)
    cross join (values ('age', 0.01), ('plan $breakout', 0.08)) as features (feature_name, base);
insert into driftline.feature_importance values
    ('churn', 'v2', 'age', 10, 0.2), ('churn', 'v2', 'plan $breakout', 40, 0.8);
insert into driftline.multivariate_drift
    select 'churn', metric_date, 7, reference, 'drifted', 0.71, 0.56, 'plan $breakout 80.0%',
        'told apart with an AUC of 0.710 $image'
    from days(date '2026-03-25') cross join (values ('training'), ('stable')) as one (reference);
insert into driftline.contribution_drift
    select 'churn', 'v2', days.metric_date, 7, refs.reference, features.*, 'a note'
    from days(date '2026-03-25') as days
    cross join (values ('training'), ('stable')) as refs (reference)
    cross join (values ('age', 'ok', 0.31, 0.29, 0.02, -0.01, 0.05, 0.123, 2),
        ('plan $breakout', 'drifted', 0.69, 0.71, -0.02, -0.05, 0.01, -0.456, 1),
        ('all', 'drifted', 1.0, 1.0, 0.02, null, null, -0.333, null)) as features;
insert into driftline.feature_bins values
    ('churn', 1, 'age', 0, 'numeric', 'below', null, 18, null),
    ('churn', 1, 'age', 1, 'numeric', 'interval', 18, 40, null),
    ('churn', 1, 'age', 2, 'numeric', 'interval', 40, 90, null),
    ('churn', 1, 'age', 3, 'numeric', 'above', 90, null, null),
    ('churn', 1, 'age', -1, 'numeric', 'null', null, null, null),
    ('churn', 1, 'plan $breakout', 1, 'categorical', 'category', null, null, 'basic $image'),
    ('churn', 1, 'plan $breakout', 2, 'categorical', 'category', null, null, 'gold $breakout'),
    ('churn', 1, 'plan $breakout', -3, 'categorical', 'unseen', null, null, null);
insert into driftline.feature_histograms
    select bins.monitor, days.metric_date, 'overall', 'all', 1, bins.feature_name, bins.bin_id,
        case when days.metric_date < date '2026-01-01' then 'history' else 'log' end,
        case when bins.bin_kind in ('above') then 0
            else 10 + 3 * bins.bin_id + (days.metric_date - date '2025-12-01') % 7
                * (1 + bins.bin_id % 2) end
    from driftline.feature_bins as bins
    cross join days(date '2025-12-01') as days;
insert into driftline.prediction_bins values
    ('churn', 1, 1, 'interval', 0.1, 0.3), ('churn', 1, 2, 'interval', 0.3, 0.8),
    ('churn', 1, 3, 'above', 0.8, 1.0), ('churn', 1, -1, 'null', null, null);
insert into driftline.prediction_histograms
    select 'churn', versions.model_version, days.metric_date, 'overall', 'all', 1, bins.bin_id,
        case bins.bin_id when -1 then 0
            else 20 * bins.bin_id + (days.metric_date - date '2026-01-01') end
    from driftline.prediction_bins as bins
    cross join days(date '2026-01-01') as days
    cross join (values ('serving'), ('v1')) as versions (model_version);
insert into driftline.calibration
    select 'churn', versions.model_version, days.metric_date, 30, 'overall', 'all', bin_id,
        bin_id * 0.09, bin_id * 0.08 + 0.001 * day(days.metric_date), bin_id * 0.07,
        bin_id * 0.095, 300
    from days(date '2026-03-01') as days
    cross join (values ('serving'), ('v1')) as versions (model_version)
    cross join range(1, 11) as bins (bin_id);
insert into driftline.calibration_summary
    select 'churn', 'serving', metric_date, 30, 'overall', 'all', 3000, 0.21, 0.24, 0.0345, 1.1,
        0.02, 'ok'
    from days(date '2026-03-01');
insert into driftline.alerts values
    ('a1', 'churn', 'feature_drift', 'psi', 'plan $breakout', 'overall', 'all', 0.31, 0.09, 0.25,
        'red', 'red', date '2026-02-20', date '2026-03-31', null, 'PSI of $breakout $image',
        'docs/alerts/feature_drift.md', 'x'),
    ('a2', 'churn', 'performance', 'log_loss', 'all', 'region', 'north $breakout', 0.5, 0.4, 0.05,
        'yellow', 'red', date '2026-03-01', date '2026-03-30', null, 'worse in the north',
        'javascript:alert(1)', 'x'),
    ('a3', 'churn', 'prediction_drift', 'psi', 'all', 'overall', 'all', 0.12, 0.05, 0.1,
        'yellow', 'yellow', date '2026-01-20', date '2026-02-01', date '2026-02-08',
        'score moved', 'docs/alerts/prediction_drift.md', 'x');
insert into driftline.training_runs values
    ('r1', 'churn', date '2026-01-01', 'v1', 'full', 'no version yet', date '2025-12-01',
        date '2025-12-31', date '2025-12-20', date '2025-12-31', 1000, 300, 900.5, 50),
    ('r2', 'churn', date '2026-02-15', 'v2', 'full', 'performance is red $breakout',
        date '2025-12-01', date '2026-02-13', date '2026-01-20', date '2026-02-13', 3000, 700,
        2100, 60),
    ('r10', 'churn', date '2026-03-20', 'v10', 'full', 'schedule', date '2025-12-01',
        date '2026-03-18', date '2026-02-20', date '2026-03-18', 5000, 900, 4000, 70);
insert into driftline.promotion_decisions values
    ('r1', 'verdict', 'churn', 'v1', null, 'passed', 0, 0, 'every gate has passed',
        date '2026-01-01'),
    ('r2', 'verdict', 'churn', 'v2', 'v1', 'passed', 0, 0, 'every gate has passed',
        date '2026-02-15'),
    ('r2', 'never_worse', 'churn', 'v2', 'v1', 'passed', 0.012, -0.01, 'not worse',
        date '2026-02-15'),
    ('r10', 'verdict', 'churn', 'v10', 'v2', 'failed', 1, 0, 'failed: calibration',
        date '2026-03-20'),
    ('r10', 'calibration', 'churn', 'v10', 'v2', 'failed', 0.081, 0.05, 'ECE $breakout',
        date '2026-03-20');
insert into driftline.evaluation_results values
    ('r2', 'churn', 'v2', 'v1', 'overall', 'all', 'log_loss', 700, 24, 0.3987, 0.4123, -0.0136,
        -0.02, -0.005),
    ('r2', 'churn', 'v2', 'v1', 'region', 'north $breakout', 'log_loss', 300, 24, 0.42, 0.43,
        -0.01, null, null);
insert into driftline.retraining_decisions
    select 'churn', metric_date,
        case when metric_date in (date '2026-01-01', date '2026-02-15', date '2026-03-20')
            then 'retrain' else 'wait' end,
        'none', 'none', 'no trigger $image', null
    from days(date '2026-01-01');
drop macro table days;
"""


def fill(connection: duckdb.DuckDBPyConnection, with_rows: bool = True) -> None:
    connection.execute(TABLES)
    if with_rows:
        literal = {"$breakout": BREAKOUT, "$image": IMAGE.replace("'", "''")}
        rows = ROWS
        for name, text in literal.items():
            rows = rows.replace(name, text)
        connection.execute(rows)
