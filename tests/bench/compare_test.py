"""Tests of bench/compare.py; run with: python3 tests/bench/compare_test.py"""

import contextlib
import importlib.util
import io
import json
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "bench" / "compare.py"
spec = importlib.util.spec_from_file_location("compare", SCRIPT)
compare = importlib.util.module_from_spec(spec)
spec.loader.exec_module(compare)


def run(name, real, unit="ns", cpu=1.0, **more):
    return {"name": name, "run_name": name, "run_type": "iteration", "real_time": real, "cpu_time": cpu, "time_unit": unit, **more}


def aggregate(name, kind, real, unit="ns"):
    return {**run(name, real, unit), "name": f"{name}_{kind}", "run_type": "aggregate", "aggregate_name": kind}


class CompareTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def call(self, old, new, *options):
        """Exit code, stdout, stderr. old and new: lists of benchmarks, or the text of the file."""
        paths = []
        for name, content in (("old.json", old), ("new.json", new)):
            path = self.folder / name
            if content is not None:
                path.write_text(content if isinstance(content, str) else json.dumps({"benchmarks": content}))
            paths.append(str(path))
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = compare.main([*paths, *options])
            except SystemExit as stop:  # argparse
                code = stop.code
        return code, out.getvalue(), err.getvalue()

    def test_a_loss_beyond_the_threshold_is_flagged(self):
        code, out, _ = self.call([run("a", 100), run("b", 100)], [run("a", 109.9), run("b", 110.1)])
        self.assertEqual(code, 1)
        self.assertIn("2 compared, 1 flagged", out)
        flagged = [line for line in out.splitlines() if "SLOWER" in line]
        self.assertEqual(len(flagged), 1)
        self.assertTrue(flagged[0].startswith("b "))
        self.assertIn("1.101", flagged[0])

    def test_the_threshold_is_an_option(self):
        self.assertEqual(self.call([run("a", 100)], [run("a", 120)], "--threshold", "25")[0], 0)
        self.assertEqual(self.call([run("a", 100)], [run("a", 102)], "--threshold", "1")[0], 1)
        self.assertEqual(self.call([run("a", 100)], [run("a", 100)], "--threshold", "-1")[0], 2)

    def test_a_gain_is_not_flagged(self):
        self.assertEqual(self.call([run("a", 100)], [run("a", 10)])[0], 0)

    def test_the_median_of_repetitions_counts_where_there_is_no_aggregate(self):
        new = [run("a", 100), run("a", 9000), run("a", 101)]
        self.assertEqual(self.call([run("a", 100)], new)[0], 0)

    def test_the_median_aggregate_goes_before_repetitions_and_other_aggregates(self):
        new = [run("a", 500), aggregate("a", "mean", 500), aggregate("a", "median", 100), aggregate("a", "stddev", 0)]
        self.assertEqual(self.call([run("a", 100)], new)[0], 0)

    def test_units_are_converted(self):
        code, out, _ = self.call([run("a", 1500, "ns")], [run("a", 1.5, "us")])
        self.assertEqual(code, 0)
        self.assertIn("1.000", out)

    def test_cpu_time_is_compared_when_asked_for(self):
        old, new = [run("a", 100, cpu=50)], [run("a", 100, cpu=100)]
        self.assertEqual(self.call(old, new)[0], 0)
        self.assertEqual(self.call(old, new, "--time", "cpu")[0], 1)

    def test_a_slower_machine_is_no_loss_relative_to_a_benchmark_of_its_own(self):
        old, new = [run("peak", 10), run("a", 100)], [run("peak", 20), run("a", 190)]
        self.assertEqual(self.call(old, new)[0], 1)
        code, out, _ = self.call(old, new, "--relative-to", "peak")
        self.assertEqual(code, 0)
        self.assertIn("0.950", out)
        self.assertIn("9.5 x", out)

    def test_a_missing_reference_is_bad_input(self):
        code, _, err = self.call([run("peak", 1)], [run("a", 1)], "--relative-to", "peak")
        self.assertEqual(code, 2)
        self.assertIn("new.json: no benchmark 'peak'", err)

    def test_benchmarks_on_one_side_are_named_and_not_flagged(self):
        code, out, _ = self.call([run("a", 1), run("gone", 1)], [run("a", 1), run("added", 1)])
        self.assertEqual(code, 0)
        self.assertIn("old.json: gone", out)
        self.assertIn("new.json: added", out)

    def test_a_benchmark_that_fails_now_is_flagged(self):
        failed = run("a", 0, error_occurred=True, error_message="no GPU")
        code, out, _ = self.call([run("a", 1)], [failed])
        self.assertEqual(code, 1)
        self.assertIn("FAILED: no GPU", out)
        code, out, _ = self.call([failed], [run("a", 1)])
        self.assertEqual(code, 0)
        self.assertIn("not compared: a: no GPU", out)

    def test_bad_input_is_one_line_and_exit_code_2(self):
        good = [run("a", 1)]
        for bad, part in ((None, "No such file"), ("{", "not JSON"), ("[]", "benchmarks"), ('{"benchmarks": [1]}', "benchmarks"),
                          ("[" * 100000, "not JSON"), ([], "no benchmarks"), ([{"real_time": 1}], "no name"), ([run("a", -1)], "above 0"),
                          ([run("a", "1")], "above 0"), ([run("a", True)], "above 0"), ([run("a", float("nan"))], "above 0"),
                          ([run("a", 1, "h")], "time_unit"), ([run("b", 1)], "in common")):
            with self.subTest(part=part):
                (self.folder / "new.json").unlink(missing_ok=True)
                code, out, err = self.call(good, bad)
                self.assertEqual(code, 2)
                self.assertEqual(out, "")
                self.assertEqual(err.count("\n"), 1, err)
                self.assertIn(part, err)


if __name__ == "__main__":
    unittest.main()
