"""What can happen to the configuration of a monitor and to its policies."""

from copy import deepcopy
from dataclasses import replace

from tests.incremental.world.draw import Draw
from tests.incremental.world.first import renewed_by_jobs
from tests.incremental.world.kinds import BUSINESS, configuration
from tests.incremental.world.monitor import World

POLICY_COLUMNS = (
    "policy_id,monitor,rule_id,metric_name,segment_name,segment_value,feature_name,parameter,"
    "parameter_value,valid_from,note"
)
# So few rows say nothing under the shipped policies; here they raise and resolve alerts.
EAGER_POLICIES = (
    "eager_rows,*,*,*,*,*,*,min_rows,20,1900-01-01,",
    "eager_evidence,*,*,*,*,*,*,evidence_z,0.3,1900-01-01,",
    "eager_days,*,*,*,*,*,*,open_days,1,1900-01-01,",
    "eager_close,*,*,*,*,*,*,close_days,3,1900-01-01,",
    "eager_volume,*,row_volume,*,*,*,*,threshold_yellow,0.2,1900-01-01,",
)


def toggled_feature(draw: Draw) -> World:
    """`ratio` becomes the first of the features, or is taken out again."""
    if draw.world.monitor is None:
        return draw.world
    features = deepcopy(draw.world.monitor["features"])
    others = [name for name in features["numeric"] if name != "ratio"]
    features["numeric"] = others if "ratio" in features["numeric"] else ["ratio", *others]
    return draw.world.with_monitor(features=features)


def toggled_segment(draw: Draw) -> World:
    """Segments by device come before those by region, or are taken out again."""
    if draw.world.monitor is None:
        return draw.world
    has_devices = "device" in draw.world.monitor["segments"]
    segments = {"region": "region"} if has_devices else {"device": "device", "region": "region"}
    return draw.world.with_monitor(segments=segments)


def reordered_segments(draw: Draw) -> World:
    """The same segments in another order; where there is one alone, devices follow it."""
    if draw.world.monitor is None:
        return draw.world
    segments = dict(draw.world.monitor["segments"])
    if len(segments) < 2:
        return draw.world.with_monitor(segments={**segments, "device": "device"})
    return draw.world.with_monitor(segments=dict(reversed(segments.items())))


def other_judgement(draw: Draw) -> World:
    """The same scores are held against the same labels otherwise: see the tasks."""
    world = draw.world
    if world.monitor is None:
        return world
    judged_otherwise = world.of_kind.task.judged_otherwise
    return world.with_monitor(**judged_otherwise(world.monitor, draw.generator))


def other_meaning(draw: Draw) -> World:
    """What has no label at the horizon counts as negative, or is unknown again.

    Only a binary task has negatives: of others like `other_judgement`.
    """
    if draw.world.of_kind.task_name != "binary":
        return other_judgement(draw)
    now = (draw.world.monitor or {}).get("unlabeled_means", "unknown")
    meaning = "negative" if now == "unknown" else "unknown"
    return draw.world.with_monitor(unlabeled_means=meaning)


def toggled_monitor(draw: Draw) -> World:
    """The monitor is taken out of the configuration, or comes back."""
    world = draw.world
    if world.monitor is not None:
        return replace(world, monitor=None, serial=world.serial + 1)
    world = replace(world, monitor=configuration(world.name, world.kind), serial=world.serial + 1)
    return renewed_by_jobs(world) if "requests" in world.tables else world


def toggled_business_metric(draw: Draw) -> World:
    """Another business metric comes before the one there is, or all are taken out."""
    if draw.world.monitor is None:
        return draw.world
    other = {"numerator": "amount", "denominator": 1, "direction": "lower", "horizon_days": 2}
    declared = {"price": other, **BUSINESS} if draw.world.monitor["business_metrics"] else BUSINESS
    if len(draw.world.monitor["business_metrics"]) > 1:
        declared = {}
    return draw.world.with_monitor(business_metrics=declared)


def raised_bins_version(draw: Draw) -> World:
    """Bins are cut anew."""
    bins_version = (draw.world.monitor or {}).get("bins_version", 1) + 1
    return draw.world.with_monitor(bins_version=bins_version)


def policy_row(draw: Draw) -> World:
    """A threshold that holds from some day on."""
    rules = [("feature_psi", 0.02), ("performance_level", 0.001), ("row_volume", 0.4)]
    rule, value = rules[int(draw.generator.integers(len(rules)))]
    row = (
        f"{draw.world.name}_{draw.world.serial},{draw.world.name},{rule},*,*,*,*,threshold_yellow,"
        f"{value},{draw.day.isoformat()},"
    )
    policies = (*draw.world.policies, row)
    return replace(draw.world, policies=policies, serial=draw.world.serial + 1)
