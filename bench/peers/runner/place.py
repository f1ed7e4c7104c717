"""Where things are, what the machine is, and how a process is kept on one core and one thread."""

import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
GLUE = ROOT / "bench" / "peers" / "glue"
BUILD = ROOT / "build" / "peers"
PYTHON = BUILD / "venv" / "bin" / "python"
PROGRAMS = BUILD / "handgrad" / "bin"
RESULTS = ROOT / "bench" / "results"

# OpenMP, MKL, OpenBLAS and XLA each have a thread pool of their own.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "",
}


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def start(command, core, environment={}, **arguments):
    """A process on that core, with no thread pools."""
    return subprocess.Popen([str(word) for word in command], env=os.environ | ONE_THREAD | environment, text=True, cwd=ROOT,
                            preexec_fn=lambda: os.sched_setaffinity(0, {core}), **arguments)


def last_json(command, core, environment={}):
    """What a program says in the last line of its output, and the CPU seconds of the whole process."""
    process = start(command, core, environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    before = os.times()
    out, error = process.communicate()
    after = os.times()
    if process.returncode != 0:
        sys.exit(f"bench/peers/run: {' '.join(map(str, command))} ended with status {process.returncode}:\n{error[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return json.loads(out.strip().splitlines()[-1]), cpu


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def git(*words):
    done = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def machine(core):
    """What the result has to say of where it comes from, but for versions."""
    about, _ = last_json([PROGRAMS / "handgrad", "doctor", "--json"], core)
    return {"date": datetime.date.today().isoformat(), "commit": git("rev-parse", "--short=10", "HEAD"),
            "cpu": processor(), "threads": 1, "core": core, "python": platform.python_version(), "handgrad": about}
