"""PostgreSQL over ADBC, for the warehouse and for the control store alike."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from jobs.errors import ConfigurationError, DriftlineError, WarehouseError

# Text, quoted names and comments may hold question marks; only the others are placeholders.
TOKENS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|\?""", re.DOTALL)
# We notice after about half a minute that the server's machine has vanished ...
KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 4}
# ... and the server, asked to, that ours has; else it waits for its kernel: two hours and more.
SERVER_KEEPALIVE = {f"tcp_{name}": value for name, value in KEEPALIVE.items()}
UNREACHABLE = "08"  # the class of connection failures among the codes of SQLSTATE


def connection_text(options: Mapping[str, Any]) -> str:
    """The libpq connection string of {keyword: value}; empty values are left to libpq's defaults.

    Keywords are libpq's own: host (or the folder of a socket), port, user, password, dbname, ...
    """
    filled = {**KEEPALIVE, **{key: value for key, value in options.items() if value}}
    escaped = {
        key: re.sub(r"([\\'])", r"\\\1", str(value)) for key, value in sorted(filled.items())
    }
    return " ".join(f"{key}='{value}'" for key, value in escaped.items())


def connect(options: Mapping[str, Any]) -> Any:
    """A connection of ADBC's DB-API that commits each statement by itself.

    Raises ConfigurationError when the driver is not installed and WarehouseError, without the
    password, when the server does not answer.
    """
    try:
        import adbc_driver_manager
        from adbc_driver_postgresql import dbapi
    except ImportError as error:
        raise ConfigurationError(
            "adbc-driver-postgresql: found no such package; expected it for PostgreSQL; "
            "install driftline[postgres] (or driftline[spark], whose control store it is)"
        ) from error
    try:
        return dbapi.connect(connection_text(options), autocommit=True)
    except adbc_driver_manager.Error as error:
        place = f"{options.get('host')}:{options.get('port')}/{options.get('dbname')}"
        raise WarehouseError(
            f"PostgreSQL at {place}: {first_line(error)}; start it, or correct the connection"
        ) from error


def watch_this_end(connection: Any) -> None:
    """Let the server end the connection about half a minute after this machine has vanished.

    On a Unix socket, whose other end cannot vanish alone, the settings are taken and mean nothing.
    """
    for name, value in SERVER_KEEPALIVE.items():
        run(connection, f"set {name} = {value}").close()


def numbered(sql: str) -> str:
    """The statement with `?` written as `$1`, `$2`, ..., as PostgreSQL wants it."""
    count = 0

    def number(match: re.Match[str]) -> str:
        nonlocal count
        if match.group() != "?":
            return match.group()
        count += 1
        return f"${count}"

    return TOKENS.sub(number, sql)


def run(connection: Any, sql: str, params: Sequence[Any] = ()) -> Any:
    """Run a statement with `?` placeholders and return its cursor, which the caller closes."""
    cursor = connection.cursor()
    try:
        cursor.execute(numbered(sql) if params else sql, list(params) or None)
    except BaseException:
        cursor.close()
        raise
    return cursor


@contextmanager
def transaction(connection: Any) -> Iterator[None]:
    """Commit all inside together, or nothing when it raises.

    In SQL, because the driver's own transactions begin again before each statement, with a warning
    in the server's log.
    """
    run(connection, "begin").close()
    try:
        yield
    except BaseException:
        # After a lost connection there is nothing to roll back; the first error is the one to tell.
        with suppress(Exception):
            run(connection, "rollback").close()
        raise
    run(connection, "commit").close()


@contextmanager
def engine_errors(kind: type[DriftlineError], prefix: str = "") -> Iterator[None]:
    """Turn the driver's errors into ours, with the one line that says what is wrong."""
    import adbc_driver_manager

    try:
        yield
    except adbc_driver_manager.Error as error:
        raise kind(f"{prefix}{first_line(error)}") from error


def first_line(error: BaseException) -> str:
    """PostgreSQL's own message out of what the driver says around it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = next((line for line in lines if re.search(r"(ERROR|FATAL):", line)), None)
    if told is None:
        return lines[0] if lines else type(error).__name__
    detail = next((line for line in lines if line.startswith("DETAIL:")), "")
    message = re.sub(r".*?(?:ERROR|FATAL):\s*", "", told)
    return f"{message} ({detail.removeprefix('DETAIL:').strip()})" if detail else message
