"""The monitors and segment values that the tests are run for."""

from nasty import REGIONS

OVERALL = ("overall", "all")
SEGMENTS = [
    ("orders", OVERALL),
    *[("orders", ("region", "unknown" if region is None else region)) for region in REGIONS],
    ("orders", ("is_big", "true")),
    ("orders", ("is_big", "false")),
    ("visits", OVERALL),
    *[("visits", ("device", device)) for device in ("phone", "desk", "unknown")],
]
IDS = ["-".join([monitor, *segment]) for monitor, segment in SEGMENTS]
