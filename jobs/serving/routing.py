"""Which versions answer requests at this moment, with their models."""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.config.model import Monitor
from jobs.control import ControlStore
from jobs.errors import ConfigurationError, NothingToDo
from jobs.paths import Paths
from jobs.training.artifact import ServingModel, load


@dataclass(frozen=True)
class Routing:
    """The version that answers, those that run in shadow, and the model of each.

    The live version is the last of `models`: a run that dies between two versions must not leave
    requests that look answered and lack their shadow rows.
    """

    live: str
    shadows: tuple[str, ...]
    models: Mapping[str, ServingModel]


class Routes:
    """The routing of one monitor as the control store has it; models are loaded once."""

    def __init__(self, paths: Paths, control: ControlStore, monitor: Monitor) -> None:
        self._folder = paths.artifacts / monitor.name
        self._control = control
        self._monitor = monitor
        self._models: dict[str, ServingModel] = {}

    def now(self) -> Routing:
        """Return who serves now.

        Raises NothingToDo without a live version, and ConfigurationError when versions run in
        shadow and the log has no column to mark their rows.
        """
        name, is_shadow = self._monitor.name, self._monitor.columns.is_shadow
        live = self._control.live_version(name)
        if live is None:
            raise NothingToDo(f"{name}: no version is live; run `driftline run` to train one")
        shadows = self._control.shadow_versions(name)
        if shadows and is_shadow is None:
            raise ConfigurationError(
                f"monitors.{name}.columns.is_shadow: found nothing; expected the column of the "
                f"log that marks shadow rows, because {', '.join(shadows)} runs in shadow"
            )
        return Routing(live, shadows, {one: self._model(one) for one in (*shadows, live)})

    def _model(self, version: str) -> ServingModel:
        if version not in self._models:
            self._models[version] = load(self._folder / version)
        return self._models[version]
