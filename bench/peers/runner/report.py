"""The table of ratios, as Markdown for people and as JSON with everything that was measured."""

import json
import statistics

from .install import versions
from .place import RESULTS, ROOT, say


def ratio(row):
    """'2.41 [2.38, 2.45]': the median of the ratios within a round, and their quartiles."""
    low, median, high = row["ratio"]
    return f"{median:.2f} [{low:.2f}, {high:.2f}]" if median < 20 else f"{median:.0f} [{low:.0f}, {high:.0f}]"


def three_figures(x):
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}"


def table(header, rows, right):
    """Columns from `right` on are numbers."""
    rule = ["---:" if i >= right else "---" for i in range(len(header))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, rule, *rows])


def train_steps(part):
    """Two tables: how many times handgrad's time each takes, and the times."""
    items = part["items"].values()
    names = list(next(iter(items))["rows"])
    base = next(iter(items))["base"]
    about = [[c["about"]["name"], c["about"]["network"], str(c["about"]["batch"])] for c in items]

    def cell(row):
        return ratio(row) if row["accepted"] else f"refused: parameters differ by {row['difference_after_ten_steps']:.1e}"

    def time(row):
        return three_figures(1e6 * row["seconds"][1])

    others = [name for name in names if name != base]
    ratios = [a + [cell(c["rows"][name]) for name in others] for a, c in zip(about, items)]
    times = [a + [time(c["rows"][name]) for name in names] for a, c in zip(about, items)]
    head = ["train step", "network", "batch"]
    worst = max(row["difference_after_ten_steps"] for c in items for row in c["rows"].values())
    return f"""Forward online and target, TD target, loss, backward, clip, optimiser, target update; the batch lies ready. How many times the
time of `{base}` the others take: median [quartiles] of the ratio within a round.

{table(head + others, ratios, 2)}

Microseconds a step, medians:

{table(head + names, times, 2)}

A row counts only where the parameters after ten steps from the same start, on the same batches, are within 1e-4 of handgrad's; the
largest difference of all is {worst:.1e}."""


def environment_steps(part):
    rows = []
    for name, item in part["items"].items():
        for label, row in item["rows"].items():
            is_base = label == item["base"]
            rows.append([name, label, three_figures(row["steps_per_second"] / 1e6), "1" if is_base else ratio(row)])
    return f"""CartPole-v1, random actions drawn beforehand, observations, rewards, flags and resets written.
`single` is one environment behind its interface; `exact` has Gymnasium's bits, `fast` computes in float; `numpy` is Gymnasium's
vector class for CartPole, `sync` its vector of single environments, `scan` gymnax under jit, vmap and lax.scan. The last column says
how many times handgrad's time a step takes.

{table(["", "who", "million steps/s", "times the time of the first"], rows, 2)}"""


def whole_runs(parts):
    rows = []
    for part in parts:
        summary = part["items"]["summary"]
        ours, theirs = summary["rows"]["handgrad"], summary["rows"]["peer"]
        rows.append([summary["title"], f"`{summary['preset']}`", f"{summary['env_steps']:,}", str(ours["rounds"]),
                     three_figures(1 / ours["seconds"][1]), three_figures(1 / theirs["seconds"][1]), ratio(theirs)])
    return f"""Environment steps a second of training, environment and exploration included, a round a seed; CPU time of the peer's training loop
without its imports, and of handgrad's whole process. The last column says how many times handgrad's time the peer takes.

{table(["peer", "handgrad's preset", "steps", "seeds", "handgrad steps/s", "peer steps/s", "ratio"], rows, 2)}"""


def returns(part):
    rows = []
    for who, means in part["items"]["summary"]["means"].items():
        deviation = statistics.stdev(means) if len(means) > 1 else 0.0
        rows.append([who, str(len(means)), f"{statistics.mean(means):.1f} ± {deviation:.1f}", three_figures(statistics.median(means)),
                     three_figures(min(means)), three_figures(max(means))])
    return f"""What the same settings (`{part['items']['summary']['preset']}`) teach: the mean return of 100 greedy episodes of the last model, over seeds.

{table(["who", "seeds", "mean ± standard deviation", "median", "least", "most"], rows, 1)}"""


