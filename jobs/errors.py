"""What can go wrong, and the exit code each kind ends the command line with.

DriftlineError                    1  anything that failed
├── ConfigurationError            2  vars.yml, policies, profile or the command itself is wrong
├── WarehouseError                1  the warehouse cannot be opened, read or written
├── LeaseHeldError                1  another process is at work on the same warehouse
├── ValidationFailedError         1  the training data are unfit
├── ArtifactError                 1  a model file is missing, damaged or not what was registered
└── NothingToDo                   3  there was nothing to do, or the model was not promoted
"""


class DriftlineError(Exception):
    """Base of every error that is told to the user in one line, without a traceback."""

    exit_code = 1


class ConfigurationError(DriftlineError):
    """The configuration or the use of the command is wrong; the message says what is expected."""

    exit_code = 2


class WarehouseError(DriftlineError):
    """The warehouse cannot be opened, read or written."""


class LeaseHeldError(DriftlineError):
    """Another process holds the lease of this warehouse."""


class ValidationFailedError(DriftlineError):
    """The training data are unfit for training."""


class ArtifactError(DriftlineError):
    """A model file is missing, damaged or not the one that was registered."""


class NothingToDo(DriftlineError):  # noqa: N818 - an outcome, not a fault
    """There was nothing to do, or the model was not promoted."""

    exit_code = 3
