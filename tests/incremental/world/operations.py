"""All that can happen to a world.

What an operation does follows from its name and one number, so a list of (name, number) tells a
sequence. No operation stays inside the documented blind spot of the default fingerprint (a day
whose row count, newest load and label times, counts and sums of scores and labels are what they
were).
"""

from collections.abc import Callable

from tests.incremental.world.draw import Draw
from tests.incremental.world.monitor import World
from tests.incremental.world.on_configuration import (
    other_judgement,
    other_meaning,
    policy_row,
    raised_bins_version,
    reordered_segments,
    toggled_business_metric,
    toggled_feature,
    toggled_monitor,
    toggled_segment,
)
from tests.incremental.world.on_rows import (
    backfill,
    corrected_revenues,
    corrected_scores,
    days_out_of_order,
    deleted_day,
    deleted_first_day,
    deleted_rows,
    earlier_first_day,
    exact_duplicates,
    filled_gaps,
    flipped_labels,
    late_labels,
    new_days,
    new_segment_value,
    new_version,
    reloaded_rows,
    same_id_on_another_day,
    tied_duplicates,
)
from tests.incremental.world.versions import registered_version, toggled_retrain

Operation = Callable[[Draw], World]
ON_ROWS: dict[str, Operation] = {
    operation.__name__: operation
    for operation in (
        new_days, backfill, earlier_first_day, late_labels, flipped_labels, corrected_scores,
        reloaded_rows, deleted_rows, deleted_day, deleted_first_day, exact_duplicates,
        tied_duplicates, same_id_on_another_day, days_out_of_order, filled_gaps, new_version,
        new_segment_value,
    )
}  # fmt: skip
ON_CONFIGURATION: dict[str, Operation] = {
    operation.__name__: operation
    for operation in (
        toggled_feature, toggled_segment, reordered_segments, other_judgement, other_meaning,
        toggled_monitor, raised_bins_version, policy_row,
    )
}  # fmt: skip
# What business metrics alone depend on.
ON_BUSINESS: dict[str, Operation] = {
    operation.__name__: operation for operation in (corrected_revenues, toggled_business_metric)
}
# Of monitors that are `renewed_by_jobs`.
ON_VERSIONS: dict[str, Operation] = {
    operation.__name__: operation for operation in (registered_version, toggled_retrain)
}
OPERATIONS = ON_ROWS | ON_CONFIGURATION | ON_VERSIONS | ON_BUSINESS


def changed(world: World, operation: str, number: int) -> World:
    """Return the world after an operation, named as in OPERATIONS, with the choices of `number`."""
    return OPERATIONS[operation](Draw(world, number))