def origin(parts):
    """Where the figures come from; a line for each machine and build that had a part in them."""
    lines = []
    for name, part in parts.items():
        if name not in ("train-steps", "environments") and "summary" not in part["items"]:
            continue  # not done yet, and not in the tables
        m = part["machine"]
        build = m["handgrad"]
        lines.append(f"- {name}: {m['date']}, handgrad {m['commit']}, {m['cpu']}, one thread on core {m['core']}, {build['compiler']}, "
                     f"`{build['flags']}` (eigen backend: `{build['kernel_flags']}`), Python {m['python']}")
    v = versions()
    named = ["torch", "jax", "gymnasium", "stable_baselines3", "envpool", "gymnax", "numpy"]
    lines.append("- versions: " + ", ".join(f"{name} {v[name]}" for name in named))
    return "\n".join(lines)


def markdown(parts):
    text = ["# handgrad beside its peers", "Written by `bench/peers/run`; how to read it: "
            "[`bench/peers/README.md`](../peers/README.md).", origin(parts)]
    if "train-steps" in parts:
        text += ["## Train steps", train_steps(parts["train-steps"])]
    if "environments" in parts:
        text += ["## Environments", environment_steps(parts["environments"])]
    runs = [parts[name] for name in ("tutorial", "cleanrl", "zoo") if "summary" in parts.get(name, {"items": {}})["items"]]
    if runs:
        text += ["## Whole runs", whole_runs(runs)]
    if "summary" in parts.get("zoo-returns", {"items": {}})["items"]:
        text += ["## Returns", returns(parts["zoo-returns"])]
    return "\n\n".join(text) + "\n"


def times_faster(row):
    return f"{row['ratio'][1]:.1f}×" if row["ratio"][1] < 10 else f"{row['ratio'][1]:.0f}×"


def short(parts):
    """What the README at the root shows of it: two small tables."""
    steps, rest = [], []
    peers = {"JAX lax.scan": "JAX, 100 steps a call", "JAX jit": "JAX, a call a step", "libtorch": "PyTorch from C++",
             "PyTorch eager": "PyTorch"}
    for item in parts.get("train-steps", {"items": {}})["items"].values():
        rows, about = item["rows"], item["about"]
        steps.append([f"{about['network']}, batch {about['batch']}", three_figures(1e6 * rows[item["base"]]["seconds"][1]) + " µs",
                      *(times_faster(rows[name]) if rows[name]["accepted"] else "refused" for name in peers)])
    for name, item in parts.get("environments", {"items": {}})["items"].items():
        ours = [f"{three_figures(row['steps_per_second'] / 1e6)} ({label.split()[-1]})" for label, row in item["rows"].items()
                if label.startswith("handgrad")]
        for label, row in item["rows"].items():
            if not label.startswith("handgrad") and "sync" not in label:
                rest.append([f"CartPole, {name}", f"{', '.join(ours)} million steps/s", label, times_faster(row)])
    for name in ("tutorial", "cleanrl", "zoo"):
        summary = parts.get(name, {"items": {}})["items"].get("summary")
        if summary:
            ours = 1 / summary["rows"]["handgrad"]["seconds"][1]
            rest.append([f"training with `{summary['preset']}`", f"{ours:,.0f} steps/s", summary["title"],
                         times_faster(summary["rows"]["peer"])])
    return (table(["train step of DQN", "handgrad", *(f"beside {words}" for words in peers.values())], steps, 1) + "\n\n"
            + table(["what", "handgrad", "beside", "faster"], rest, 3))


def update_readme(parts):
    """Between the two comments that name this command."""
    path = ROOT / "README.md"
    text = path.read_text()
    first, last = "<!-- bench/peers/run: first -->\n", "<!-- bench/peers/run: last -->"
    if first in text and last in text:
        before, after = text.split(first)[0], text.split(last)[1]
        path.write_text(before + first + short(parts) + "\n" + last + after)


def write(parts):
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "peers.md").write_text(markdown(parts))
    (RESULTS / "peers.json").write_text(json.dumps({"versions": versions(), "parts": parts}, indent=1) + "\n")
    update_readme(parts)
    say(f"written: {RESULTS / 'peers.md'}, peers.json, and the tables of README.md")
