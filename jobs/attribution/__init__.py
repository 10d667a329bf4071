"""Data drift or concept drift: what part of a change of loss the mix of rows explains."""
