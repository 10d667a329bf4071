"""PSI and what it may be without any drift."""

import numpy as np
from scipy import stats


def smoothed_psi(current: np.ndarray, reference: np.ndarray) -> float | None:
    """Half a row per used bin is added, shared out in proportion to the pooled counts."""
    if current.sum() == 0 or reference.sum() == 0:
        return None
    used = current + reference > 0
    current, reference = current[used].astype(float), reference[used].astype(float)
    extra = 0.5 * len(current)
    pooled = extra * (current + reference) / (current.sum() + reference.sum())
    p = (current + pooled) / (current.sum() + extra)
    q = (reference + pooled) / (reference.sum() + extra)
    return float(((p - q) * np.log(p / q)).sum())


def block_psi_p99(daily: np.ndarray, window: int) -> float | None:
    """99th percentile of the PSI of each block of days against the other days of a reference."""
    daily = daily[:, daily.sum(axis=0) > 0]
    while True:
        found = []
        for last in range(window, len(daily) + 1):
            block = daily[last - window : last].sum(axis=0)
            rest = daily.sum(axis=0) - block
            if block.sum() > 0 and rest.sum() > 0:
                extra = 0.5 * daily.shape[1]
                pooled = extra * (block + rest) / (block.sum() + rest.sum())
                p = (block + pooled) / (block.sum() + extra)
                q = (rest + pooled) / (rest.sum() + extra)
                found.append(float(((p - q) * np.log(p / q)).sum()))
        if found:
            return float(np.quantile(found, 0.99))
        if window == 1:
            return None
        window = 7 if window == 30 else 1


def psi_null(current: np.ndarray, reference: np.ndarray, block: float | None) -> float | None:
    """The larger of the 99th percentiles of independent rows and of blocks of days."""
    if current.sum() == 0 or reference.sum() == 0:
        return None
    bins = int((current + reference > 0).sum())
    inverse = 1 / current.sum() + 1 / reference.sum()
    return max(float(stats.chi2.ppf(0.99, max(bins - 1, 1))) * inverse, block or 0.0)
