"""The same monitoring done with other tools; each script runs in an environment of its own."""
