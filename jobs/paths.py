"""Where everything of a deployment lives, found from the dbt project and its profile."""

import os
from argparse import Namespace
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from jobs.errors import ConfigurationError

PROJECT_FILE = "dbt_project.yml"
ARTIFACTS = "DRIFTLINE_ARTIFACTS"
CONTROL = "DRIFTLINE_CONTROL_"
CONTROL_KEYWORDS = {
    "HOST": "host",
    "PORT": "port",
    "USER": "user",
    "PASSWORD": "password",
    "DATABASE": "dbname",
}
Engine = Literal["duckdb", "postgres", "spark"]


@dataclass(frozen=True)
class Profile:
    """What the jobs need of the dbt profile's target.

    `options` are, for duckdb: file, config_options, settings; for postgres: libpq's keywords; for
    spark: the session's configuration.
    """

    target: str
    engine: Engine
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Paths:
    """The folders, files and addresses of one deployment; paths are absolute.

    With DuckDB the control store, lock file and published copy stand beside the warehouse file.
    With PostgreSQL and Spark there is no such file: `warehouse` and the names derived from it
    raise ConfigurationError, and `control` says where the control store is.
    """

    project_dir: Path
    profiles_dir: Path
    seeds_dir: Path
    profile: Profile
    artifacts: Path
    """Folder of the trained models: <monitor>/<version>/ inside."""
    control: Mapping[str, Any] | None = field(default=None, repr=False)
    """libpq keywords of the PostgreSQL that holds the control store; None for a file."""
    file: Path | None = None
    """The DuckDB file, None on other engines."""

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        if self.file is None:
            raise ConfigurationError(
                f"profiles.yml target {self.profile.target}: found type {self.profile.engine}; "
                "expected duckdb, because this needs a warehouse that is a file"
            )
        return self.file

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

        Raises ConfigurationError when there is no project or profile, when the DuckDB warehouse is
        no file, and when PostgreSQL or Spark lack what stands beside the file on DuckDB.
        """
        project = _project_dir(project_dir)
        profiles = _profiles_dir(project, profiles_dir)
        profile = _load_profile(project, profiles, target)
        file = _duckdb_file(project, profile) if profile.engine == "duckdb" else None
        return cls(
            project_dir=project,
            profiles_dir=profiles,
            seeds_dir=project.parent / "seeds",
            profile=profile,
            artifacts=_artifacts(profile, file),
            control=_control(profile),
            file=file,
        )


def _duckdb_file(project: Path, profile: Profile) -> Path:
    file = str(profile.options["file"])
    if file == ":memory:" or "://" in file or file.startswith("md:"):
        raise ConfigurationError(
            f"profiles.yml path: found {file}; expected a DuckDB file on this machine"
        )
    return (project / Path(file).expanduser()).resolve()


def _artifacts(profile: Profile, file: Path | None) -> Path:
    """The folder of the models: beside the file, or wherever the variable says."""
    named = os.environ.get(ARTIFACTS)
    if named:
        return Path(named).expanduser().resolve()
    if file is None:
        raise ConfigurationError(
            f"{ARTIFACTS}: found nothing; expected the folder of trained models, which every "
            f"machine that trains or scores can reach (target {profile.target} has no file to put "
            "it beside); set the variable"
        )
    return file.parent / "artifacts"


def _control(profile: Profile) -> Mapping[str, Any] | None:
    """Where the control store is: in the PostgreSQL warehouse, or in the one that is named."""
    named = {
        keyword: os.environ[CONTROL + name]
        for name, keyword in CONTROL_KEYWORDS.items()
        if os.environ.get(CONTROL + name)
    }
    if profile.engine == "duckdb":
        return None
    if profile.engine == "postgres" and not named:
        return profile.options
    missing = [
        CONTROL + name for name in ("HOST", "USER", "DATABASE")
        if CONTROL_KEYWORDS[name] not in named
    ]  # fmt: skip
    if missing:
        raise ConfigurationError(
            f"{', '.join(missing)}: found nothing; expected the PostgreSQL database that holds the "
            f"control store (leases and live versions) of target {profile.target}; "
            f"set {CONTROL}HOST, _PORT, _USER, _PASSWORD and _DATABASE"
        )
    return named


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
            loaded = load_profile(str(project), {}, target_override=target)
    except DbtBaseException as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = next((line for line in lines if not line.endswith("Error")), str(error))
        raise ConfigurationError(f"profiles.yml: {reason}") from error
    return Profile(str(loaded.target_name), *_options(str(loaded.target_name), loaded.credentials))


def _options(target: str, credentials: Any) -> tuple[Engine, dict[str, Any]]:
    """The engine of dbt's credentials and what the jobs need of them."""
    if credentials.type == "duckdb":
        return "duckdb", {
            "file": str(credentials.path),
            "config_options": dict(credentials.config_options or {}),
            "settings": dict(credentials.settings or {}),
        }
    if credentials.type == "postgres":
        names = ("host", "port", "user", "password", "sslmode", "sslcert", "sslkey", "sslrootcert")
        known = {name: getattr(credentials, name, None) for name in names}
        return "postgres", {**known, "dbname": credentials.database}
    if credentials.type == "spark":
        method = str(getattr(credentials.method, "value", credentials.method))
        if method != "session":
            raise ConfigurationError(
                f"profiles.yml target {target} method: found {method}; expected session (with "
                "spark.master or SPARK_REMOTE naming the cluster), which the jobs share with dbt"
            )
        return "spark", dict(credentials.server_side_parameters or {})
    raise ConfigurationError(
        f"profiles.yml target {target}: found type {credentials.type}; "
        "expected duckdb, postgres or spark"
    )
