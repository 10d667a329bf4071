"""A Spark cluster and a PostgreSQL on this machine, for the demo on Spark and for tests."""
