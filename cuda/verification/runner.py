"""Runs a command within its time and reads from its output whether all was well."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time


def say(*words):
    print(*words, file=sys.stderr, flush=True)


@dataclasses.dataclass
class Done:
    status: int     # of the process; -1 if it took too long
    out: str
    seconds: float


@dataclasses.dataclass
class Row:
    """A line of the report: something that passed, failed or was left out."""
    name: str
    status: str     # "passed", "failed", "left out"
    about: str = ""
    seconds: float = 0.0
    command: str = ""


def run(words, limit, environment={}):
    begun = time.monotonic()
    try:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                                   errors="replace", start_new_session=True, env=os.environ | environment)
    except OSError as error:
        return Done(127, f"{words[0]}: {error.strerror}", 0.0)
    try:
        out, status = process.communicate(timeout=limit)[0], process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, status = process.communicate()[0], -1
    return Done(status, out, time.monotonic() - begun)


def last_json(out):
    """The last line's object, or None. Programs end their output with it; what they have to say besides may come after."""
    for line in reversed(out.splitlines()):
        if line.startswith("{"):
            try:
                return json.loads(line)
            except ValueError:
                return None
    return None


def last_line(done, limit):
    if done.status == -1:
        return f"took longer than {limit} s"
    lines = [line for line in done.out.splitlines() if line.strip()]
    return f"status {done.status}: {lines[-1].strip() if lines else 'it said nothing'}"[:300]


def catch2(out):
    """(passed, failed) test cases as version 2 or 3 tells them in its last lines, None if it does not."""
    all_passed = re.search(r"^All tests passed \(.* in (\d+) test cases?\)", out, re.M)
    if all_passed:
        return int(all_passed.group(1)), 0
    counts = re.search(r"^test cases:\s*(\d+)(.*)$", out, re.M)
    if not counts:
        return None
    passed = re.search(r"(\d+) passed", counts.group(2))
    return int(passed.group(1)) if passed else 0, int(counts.group(1)) - (int(passed.group(1)) if passed else 0)


def counted(out):
    """(passed, failed) of a program whose last line is "N passed, N failed", None if it is not."""
    counts = re.search(r"^(\d+) passed, (\d+) failed\s*\Z", out, re.M)
    return counts and (int(counts.group(1)), int(counts.group(2)))


def judge(command, done):
    """("passed" or "failed", about)"""
    if command.reads in ("catch2", "counted"):
        counts = (catch2 if command.reads == "catch2" else counted)(done.out)
        if counts is None:
            return "failed", last_line(done, command.limit)
        passed, failed = counts
        about = f"{passed} of {passed + failed} {'test cases' if command.reads == 'catch2' else 'kills'}"
        return ("passed" if done.status == 0 and failed == 0 and passed > 0 else "failed"), about
    if done.status != 0:
        return "failed", last_line(done, command.limit)
    if command.reads == "solved":
        result = last_json(done.out)
        if result is None or "solved" not in result:
            return "failed", "its last line does not say whether the environment is solved"
        return ("passed" if result["solved"] else "failed"), "solved" if result["solved"] else "not solved"
    if command.reads == "check":
        result = last_json(done.out)
        if result is None:
            return "failed", "its last line is no JSON object"
        rows = result["gradients"] + result["operations"]
        on_cuda = sum(row["backend"].startswith("cuda") for row in rows)
        about = f"{len(rows)} checks, {on_cuda} of them on cuda, {result['failed']} failed"
        return ("passed" if result["failed"] == 0 and on_cuda > 0 else "failed"), about
    return "passed", ""
