"""The parts of cuda/verify. Each takes a Place, tells what it finds as rows that passed or failed, and gives its figures."""

import dataclasses
import itertools
import json
import os
import pathlib
import re
import shutil
import struct
import sys

from . import plan
from .machine import ROOT
from .runner import Row, judge, last_json, last_line, run, say

KILL_AND_RESUME = ROOT / "tests" / "app" / "kill_and_resume"
HAZARDS = re.compile(r"========= (?:ERROR SUMMARY: (\d+) error|RACECHECK SUMMARY: (\d+) hazard)")


@dataclasses.dataclass
class Place:
    """Where programs are, and where runs may be written."""
    build: pathlib.Path
    scratch: pathlib.Path
    quick: bool = False
    runs: itertools.count = dataclasses.field(default_factory=itertools.count)

    def fill(self, words):
        """Each command has a scratch folder of its own: a run folder must not exist."""
        names = {"program": self.build / "bin" / "handgrad", "tests": self.build / "bin" / "handgrad_tests",
                 "kernel_tests": self.build / "bin" / "handgrad_cuda_tests", "presets": ROOT / "presets",
                 "scratch": self.scratch / str(next(self.runs)),
                 "kill_and_resume": KILL_AND_RESUME}
        return [word.format(**names) for word in words]


def shown(words, place):
    """The command as it is written down: without the paths of this machine."""
    names = {f"{place.scratch}/": "SCRATCH/", f"{place.build}/": "BUILD/", f"{ROOT}/": "", sys.executable: "python3"}
    text = " ".join(str(word) for word in words)
    for path, name in names.items():
        text = text.replace(path, name)
    return text


def carry_out(command, place, prefix=()):
    words = place.fill(command.words)
    say(f"  {command.name} ...")
    done = run([*prefix, *words], command.limit)
    return done, shown([*prefix, *words], place)


def suites(place):
    rows = []
    for command in plan.SUITES:
        done, text = carry_out(command, place)
        rows.append(Row(command.name, *judge(command, done), done.seconds, text))
    return {"rows": rows + [alone_and_together(place, *case) for case in plan.ALONE_AND_TOGETHER]}


