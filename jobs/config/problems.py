"""How faults of the configuration are collected and worded: one line each, all at once."""

import difflib
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from jobs.errors import ConfigurationError

Value = TypeVar("Value")


class Problems:
    """Collects faults and raises them together, one line each."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, key: str, found: object, expected: str) -> None:
        """Record one fault of the key; the wording is the same as that of dbt's own check."""
        shown = "nothing" if found is None or found == "" else str(found)
        self.lines.append(f"{key}: found {shown}; expected {expected}")

    def raise_if_any(self) -> None:
        """Raise ConfigurationError with every fault, one per line, when there is one."""
        if self.lines:
            raise ConfigurationError("\n".join(self.lines))


def nearest(name: object, known: Collection[str]) -> str:
    """Return ' (did you mean x?)' for the closest known name, or nothing."""
    close = difflib.get_close_matches(str(name), known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


class Section:
    """A mapping of the file whose keys are read one by one; faults go to `problems`."""

    def __init__(self, at: str, values: Mapping[Any, Any], problems: Problems) -> None:
        self.at = at
        self.values = values
        self.problems = problems

    def check_keys(self, required: Collection[str], optional: Collection[str]) -> None:
        """Record unknown keys, with the nearest known one, and required keys without value."""
        known = sorted([*required, *optional])
        for key in self.values:
            if key not in known:
                expected = f"one of {', '.join(known)}{nearest(key, known)}"
                self.problems.add(f"{self.at}.{key}", "unknown key", expected)
        for key in required:
            if self.values.get(key) is None:
                self.problems.add(f"{self.at}.{key}", None, "a value (the key is required)")

    def read(
        self, key: str, is_right: Callable[[Any], bool], expected: str, default: Value
    ) -> Value:
        """Return the value of the key, or the default where it is missing or wrong.

        A wrong value is recorded; a required key that is missing was recorded by `check_keys`.
        """
        value = self.values.get(key)
        if value is None:
            return default
        if not is_right(value):
            self.problems.add(f"{self.at}.{key}", value, expected)
            return default
        right: Value = value
        return right


def is_text(value: object) -> bool:
    """Whether the value is a text that says something."""
    return isinstance(value, str) and bool(value.strip())


def is_whole(value: object) -> bool:
    """Whether the value is a whole number (true and false are not)."""
    return isinstance(value, int) and not isinstance(value, bool)
