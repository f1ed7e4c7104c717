"""CartPole-v1: environment steps a second, random actions drawn beforehand, resets of ended episodes included."""

from .contestant import Contestant
from .place import GLUE, PROGRAMS, PYTHON, say
from .rounds import compare, play

SLICE = 0.1  # seconds of a measurement, about
OURS, GYMNASIUM, ENVPOOL, GYMNAX = "handgrad", "Gymnasium", "EnvPool", "gymnax"

COMMANDS = {
    OURS: [PROGRAMS / "peers_handgrad_environments"],
    GYMNASIUM: [PYTHON, GLUE / "gymnasium_steps.py"],
    ENVPOOL: [PYTHON, GLUE / "envpool_steps.py"],
    GYMNAX: [PYTHON, GLUE / "gymnax_steps.py"],
}

# Comparison: environments at a time, and who takes part in what kind; ratios are to the first.
COMPARISONS = {
    "single": (1, [(OURS, "single"), (GYMNASIUM, "single")]),
    "1,024 environments": (1024, [(OURS, "exact"), (OURS, "fast"), (GYMNASIUM, "numpy"), (GYMNASIUM, "sync"),
                                  (ENVPOOL, "vector"), (GYMNAX, "scan")]),
    "2,048 environments": (2048, [(OURS, "exact"), (OURS, "fast"), (GYMNASIUM, "numpy"), (GYMNAX, "scan")]),
}


def steps_of_a_slice(contestant, kind, count):
    """Hundreds of steps, as many as a call of gymnax makes."""
    contestant.ask("time", kind, count, 100)
    _, cpu = contestant.seconds("time", kind, count, 100)
    return 100 * max(1, round(SLICE / max(cpu, 1e-6)))


def timed(contestant, kind, count, steps):
    """(wall, CPU) seconds of one step of one environment."""
    return lambda: tuple(seconds / (steps * count) for seconds in contestant.seconds("time", kind, count, steps))


def run(core, arguments, kept):
    rounds = arguments.rounds or (3 if arguments.quick else 15)
    contestants = {who: Contestant(who, command, core) for who, command in COMMANDS.items()}
    for name, (count, kinds) in COMPARISONS.items():
        if kept(name) is None:
            say(f"environments, {name}: {rounds} rounds")
            labels = {f"{who} {kind}": (contestants[who], kind) for who, kind in kinds}
            measures = {label: timed(c, kind, count, steps_of_a_slice(c, kind, count)) for label, (c, kind) in labels.items()}
            rows = compare(play(measures, rounds), next(iter(labels)))
            for label, (contestant, _) in labels.items():
                rows[label] |= {"steps_per_second": 1 / rows[label]["seconds"][1], "threads": contestant.check_pinned()}
            yield name, {"environments": count, "base": next(iter(labels)), "rows": rows}
    for contestant in contestants.values():
        contestant.close()
