"""What Spark says in a hundred lines, told in one. No cluster is needed: it is text alone."""

import pytest

from jobs.errors import WarehouseError
from jobs.warehouse.spark import _engine_errors, _one_line

ABORTED = (
    "Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most recent failure: "
    "Lost task 0.3 in stage 1.0 (TID 7) (10.0.0.1 executor 1): "
)
JAVA = """
\tat org.apache.spark.api.python.BasePythonRunner$ReaderIterator.handlePythonException(Runner.scala)
\tat java.base/java.lang.Thread.run(Thread.java:840)

Driver stacktrace:

JVM stacktrace:
org.apache.spark.SparkException: Job aborted due to stage failure
\tat org.apache.spark.scheduler.DAGScheduler.abortStage(DAGScheduler.scala)
Caused by: java.io.EOFException: nothing
\t... 12 more
"""
NO_PACKAGE = f"""{ABORTED}org.apache.PythonException: Traceback (most recent call last):
  File "/opt/spark/python/pyspark/serializers.py", line 190, in _read_with_length
    return self.loads(obj)
           ^^^^^^^^^^^^^^^
ModuleNotFoundError: No module named 'jobs'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/opt/spark/python/pyspark/worker.py", line 2100, in main
    func, profiler, deserializer, serializer = read_udfs(pickleSer, infile, eval_type)
pyspark.serializers.SerializationError: Caused by Traceback (most recent call last):
  File "/opt/spark/python/pyspark/serializers.py", line 190, in _read_with_length
    return self.loads(obj)
           ^^^^^^^^^^^^^^^
ModuleNotFoundError: No module named 'jobs'
{JAVA}"""
WRONG_VALUE = f"""
  An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "/opt/driftline/jobs/serving/arrow_scores.py", line 50, in __call__
    raise ValueError("price: found x")
ValueError: price: found x
expected a number
{JAVA}"""
NO_MESSAGE = f"""{ABORTED}Traceback (most recent call last):
  File "/opt/driftline/jobs/serving/arrow_scores.py", line 50, in __call__
    assert rows
AssertionError
{JAVA}"""
CUT = f"{ABORTED}Traceback (most recent call last):\n  File ...{JAVA}".partition("JVM")[0]


def test_a_missing_package_is_named_with_what_to_do() -> None:
    message = _one_line(NO_PACKAGE)
    assert message.startswith("on a Spark executor: ModuleNotFoundError: No module named 'jobs'; ")
    assert "install driftline[spark] on every executor" in message
    assert "PYSPARK_PYTHON" in message and "spark.archives" in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WRONG_VALUE, "on a Spark executor: ValueError: price: found x"),
        (NO_MESSAGE, "on a Spark executor: AssertionError"),
        (CUT, f"{ABORTED}Traceback (most recent call last):"),
        ("[TABLE_NOT_FOUND] no nope\n\nJVM stacktrace:\n\tat java", "[TABLE_NOT_FOUND] no nope"),
        ("", ""),
    ],
)
def test_one_line_says_what_is_wrong(text: str, expected: str) -> None:
    assert _one_line(text) == expected


@pytest.mark.engines
@pytest.mark.parametrize(
    ("text", "expected"),
    [(NO_MESSAGE, "on a Spark executor: AssertionError"), ("", "Py4JError")],
)
def test_errors_of_the_engine_are_told_so(text: str, expected: str) -> None:
    from py4j.protocol import Py4JError

    with pytest.raises(WarehouseError) as caught, _engine_errors():
        raise Py4JError(text)
    assert str(caught.value) == expected
