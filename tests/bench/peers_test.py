"""Tests of bench/peers that need no network and no peer; run with: python3 tests/bench/peers_test.py"""

import array
import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
PEERS = pathlib.Path(__file__).resolve().parents[2] / "bench" / "peers"
sys.path.insert(0, str(PEERS))
from runner import install, report, results, rounds, train_steps  # noqa: E402


def row(ratio, difference=0.0):
    return {"seconds": [1e-6, 2e-6, 3e-6], "ratio": [ratio] * 3, "rounds": 3, "wall_over_cpu": 1.0,
            "difference_after_ten_steps": difference, "accepted": difference <= train_steps.TOLERANCE}


class RoundsTest(unittest.TestCase):
    def test_ratios_are_taken_within_a_round(self):
        # The machine is ten times slower in the second round: the ratio does not see it.
        times = {"ours": [(1.0, 1.0), (10.0, 10.0)], "theirs": [(3.0, 3.0), (30.0, 30.0)]}
        rows = rounds.compare(times, "ours")
        self.assertEqual(rows["theirs"]["ratio"], [3.0, 3.0, 3.0])
        self.assertEqual(rows["ours"]["ratio"], [1.0, 1.0, 1.0])

    def test_the_clock_is_cpu_time(self):
        rows = rounds.compare({"ours": [(2.0, 1.0)], "theirs": [(2.0, 2.0)]}, "ours")
        self.assertEqual(rows["theirs"]["ratio"], [2.0, 2.0, 2.0])
        self.assertEqual(rows["ours"]["wall_over_cpu"], 2.0)

    def test_who_begins_changes(self):
        order = []
        measures = {name: lambda name=name: order.append(name) or (1.0, 1.0) for name in "abc"}
        times = rounds.play(measures, 3)
        self.assertEqual("".join(order), "abcbcacab")
        self.assertEqual({name: len(measured) for name, measured in times.items()}, {"a": 3, "b": 3, "c": 3})


class SameWorkTest(unittest.TestCase):
    def test_largest_difference(self):
        self.assertEqual(train_steps.largest_difference([1.0, 2.0, 3.0], [1.0, 2.5, 3.25]), 0.5)

    def test_nan_is_never_close(self):
        difference = train_steps.largest_difference([math.nan, 1.0], [1.0, 1.0])
        self.assertFalse(difference <= train_steps.TOLERANCE)

    def test_parameters_are_read_from_safetensors(self):
        values = array.array("f", [1.5, -2.0, 0.25])
        header = json.dumps({"parameters": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}).encode()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "p.safetensors"
            path.write_bytes(struct.pack("<Q", len(header)) + header + values.tobytes())
            self.assertEqual(train_steps.read_parameters(path), values)

    def test_a_row_that_did_other_work_is_refused(self):
        about = {"name": "tiny", "network": "4-2", "batch": 1}
        item = {"about": about, "base": "ours", "rows": {"ours": row(1.0), "good": row(2.5), "bad": row(9.0, 3e-3)}}
        text = report.train_steps({"items": {"tiny": item}})
        self.assertIn("2.50 [2.50, 2.50]", text)
        self.assertIn("refused: parameters differ by 3.0e-03", text)
        self.assertNotIn("9.00", text)


    def test_the_short_table_refuses_too(self):
        names = ["JAX lax.scan", "JAX jit", "libtorch", "PyTorch eager"]
        rows = {"ours": row(1.0)} | {name: row(3.0) for name in names} | {"libtorch": row(9.0, 3e-3)}
        item = {"about": {"name": "tiny", "network": "4-2", "batch": 1}, "base": "ours", "rows": rows}
        text = report.short({"train-steps": {"items": {"tiny": item}}})
        self.assertIn("| 4-2, batch 1 | 2.00 µs | 3.0× | 3.0× | refused | 3.0× |", text)


class KeptTest(unittest.TestCase):
    def test_what_is_there_is_not_measured_again(self):
        kept = results.Memory({})
        arguments = type("Arguments", (), {"again": False})
        measured = []

        def measure(core, arguments, known):
            for name in ("first", "second"):
                if known(name) is None:
                    measured.append(name)
                    yield name, {"value": 1}

        kept.content["part"] = {"machine": {}, "items": {"first": {"value": 0}}}
        kept.run("part", measure, 0, arguments)
        self.assertEqual(measured, ["second"])
        self.assertEqual(kept.read("part")["items"], {"first": {"value": 0}, "second": {"value": 1}})


class ScriptsTest(unittest.TestCase):
    def test_every_version_is_pinned(self):
        versions = install.versions()
        for name in ("torch", "jax", "gymnasium", "stable_baselines3", "envpool", "gymnax", "numpy"):
            self.assertIn(name, versions)

    def test_every_script_compiles(self):
        scripts = [PEERS / "run", *PEERS.glob("*/*.py")]
        self.assertGreater(len(scripts), 10)
        for script in scripts:
            compile(script.read_text(), str(script), "exec")

    def test_list(self):
        done = subprocess.run([sys.executable, "-B", PEERS / "run", "--list"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("train-steps", done.stdout)

    def test_a_part_that_is_not_there(self):
        done = subprocess.run([sys.executable, "-B", PEERS / "run", "--only", "trainsteps"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no part 'trainsteps': there are train-steps", done.stderr)


if __name__ == "__main__":
    unittest.main()
