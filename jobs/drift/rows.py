"""A sample of the rows of some days, with their features and nothing else."""

import polars as pl

from jobs.attribution.question import AttributionWarehouse, Span, date_sql
from jobs.drift.classifier import Sample
from jobs.training.dataset import Encoder, day_ordinals, text_array
from jobs.warehouse import sql_text


def fetch(warehouse: AttributionWarehouse, monitor: str, span: Span, max_rows: int) -> pl.DataFrame:
    """At most so many rows of a span of days, those with the least md5 of their id, in its order.

    Of an id that several versions answered the one that was served. Held-out weeks may lie before
    the log began; live ones are days of the log.
    """
    origin = "" if span.traffic == "holdout" else "and origin = 'log'"
    return warehouse.frame(
        f"""
        select inference_id, metric_date, numeric_values, categorical_values
        from (
            select
                inference_id, origin, metric_date, numeric_values, categorical_values,
                row_number() over (
                    partition by origin, metric_date, inference_id
                    order by model_version
                ) as copy
            from driftline_internal.int_inferences
            where monitor = {sql_text(monitor)} and not is_shadow {origin}
                and metric_date between {date_sql(span.first)} and {date_sql(span.last)}
        ) as answered
        where copy = 1
        order by md5(inference_id), inference_id, metric_date, origin
        limit {max_rows}
        """
    )


def sample(frame: pl.DataFrame, encoder: Encoder) -> Sample:
    """Arrays of the rows of `fetch`, in their order."""
    return Sample(
        features=encoder.transform(frame),
        day=day_ordinals(frame["metric_date"]),
        ids=text_array(frame["inference_id"]),
    )
