"""Where everything of a deployment lives, found from the dbt project and its profile."""

import os
from argparse import Namespace
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.errors import ConfigurationError

PROJECT_FILE = "dbt_project.yml"


@dataclass(frozen=True)
class Profile:
    """What the jobs need of the dbt profile's target."""

    target: str
    file: str
    config_options: Mapping[str, Any]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Paths:
    """The folders and files of one deployment, all absolute.

    `artifacts`, `control_store`, `lock_file` and `published` stand beside the warehouse file.
    """

    project_dir: Path
    profiles_dir: Path
    seeds_dir: Path
    warehouse: Path
    profile: Profile

    @property
    def artifacts(self) -> Path:
        """Folder of the trained models: <monitor>/<version>/ inside."""
        return self.warehouse.parent / "artifacts"

    @property
    def control_store(self) -> Path:
        """SQLite file with leases and live pointers."""
        return self.warehouse.with_name(f"{self.warehouse.name}.control.sqlite")

    @property
    def lock_file(self) -> Path:
        """File whose lock is the lease of the warehouse."""
        return self.warehouse.with_name(f"{self.warehouse.name}.lock")

    @property
    def published(self) -> Path:
        """Read-only copy of the public schema for analysts and BI tools."""
        return self.warehouse.with_name(f"{self.warehouse.stem}.published.duckdb")

    @property
    def policies(self) -> Path:
        """Policy rows of this deployment; the file need not exist."""
        return self.seeds_dir / "policies.csv"

    @property
    def default_policies(self) -> Path:
        """Policy rows that ship with the dbt project."""
        return self.project_dir / "seeds" / "default_policies.csv"

    @property
    def default_rules(self) -> Path:
        """The rules that turn measures into signals, as shipped."""
        return self.project_dir / "seeds" / "default_signal_rules.csv"

    @classmethod
    def find(
        cls,
        project_dir: Path | None = None,
        profiles_dir: Path | None = None,
        target: str | None = None,
    ) -> "Paths":
        """Find the project from the current folder upwards and read its profile.

        Raises ConfigurationError when there is no project, no profile, or no DuckDB file in it.
        """
        project = _project_dir(project_dir)
        profiles = _profiles_dir(project, profiles_dir)
        profile = _load_profile(project, profiles, target)
        if profile.file == ":memory:" or "://" in profile.file or profile.file.startswith("md:"):
            raise ConfigurationError(
                f"profiles.yml path: found {profile.file}; expected a DuckDB file on this machine"
            )
        return cls(
            project_dir=project,
            profiles_dir=profiles,
            seeds_dir=project.parent / "seeds",
            warehouse=(project / Path(profile.file).expanduser()).resolve(),
            profile=profile,
        )


def _project_dir(given: Path | None) -> Path:
    if given is not None:
        if (given / PROJECT_FILE).is_file():
            return given.resolve()
        raise ConfigurationError(
            f"project folder: found no {PROJECT_FILE} in {given}; expected one"
        )
    here = Path.cwd()
    for folder in (here, *here.parents):
        for candidate in (folder / "dbt_project", folder):
            if (candidate / PROJECT_FILE).is_file():
                return candidate
    raise ConfigurationError(
        f"project folder: found no dbt_project/{PROJECT_FILE} in {here} or above; "
        "expected to be called inside a Driftline project, or with --project-dir"
    )


def _profiles_dir(project: Path, given: Path | None) -> Path:
    from_environment = os.environ.get("DBT_PROFILES_DIR")
    if given is not None:
        candidates = [given]
    elif from_environment:
        candidates = [Path(from_environment)]
    else:
        candidates = [project, project.parent / "profiles", Path.home() / ".dbt"]
    for folder in candidates:
        if (folder / "profiles.yml").is_file():
            return folder.resolve()
    searched = ", ".join(map(str, candidates))
    raise ConfigurationError(f"profiles.yml: found none in {searched}; expected one there")


def _load_profile(project: Path, profiles: Path, target: str | None) -> Profile:
    """Read the target of the profile as dbt does; the one place that uses dbt's inner calls."""
    from dbt.config.runtime import load_profile
    from dbt.flags import set_from_args
    from dbt_common.context import set_invocation_context
    from dbt_common.exceptions import DbtBaseException

    set_invocation_context(dict(os.environ))
    set_from_args(Namespace(PROFILES_DIR=str(profiles), PROJECT_DIR=str(project)), None)
    try:
        with chdir(project):
            loaded = load_profile(str(project), {}, None, None, target)
    except DbtBaseException as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = next((line for line in lines if not line.endswith("Error")), str(error))
        raise ConfigurationError(f"profiles.yml: {reason}") from error
    credentials = loaded.credentials
    if credentials.type != "duckdb":
        raise ConfigurationError(
            f"profiles.yml target {loaded.target_name}: found type {credentials.type}; "
            "expected duckdb (the jobs do not run on other engines yet)"
        )
    return Profile(
        target=str(loaded.target_name),
        file=str(credentials.path),
        config_options=dict(credentials.config_options or {}),
        settings=dict(credentials.settings or {}),
    )
