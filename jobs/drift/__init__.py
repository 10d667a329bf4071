"""Drift that needs no label: what the model decides by, and all features together."""
