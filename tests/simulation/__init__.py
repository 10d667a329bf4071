"""What the stated intervals and null quantiles do on rows whose truth is known."""
