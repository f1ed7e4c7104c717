"""What a run of handgrad leaves that has to be the same whatever happened on the way, and how to start the program here."""

import json
import os

COMPARED = ["metrics.csv", "evaluations.csv", "final_evaluation.csv",
            "checkpoint/last/model.safetensors", "checkpoint/best/model.safetensors"]
NEVER_ENDS = 120  # seconds


def differences(a, b):
    """The names of what is not equal to the byte in two run folders."""
    found = [name for name in COMPARED if (a / name).read_bytes() != (b / name).read_bytes()]
    prints = [json.loads((folder / "summary.json").read_text())["fingerprint"] for folder in (a, b)]
    return found + (["fingerprint"] if prints[0] != prints[1] else [])


def without_pictures(scratch):
    """An environment in which nothing that draws is found: pictures would take longer than the runs."""
    return {**os.environ, "PATH": str(scratch / "nothing")}
