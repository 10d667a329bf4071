"""Measures Driftline against a lower bound, against history and against other tools."""
