"""The demo: a year of real flights replayed month by month through the whole product."""
