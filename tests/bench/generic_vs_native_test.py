"""Tests of bench/generic_vs_native; run with: python3 tests/bench/generic_vs_native_test.py"""

import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "bench" / "generic_vs_native"

sys.dont_write_bytecode = True
sys.path.insert(0, str(SCRIPT.parent))
loader = importlib.machinery.SourceFileLoader("generic_vs_native", str(SCRIPT))
script = importlib.util.module_from_spec(importlib.util.spec_from_loader("generic_vs_native", loader))
loader.exec_module(script)


def pair(generic, native):
    return {"generic": {"rlmep": generic, "zoo": 100.0}, "native": {"rlmep": native, "zoo": 100.0}}


class GenericVsNative(unittest.TestCase):
    def test_the_ratio_is_generic_over_native_pair_by_pair(self):
        self.assertEqual(script.ratios([pair(12.0, 10.0), pair(10.0, 10.0)]), {"rlmep": [1.0, 1.2], "zoo": [1.0, 1.0]})

    def test_medians_within_the_limit_pass_whatever_a_single_pair_says(self):
        lines, passed = script.report(script.ratios([pair(10.4, 10.0), pair(10.5, 10.0), pair(30.0, 10.0)]))
        self.assertTrue(passed)
        self.assertIn("1.050", lines[1])
        self.assertIn("3.000", lines[1])

    def test_a_median_above_the_limit_fails_and_is_marked(self):
        lines, passed = script.report(script.ratios([pair(10.0, 10.0), pair(10.6, 10.0), pair(10.7, 10.0)]))
        self.assertFalse(passed)
        self.assertTrue(lines[1].endswith("above 1.05"))
        self.assertFalse(lines[2].endswith("above 1.05"))

    def test_one_pair_is_no_comparison(self):
        done = subprocess.run([sys.executable, SCRIPT, "--pairs", "1"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--pairs 1: expected at least 2", done.stderr)


if __name__ == "__main__":
    unittest.main()
