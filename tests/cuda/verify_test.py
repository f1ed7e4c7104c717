"""Tests of cuda/verify without a GPU, on programs that only say what is expected; run with: python3 tests/cuda/verify_test.py"""

import contextlib
import ctypes
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
loader = importlib.machinery.SourceFileLoader("verify", str(ROOT / "cuda" / "verify"))
verify = importlib.util.module_from_spec(importlib.util.spec_from_loader("verify", loader))
loader.exec_module(verify)
from verification import machine, parts, plan, report, runner  # noqa: E402

GPU = {"gpu": "NVIDIA H100 80GB HBM3", "capability": "9.0", "multiprocessors": 132, "memory_gib": 79.1, "cuda": "13.0",
       "driver": "580.65.06"}

# handgrad, as far as it is asked here. An agent's parameters are its seed; with `together` among the words of FAKE they depend on
# how many there are.
HANDGRAD = f'#!{sys.executable} -SE\n' + r'''
import json, os, pathlib, struct, sys
words, fake = sys.argv[1:], os.environ.get("FAKE", "")
option = lambda name: words[words.index(name) + 1]
works = {"available": "no-device" not in fake, "about": "no device" if "no-device" in fake else "fine"}
if words[0] == "doctor":
    said = {"version": "0.1.0", "commit": "abc", "compiler": "GNU", "flags": "-O3", "cuda": {"driver": works, "device": works}}
elif words[0] == "check":
    rows = [{"backend": b} for b in ("simd", "cuda")]
    said = {"failed": 0, "gradients": rows, "operations": rows}
elif words[0] == "bench":
    us = {name: 30.0 + 20 * ("slow" in fake) for name in ("tutorial", "zoo", "cleanrl", "tf", "hadiji", "rlmep")}
    said = {"train_step_us": us, "train_step_least_us": us, "act_us": us}
elif "--seeds" in words:
    count, seed = int(option("--seeds")), int(option("--seed")) if "--seed" in words else 1
    folder = pathlib.Path(option("--out"))
    folder.mkdir(parents=True)
    data = b"".join(struct.pack("<2f", seed + k, count if "together" in fake else 0) for k in range(count))
    header = json.dumps({"0.weight": {"dtype": "F32", "shape": [count, 2], "data_offsets": [0, len(data)]}}).encode()
    (folder / "agents.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + data)
    steps = int(words[[i for i, w in enumerate(words) if w.startswith("train.env_steps=")][0]].split("=")[1])
    said = {"agents": count, "env_steps": steps, "train_steps": steps, "agent_steps_per_second": 1e7, "wall_seconds": 50.0, "solved": 0}
else:
    said = {"solved": "unsolved" not in fake}
print("some lines\n" + json.dumps(said))
'''
SUITE = '#!/bin/sh\necho "All tests passed (20 assertions in 4 test cases)"\n'
KILLS = '#!/bin/sh\necho "a line"\ncase $FAKE in *lost*) echo "3 passed, 1 failed"; exit 1;; esac\necho "4 passed, 0 failed"\n'
SANITIZER = r'''#!/bin/sh
tool=$2
shift 4
echo "========= COMPUTE-SANITIZER"
"$@"
bad=0
case $FAKE in *$tool*) bad=1; echo "========= Invalid __global__ read of size 4 bytes" ;; esac
if [ "$tool" = racecheck ]; then
  echo "========= RACECHECK SUMMARY: $bad hazards displayed ($bad errors, 0 warnings)"
else
  echo "========= ERROR SUMMARY: $bad errors"
fi
'''


class FakeBuild(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name, text in (("bin/handgrad", HANDGRAD), ("bin/handgrad_tests", SUITE), ("bin/handgrad_cuda_tests", SUITE),
                           ("tools/compute-sanitizer", SANITIZER), ("tools/kill_and_resume", KILLS)):
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)

    def verify(self, *words, fake="", gpu=GPU):
        """(exit status, last line of stdout, all of stdout, stderr)"""
        out, err = io.StringIO(), io.StringIO()
        path = f"{self.folder / 'tools'}:{os.environ['PATH']}"
        with mock.patch.dict(os.environ, {"FAKE": fake, "PATH": path}), mock.patch.object(machine, "gpu", lambda: gpu), \
                mock.patch.object(parts, "KILL_AND_RESUME", self.folder / "tools" / "kill_and_resume"), \
                contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = verify.main(["--build", str(self.folder), "--out", str(self.folder / "results"), "--quick", *words])
        return status, (out.getvalue().splitlines() or [""])[-1], out.getvalue(), err.getvalue()

    def results(self):
        path = self.folder / "results" / "nvidia-h100-80gb-hbm3"
        return json.loads(path.with_suffix(".json").read_text()), path.with_suffix(".md").read_text()


