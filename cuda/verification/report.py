"""bench/results/<gpu>.json and .md: what there is of every part, the latest of each."""

import dataclasses
import json

from . import plan

PART_TITLES = {
    "suites": "Does it compute what it should", "sanitizer": "Is it clean", "train-steps": "Train steps",
    "agents": "Many agents", "most-agents": "As many agents as promised", "peers": "PyTorch and JAX on the same GPU",
}


def plain(result):
    """A part's result as JSON has it."""
    return result | {"rows": [dataclasses.asdict(row) for row in result["rows"]]}


class Results:
    """The file of a GPU. Parts that are not run again stay, each with the date and commit that it was measured with."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        path = folder / f"{name}.json"
        self.content = json.loads(path.read_text()) if path.exists() else {"parts": {}}

    def keep(self, part, machine, command, result):
        self.content["parts"][part] = {"machine": machine, "command": command} | plain(result)

    def write(self, bars):
        self.content["bars"] = [{"what": what, "figure": figure, "limit": limit, "met": figure <= limit}
                                for what, figure, limit in bars]
        self.folder.mkdir(parents=True, exist_ok=True)
        for ending, text in ((".json", json.dumps(self.content, indent=1) + "\n"), (".md", markdown(self.content))):
            path = self.folder / (self.name + ending)
            beside = path.with_suffix(path.suffix + ".new")
            beside.write_text(text)
            beside.replace(path)


def table(heads, rows):
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in [heads, *rows]]
    lines.insert(1, "|" + "|".join("---" if i == 0 else "---:" for i in range(len(heads))) + "|")
    return "\n".join(lines) + "\n"


def brief(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" if value < 10 else f"{value:.1f}"


def checks(part):
    lines = []
    for row in part["rows"]:
        lines.append((row["name"], row["status"], row["about"], f"{row['seconds']:.0f} s"))
    return table(("what", "", "", ""), lines)


def troubles(part):
    bad = [row for row in part["rows"] if row["status"] != "passed"]
    return "".join(f"- {row['status']}: {row['name']}: {row['about']}\n" for row in bad) + ("\n" if bad else "")


def train_steps(part):
    lines = [(f["backend"], "own" if f["batch"] is None else f"{f['batch']:,}",
              *(brief(f["us"].get(name)) for name in plan.CONFIGURATIONS)) for f in part["figures"]]
    return ("Median µs of a train step. `cuda` records whole steps as graphs, `cuda:stream` launches kernel by kernel. A batch \"own\" is "
            "the one that the configuration has.\n\n" + table(("backend", "batch", *plan.CONFIGURATIONS), lines))


def agents(part):
    lines = [(f["backend"], f"{f['agents']:,}", f"{f['env_steps']:,}", brief(f["agent_steps_per_second"]), brief(f["wall_seconds"]),
              brief(f["agent_steps_per_second"] / plan.MOST_AGENTS_ENV_STEPS), brief(f["solved"])) for f in part["figures"]]
    return ("CartPole, 4-64-64-2, a batch of 64 learnt at every environment step. All seconds count, from the start of the program to its "
            "end; agents a second are those of "
            f"{plan.MOST_AGENTS_ENV_STEPS:,} steps each.\n\n"
            + table(("backend", "agents", "steps of each", "agent steps a second", "s", "agents a second", "solved"), lines))


def peers(part):
    lines = [(f["who"], "own" if f["batch"] is None else f"{f['batch']:,}", f["configuration"], brief(f["us"]),
              f"{f['difference']:.1e}", "" if f["accepted"] else "refused") for f in part["figures"]]
    return ("Median µs of the same train steps; the difference is that of parameters after ten steps from those of the row's library's "
            "first program.\n\n" + table(("who", "batch", "train step", "µs", "difference", ""), lines))


FIGURES = {"train-steps": train_steps, "agents": agents, "most-agents": agents, "peers": peers}


def measured(part):
    m = part["machine"]
    return (f"{m['date']}, commit {m['commit']}, driver {m['driver']}, CUDA {m['cuda']}, host {m['cpu']}: `{part['command']}`\n\n")


def markdown(content):
    parts = {name: content["parts"][name] for name in PART_TITLES if name in content["parts"]}
    machine = next(iter(parts.values()))["machine"]
    text = [f"# {machine['gpu']}\n\nWritten by `cuda/verify`. Compute capability {machine['capability']}, "
            f"{machine['multiprocessors']} multiprocessors, {machine['memory_gib']} GiB.\n\n"]
    if content["bars"]:
        text.append(table(("promised", "measured", "limit", ""),
                          [(b["what"], brief(b["figure"]), b["limit"], "met" if b["met"] else "NOT MET") for b in content["bars"]]) + "\n")
    for name, part in parts.items():
        text.append(f"## {PART_TITLES[name]}\n\n" + measured(part))
        if name in FIGURES:
            text.append(troubles(part) + (FIGURES[name](part) + "\n" if part["figures"] else ""))
        else:
            text.append(checks(part) + "\n")
    return "".join(text).rstrip("\n") + "\n"
