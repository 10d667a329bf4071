"""Judging a candidate: metrics, the paired comparison with the live version, and the gates."""
