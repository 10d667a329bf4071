"""Shapley values from their definition: every coalition of features, every tree, one row."""

from collections.abc import Mapping
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def shapley(dumped: Mapping[str, Any], row: FloatArray) -> FloatArray:
    """Contribution of each feature to the raw score of a row, and the expected value at the end.

    `dumped` is what LightGBM's `dump_model` tells. What a coalition knows is followed down the
    tree; where it does not know the feature of a split, both ways count by the training rows that
    went there (the path-dependent expectation of Lundberg et al. 2020).
    """
    names = range(len(dumped["feature_names"]))
    found = np.zeros(len(names) + 1)
    found[-1] = _value(dumped, row, frozenset())
    for feature in names:
        others = [one for one in names if one != feature]
        for size in range(len(names)):
            weight = factorial(size) * factorial(len(others) - size) / factorial(len(names))
            for coalition in map(frozenset, combinations(others, size)):
                gained = _value(dumped, row, coalition | {feature}) - _value(dumped, row, coalition)
                found[feature] += weight * gained
    return found


def _value(dumped: Mapping[str, Any], row: FloatArray, known: frozenset[int]) -> float:
    return sum(_expected(one["tree_structure"], row, known) for one in dumped["tree_info"])


def _expected(node: Mapping[str, Any], row: FloatArray, known: frozenset[int]) -> float:
    if "leaf_value" in node:
        return float(node["leaf_value"])
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        return _expected(left if _goes_left(node, row) else right, row, known)
    counts = [float(one.get("internal_count", one.get("leaf_count"))) for one in (left, right)]
    parts = [_expected(one, row, known) for one in (left, right)]
    return (counts[0] * parts[0] + counts[1] * parts[1]) / sum(counts)


def _goes_left(node: Mapping[str, Any], row: FloatArray) -> bool:
    value = row[node["split_feature"]]
    if node["decision_type"] == "==":
        return not np.isnan(value) and str(int(value)) in node["threshold"].split("||")
    if np.isnan(value) and node["missing_type"] == "NaN":
        return bool(node["default_left"])
    return bool(np.nan_to_num(value) <= node["threshold"])
