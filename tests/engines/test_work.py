"""What each worker did, as the demo on Spark tells it at its end."""

from pathlib import Path

from jobs.demo.cluster.spark_cluster import ports_of_pages
from jobs.demo.cluster.work import work_of_workers


def test_the_work_of_each_spark_worker_is_told(spark: dict[str, str]) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.builder.getOrCreate()
    workers = ports_of_pages(Path(spark["SPARK_CONF_DIR"]).parent)
    session.sql("create table told (number bigint) using parquet")
    try:
        session.range(1000).repartition(4).write.insertInto("told")
        before = work_of_workers(session, workers, "test-of-work")
        session.addTag("test-of-work")
        session.range(5000).repartition(4).write.insertInto("told")
        session.removeTag("test-of-work")
        after = work_of_workers(session, workers, "test-of-work")
    finally:
        session.sql("drop table told")
    assert before.keys() == after.keys() == {"worker1", "worker2"}
    assert {one.scored for one in before.values()} == {0}
    assert sum(one.scored for one in after.values()) == 5000
    for name in workers.values():
        assert after[name].tasks > before[name].tasks > 0
        assert after[name].scored > 0
