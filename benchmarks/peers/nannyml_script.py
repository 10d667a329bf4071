"""Daily drift of every feature with NannyML: its univariate calculator, Jensen-Shannon distance.

NannyML has no PSI; Jensen-Shannon from histograms is its nearest and recommended method.
"""

from pathlib import Path

import nannyml
import pandas as pd

from benchmarks.peers.compute import run
from benchmarks.shape import CATEGORICAL, FEATURES, FIRST_DAY, REFERENCE_DAYS

TIME = "predicted_at"


def load(file: Path) -> pd.DataFrame:
    """Read the features and the time of prediction."""
    frame = pd.read_parquet(file, columns=[TIME, *FEATURES])
    return frame.astype(dict.fromkeys(CATEGORICAL, "category"))


def compute(log: pd.DataFrame) -> int:
    """Fit on the first 28 days, judge every day; returns how many distances were found."""
    end = pd.Timestamp(FIRST_DAY) + pd.Timedelta(days=REFERENCE_DAYS)
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=list(FEATURES),
        timestamp_column_name=TIME,
        continuous_methods=["jensen_shannon"],
        categorical_methods=["jensen_shannon"],
        chunk_period="D",
    )
    calculator.fit(log[log[TIME] < end])
    found = calculator.calculate(log).filter(period="analysis").to_df(multilevel=False)
    return int(found.filter(like="jensen_shannon_value").notna().to_numpy().sum())


if __name__ == "__main__":
    run(compute, load)