class WholeRunTest(FakeBuild):
    def test_figures_and_verdicts_are_written_down(self):
        status, last, out, _ = self.verify("--only", "suites,sanitizer,train-steps,agents")
        self.assertEqual((status, last), (0, "43 passed, 0 failed"), out)
        results, text = self.results()
        self.assertEqual(list(results["parts"]), ["suites", "sanitizer", "train-steps", "agents"])
        self.assertEqual({row["status"] for part in results["parts"].values() for row in part["rows"]}, {"passed"})
        self.assertEqual(len(results["parts"]["sanitizer"]["rows"]), 4 * len(plan.SANITIZED))
        self.assertEqual([f["batch"] for f in results["parts"]["train-steps"]["figures"]], [None, None, 32, 32, 1024, 1024, 65536, 65536])
        about = results["parts"]["agents"]["machine"]
        self.assertEqual((about["gpu"], about["cuda"], about["driver"], about["flags"]), (GPU["gpu"], "13.0", "580.65.06", "-O3"))
        self.assertIn("# NVIDIA H100 80GB HBM3\n", text)
        self.assertIn("| cuda:stream | 65,536 | 30.0 |", text)
        self.assertIn("| cuda:fused | 256 | 500 | 10,000,000 | 50.0 | 200.0 | 0 |", text)
        self.assertIn("| µs of the tutorial's train step as a graph | 30.0 | 40 | met |", text)

    def test_parts_that_are_not_run_again_stay(self):
        self.verify("--only", "train-steps")
        self.verify("--only", "agents")
        self.assertEqual(list(self.results()[0]["parts"]), ["train-steps", "agents"])

    def test_every_command_runs_in_a_folder_of_its_own(self):
        place = parts.Place(self.folder, self.folder / "scratch")
        self.assertNotEqual(place.fill(["{scratch}/a"]), place.fill(["{scratch}/a"]))

    def test_a_promise_that_is_not_kept_is_a_failure_where_it_was_made(self):
        status, last, out, _ = self.verify("--only", "train-steps", fake="slow")
        self.assertEqual((status, last), (1, "8 passed, 1 failed"))
        self.assertIn("NOT MET: 50.0 µs of the tutorial's train step as a graph, promised are 40", out)
        self.assertIn("NOT MET", self.results()[1])
        other = GPU | {"gpu": "NVIDIA T4"}
        self.assertEqual(self.verify("--only", "train-steps", fake="slow", gpu=other)[:2], (0, "8 passed, 0 failed"))

    def test_agents_that_depend_on_how_many_there_are_fail(self):
        status, _, out, _ = self.verify("--only", "suites", fake="together")
        self.assertEqual(status, 1)
        self.assertIn("failed: cuda:fused: agent 3 of 5 is the same bits as alone: 0.weight differ", out)

    def test_a_training_that_does_not_learn_fails(self):
        status, _, out, _ = self.verify("--only", "suites", fake="unsolved")
        self.assertEqual(status, 1)
        self.assertIn("failed: a training on cuda learns: not solved", out)

    def test_a_training_that_loses_something_when_it_is_killed_fails(self):
        status, _, out, _ = self.verify("--only", "suites", fake="lost")
        self.assertEqual(status, 1)
        self.assertIn("failed: trainings killed and gone on with are those that nobody disturbed: 3 of 4 kills", out)

    def test_what_a_sanitizer_finds_is_a_failure_and_is_named(self):
        status, last, out, _ = self.verify("--only", "sanitizer", fake="memcheck racecheck")
        self.assertEqual((status, last), (1, "10 passed, 10 failed"))
        for tool in ("memcheck", "racecheck"):
            self.assertIn(f"failed: {tool}: many agents: 1 errors; the first: Invalid __global__ read of size 4 bytes", out)

    def test_without_a_sanitizer_its_part_is_left_out_and_says_so(self):
        with mock.patch.object(parts, "compute_sanitizer", lambda: None):
            status, last, out, _ = self.verify("--only", "sanitizer")
        self.assertEqual((status, last), (1, "0 passed, 0 failed, 20 skipped"))  # nothing passed: that is no success
        self.assertIn("there is no compute-sanitizer", out)

    def test_peers_that_are_not_installed_are_left_out(self):
        with mock.patch.object(plan, "PEERS", ("torch",)), mock.patch.object(
                parts, "run", lambda *_: runner.Done(0, '{"missing": "No module named torch"}', 0.1)):
            status, last, out, _ = self.verify("--only", "peers")
        self.assertEqual(last, "0 passed, 0 failed, 1 skipped")
        self.assertIn("No module named torch", self.results()[1])

    def test_a_peer_with_other_results_is_refused(self):
        row = {"who": "PyTorch eager", "configuration": "tutorial", "us": 900.0, "least_us": 890.0, "difference": 0.5, "accepted": False}
        with mock.patch.object(plan, "PEERS", ("torch",)), mock.patch.object(
                parts, "run", lambda *_: runner.Done(0, json.dumps({"rows": [row]}), 0.1)):
            status, _, out, _ = self.verify("--only", "peers")
        self.assertEqual(status, 1)
        self.assertIn("| PyTorch eager | own | tutorial | 900.0 | 5.0e-01 | refused |", self.results()[1])


