"""What bench/run and bench/generic_vs_native share: building suites and running them on one core."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def fail(message):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {message}")


def build(folder, options=(), target="all"):
    """Configures `folder` as the preset `bench` is, with further options, and builds a target there."""
    for command in (["cmake", "--preset", "bench", "-B", folder, *options], ["cmake", "--build", folder, "--target", target]):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            fail(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")


def the_core():
    """The one that everything is measured on: a move in between would cost a program its caches."""
    return max(os.sched_getaffinity(0))


def run_suite(program, pattern="", repetitions=1, min_time=0.01, quiet=False):
    """The result of a Google Benchmark program on one core, of the benchmarks that match a regular expression."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        command = [program, f"--benchmark_out={out.name}", "--benchmark_out_format=json",
                   f"--benchmark_repetitions={repetitions}", f"--benchmark_min_time={min_time}"]
        if repetitions > 1:
            command.append("--benchmark_report_aggregates_only=true")
        if pattern:
            command.append(f"--benchmark_filter={pattern}")
        core = the_core()
        done = subprocess.run(command, preexec_fn=lambda: os.sched_setaffinity(0, {core}),
                              stdout=subprocess.DEVNULL if quiet else None, stderr=subprocess.DEVNULL if quiet else None)
        if done.returncode != 0:
            fail(f"{program.name} ended with status {done.returncode}")
        text = pathlib.Path(out.name).read_text()
        return json.loads(text) if text else {"context": {}, "benchmarks": []}


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"