def tensors(path):
    """{name: (shape, bytes)} of a safetensors file, with nothing but the standard library."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    return {name: (about["shape"], data[8 + length + about["data_offsets"][0]:8 + length + about["data_offsets"][1]])
            for name, about in header.items()}


def parameters_of(path, k):
    """{name: bytes} of agent k; arrays are [agents, ...]."""
    found = {}
    for name, (shape, data) in tensors(path).items():
        size = len(data) // shape[0]
        found[name] = data[k * size:(k + 1) * size]
    return found


def alone_and_together(place, backend, together, seed):
    name = f"{backend}: agent {seed} of {together} is the same bits as alone"
    folders, text, seconds = [], "", 0.0
    for count, first_seed in ((together, 1), (1, seed)):
        folder = place.fill(["{scratch}/agents"])[0]
        words = place.fill(plan.agents(count, backend, plan.ALONE_ENV_STEPS, "--seed", str(first_seed), "--out", folder))
        say(f"  {name}: {count} ...")
        done = run(words, 300)
        text, seconds = shown(words, place), seconds + done.seconds
        if done.status != 0:
            return Row(name, "failed", last_line(done, 300), seconds, text)
        folders.append(pathlib.Path(folder))
    try:
        one, other = (parameters_of(folder / "agents.safetensors", k) for folder, k in zip(folders, (seed - 1, 0)))
    except (OSError, ValueError, KeyError) as error:
        return Row(name, "failed", f"agents.safetensors cannot be read: {error}", seconds, text)
    different = [array for array in one if one[array] != other.get(array)]
    about = f"{len(one)} arrays" if not different else f"{', '.join(different)} differ"
    return Row(name, "failed" if different or not one else "passed", about, seconds, text)


def compute_sanitizer():
    for folder in (None, "/usr/local/cuda/bin", os.path.join(os.environ.get("CUDA_PATH", ""), "bin")):
        found = shutil.which("compute-sanitizer", path=folder)
        if found:
            return found
    return None


def sanitizer_verdict(command, done):
    """Clean only if the tool says so and the program under it did what it should."""
    summaries = HAZARDS.findall(done.out)
    if not summaries:
        return "failed", last_line(done, command.limit)
    errors = sum(int(a or b) for a, b in summaries)
    if errors:
        first = next((line for line in done.out.splitlines() if line.startswith("=========")
                      and not re.search(r"COMPUTE-SANITIZER|SUMMARY|^=========\s*$", line)), "")
        return "failed", f"{errors} errors; the first: {first.strip('= ')}"[:300]
    status, about = judge(command, done)
    return status, "0 errors" if status == "passed" else about


def sanitizer(place):
    tool = compute_sanitizer()
    rows = []
    for name, options in plan.SANITIZERS.items():
        for command in plan.SANITIZED:
            what = f"{name}: {command.name}"
            if tool is None:
                rows.append(Row(what, "left out", "there is no compute-sanitizer: it comes with CUDA's toolkit"))
                continue
            command = dataclasses.replace(command, name=what)
            done, text = carry_out(command, place, (tool, *options, "--error-exitcode", "86"))
            rows.append(Row(what, *sanitizer_verdict(command, done), done.seconds, text))
    return {"rows": rows}


def figure(name, words, place, limit, read):
    """(Row, what read(JSON of the last line) finds or None)"""
    words = place.fill(words)
    say(f"  {name} ...")
    done = run(words, limit)
    found = last_json(done.out) if done.status == 0 else None
    text = shown(words, place)
    if found is None:
        return Row(name, "failed", last_line(done, limit), done.seconds, text), None
    try:
        return Row(name, "passed", "", done.seconds, text), read(found)
    except KeyError as missing:
        return Row(name, "failed", f"its JSON has no {missing}", done.seconds, text), None


def train_steps(place):
    rows, figures = [], []
    for batch in (None, *(plan.QUICK_BATCHES if place.quick else plan.BATCHES)):
        for backend in plan.TRAIN_STEP_BACKENDS:
            of = "of its own" if batch is None else f"of {batch}"
            row, found = figure(f"train steps on {backend}, a batch {of}", plan.train_steps(backend, batch), place, 120,
                                lambda j: {"us": j["train_step_us"], "least_us": j["train_step_least_us"], "act_us": j["act_us"]})
            rows.append(row)
            if found:
                figures.append({"backend": backend, "batch": batch} | found)
    return {"rows": rows, "figures": figures}


def read_agents(j):
    return {"agents": j["agents"], "env_steps": j["env_steps"], "train_steps": j["train_steps"],
            "agent_steps_per_second": j["agent_steps_per_second"], "wall_seconds": j["wall_seconds"], "solved": j["solved"]}


def agents(place):
    rows, figures = [], []
    for count, env_steps in plan.QUICK_AGENT_COUNTS if place.quick else plan.AGENT_COUNTS:
        for backend in plan.AGENT_BACKENDS:
            row, found = figure(f"{count} agents on {backend}", plan.agents(count, backend, env_steps, "--out", "{scratch}/agents"),
                                place, 120, read_agents)
            rows.append(row)
            if found:
                figures.append({"backend": backend} | found)
    return {"rows": rows, "figures": figures}


def most_agents(place):
    count, env_steps = (100, 1000) if place.quick else (plan.MOST_AGENTS, plan.MOST_AGENTS_ENV_STEPS)
    row, found = figure(f"{count} agents, {env_steps} steps each",
                        plan.agents(count, "cuda:fused", env_steps, "--out", "{scratch}/agents"), place, 400, read_agents)
    return {"rows": [row], "figures": [{"backend": "cuda:fused"} | found] if found else []}


def configurations():
    """Those of the measured train steps, as bench/peers has last written them down."""
    kept = json.loads((ROOT / "bench" / "results" / "peers.json").read_text())
    return [item["about"] for item in kept["parts"]["train-steps"]["items"].values()]


def peers(place):
    rows, figures = [], []
    for library in plan.PEERS:
        for batch in plan.QUICK_PEER_BATCHES if place.quick else plan.PEER_BATCHES:
            name = f"{library}'s train steps, a batch " + ("of its own" if batch is None else f"of {batch}")
            cases = [c if batch is None else c | {"batch": batch} for c in configurations()]
            file = place.scratch / f"{library}-{batch}.json"
            file.write_text(json.dumps(cases))
            words = [sys.executable, str(ROOT / "cuda" / "peers" / "train_steps.py"), library, str(file),
                     *(() if batch is None else ("--without", "torch.compile"))]  # which takes a minute to compile a size
            say(f"  {name} ...")
            done = run(words, 600)
            found = last_json(done.out)
            text = shown(words, place)
            if done.status != 0 or found is None:
                rows.append(Row(name, "failed", last_line(done, 600), done.seconds, text))
            elif "missing" in found:
                rows.append(Row(name, "left out", found["missing"], done.seconds, text))
                break
            else:
                refused = [f"{row['who']} {row['configuration']}" for row in found["rows"] if not row["accepted"]]
                rows.append(Row(name, "failed" if refused else "passed",
                                "other results than PyTorch's or JAX's first: " + ", ".join(refused) if refused else "", done.seconds, text))
                figures += [row | {"batch": batch} for row in found["rows"]]
    return {"rows": rows, "figures": figures}


def bars(gpu, parts):
    """What is promised, against what was measured: (name, figure, limit), of a GPU for which something is."""
    if plan.BARS_FOR not in gpu:
        return []
    found = []
    for figures in parts.get("train-steps", {}).get("figures", []):
        if figures["backend"] == "cuda" and figures["batch"] is None:
            found.append(("µs of the tutorial's train step as a graph", figures["us"]["tutorial"], plan.TUTORIAL_STEP_US))
    for figures in parts.get("most-agents", {}).get("figures", []):
        if figures["agents"] == plan.MOST_AGENTS and figures["env_steps"] == plan.MOST_AGENTS_ENV_STEPS:
            found.append((f"s for {plan.MOST_AGENTS:,} agents, {plan.MOST_AGENTS_ENV_STEPS:,} steps each",
                          figures["wall_seconds"], plan.MOST_AGENTS_SECONDS))
    return found


PARTS = {
    "suites": ("the contract's tests, checks and whole trainings on the device", suites),
    "sanitizer": ("compute-sanitizer's four tools", sanitizer),
    "train-steps": ("µs of train steps, batches of 32 to 65,536, as graphs and kernel by kernel", train_steps),
    "agents": ("agent steps a second, 1 to 16,384 agents", agents),
    "most-agents": ("10,000 agents, 50,000 steps each", most_agents),
    "peers": ("PyTorch and JAX on the same GPU, where they are installed", peers),
}