class RefusalTest(FakeBuild):
    def test_a_build_whose_backend_does_not_work_is_refused_in_one_line(self):
        status, _, _, err = self.verify(fake="no-device")
        self.assertEqual(status, 2)
        self.assertTrue(err.splitlines()[-1].endswith("handgrad does not work: no device"))

    def test_without_a_driver_one_line_says_so(self):
        try:
            ctypes.CDLL("libcuda.so.1")
            self.skipTest("there is a driver here")
        except OSError:
            pass
        done = subprocess.run([ROOT / "cuda" / "verify"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr, "cuda/verify: no NVIDIA driver is installed: libcuda.so.1 cannot be loaded\n")

    def test_wrong_words_are_refused(self):
        for words, message in ((["--only", "sanitiser"], "no part 'sanitiser': there are suites, sanitizer"),
                               (["--build", "/nowhere"], "there is no /nowhere/bin/handgrad")):
            done = subprocess.run([ROOT / "cuda" / "verify", *words], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn(message, done.stderr)

    def test_the_plan_can_be_looked_at_without_a_gpu(self):
        done = subprocess.run([ROOT / "cuda" / "verify", "--list"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0)
        for name in parts.PARTS:
            self.assertIn(name, done.stdout)


class ReadingTest(unittest.TestCase):
    def test_catch2_tells_its_counts_in_two_ways(self):
        self.assertEqual(runner.catch2("...\nAll tests passed (1 assertion in 1 test case)\n"), (1, 0))
        self.assertEqual(runner.catch2("test cases:   3 |   2 passed | 1 failed\nassertions: 9 | 8 passed | 1 failed\n"), (2, 1))
        self.assertEqual(runner.catch2("test cases: 2 | 2 failed\n"), (0, 2))
        self.assertIsNone(runner.catch2("Segmentation fault\n"))

    def test_a_suite_that_crashes_or_runs_nothing_fails(self):
        suite = plan.Command("a suite", ("x",), "catch2")
        self.assertEqual(runner.judge(suite, runner.Done(139, "Segmentation fault", 1.0))[0], "failed")
        self.assertEqual(runner.judge(suite, runner.Done(1, "All tests passed (4 assertions in 2 test cases)", 1.0))[0], "failed")
        self.assertEqual(runner.judge(suite, runner.Done(0, "No tests ran", 1.0))[0], "failed")

    def test_kills_are_counted_in_the_last_line(self):
        kills = plan.Command("kills", ("x",), "counted")
        self.assertEqual(runner.judge(kills, runner.Done(0, "a line\n4 passed, 0 failed\n", 1.0)), ("passed", "4 of 4 kills"))
        for out in ("0 passed, 0 failed\n", "4 passed, 0 failed\nand then it crashed\n", ""):
            self.assertEqual(runner.judge(kills, runner.Done(0, out, 1.0))[0], "failed", out)

    def test_a_check_without_the_device_proves_nothing(self):
        check = plan.Command("check", ("x",), "check")
        text = json.dumps({"failed": 0, "gradients": [], "operations": [{"backend": "simd"}]})
        self.assertEqual(runner.judge(check, runner.Done(0, text, 1.0)), ("failed", "1 checks, 0 of them on cuda, 0 failed"))

    def test_a_sanitizer_that_says_nothing_is_not_clean(self):
        command = plan.Command("a training", ("x",))
        self.assertEqual(parts.sanitizer_verdict(command, runner.Done(0, "all fine", 1.0))[0], "failed")
        clean = "========= ERROR SUMMARY: 0 errors\n"
        self.assertEqual(parts.sanitizer_verdict(command, runner.Done(0, clean, 1.0)), ("passed", "0 errors"))
        self.assertEqual(parts.sanitizer_verdict(command, runner.Done(1, clean, 1.0))[0], "failed")  # the program itself failed

    def test_what_takes_too_long_is_ended(self):
        done = runner.run(["sh", "-c", "echo begun; sleep 20"], 0.3)
        self.assertEqual((done.status, done.out), (-1, "begun\n"))
        self.assertLess(done.seconds, 10)

    def test_a_program_that_is_not_there_is_a_failure_and_no_crash(self):
        self.assertEqual(runner.run(["/nowhere/handgrad"], 1).status, 127)

    def test_the_file_is_named_after_the_gpu(self):
        self.assertEqual(machine.file_name("NVIDIA H100 80GB HBM3"), "nvidia-h100-80gb-hbm3")

    def test_tables_have_a_row_of_dashes(self):
        self.assertEqual(report.table(("a", "b"), [(1, 2)]), "| a | b |\n|---|---:|\n| 1 | 2 |\n")

    def test_the_presets_and_settings_of_the_plan_exist(self):
        for command in (*plan.SUITES, *plan.SANITIZED):
            for word in command.words:
                if word.startswith("{presets}"):
                    self.assertTrue(pathlib.Path(word.format(presets=ROOT / "presets")).exists(), word)

    def test_the_peers_measure_the_configurations_that_handgrad_does(self):
        self.assertEqual([c["name"] for c in parts.configurations()], list(plan.CONFIGURATIONS))


if __name__ == "__main__":
    unittest.main()
