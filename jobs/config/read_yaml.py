"""Reads vars.yml strictly: a key given twice is a fault, not the last one wins."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from jobs.config.problems import Problems
from jobs.errors import ConfigurationError


def read_monitors(file: Path) -> Any:
    """Return what stands under `vars: monitors:`, unchecked; {} when nothing does.

    Raises ConfigurationError when the file is missing, is not YAML, holds a key twice or has no
    mapping `vars`.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{file}: found no readable file ({error.strerror}); expected the monitors under "
            "vars: monitors:"
        ) from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = f" line {place.line + 1}" if place else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ConfigurationError(f"{file}{line}: found {problem}; expected YAML") from error
    problems = Problems()
    if root is not None:
        for key, line_number in _keys_given_twice(root, ()):
            problems.add(key, f"the key twice (line {line_number})", "each key once")
    problems.raise_if_any()
    variables = content.get("vars") if isinstance(content, dict) else None
    if not isinstance(variables, dict):
        raise ConfigurationError(f"{file}: found no mapping vars; expected vars: monitors: ...")
    monitors = variables.get("monitors")
    return {} if monitors is None else monitors


def _keys_given_twice(node: yaml.Node, path: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            inner = (*path, name)
            if name in seen:
                where = inner[1:] if inner[0] == "vars" and len(inner) > 1 else inner
                yield ".".join(where), key.start_mark.line + 1
            seen.add(name)
            yield from _keys_given_twice(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _keys_given_twice(item, path)
