"""Train steps: the same parameters, the same batches, the same core, turn by turn."""

import array
import json
import math
import statistics
import struct
import subprocess

from .contestant import Contestant
from .place import BUILD, GLUE, PROGRAMS, PYTHON, say
from .rounds import compare, play

WORK = BUILD / "train-steps"
TOLERANCE = 1e-4  # parameters after ten steps: a row with a larger difference is refused
SLICE = 0.05      # seconds of a measurement, about


def commands(backend):
    """What to start, by name. The two of JAX that share a name differ in how parameters are kept; the faster one plays."""
    torch, jax = GLUE / "torch_train_step.py", GLUE / "jax_train_step.py"
    ours = {"handgrad " + name: [[PROGRAMS / "peers_handgrad", "serve", WORK, name]] for name in dict.fromkeys([backend, "eigen"])}
    return ours | {
        "JAX lax.scan": [[PYTHON, jax, WORK, "scan", shape] for shape in ("tree", "flat")],
        "JAX jit": [[PYTHON, jax, WORK, "jit", shape] for shape in ("tree", "flat")],
        "libtorch": [[PROGRAMS / "peers_libtorch", "serve", WORK]],
        "PyTorch eager": [[PYTHON, torch, WORK]],
        "PyTorch eager, fused Adam": [[PYTHON, torch, WORK, "fused"]],
    }


def read_parameters(path):
    """The one array of a safetensors file, with nothing but the standard library."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    begin, end = json.loads(data[8:8 + length])["parameters"]["data_offsets"]
    values = array.array("f")
    values.frombytes(data[8 + length + begin:8 + length + end])
    return values


def after_ten_steps(contestant, configuration):
    path = WORK / f"after-ten-steps-{contestant.process.pid}.safetensors"
    contestant.ask("check", configuration["name"], path)
    parameters = read_parameters(path)
    path.unlink()
    return parameters


def largest_difference(a, b):
    """Not a number if there is one in it: max() would lose it."""
    differences = [abs(x - y) for x, y in zip(a, b, strict=True)]
    return math.nan if any(map(math.isnan, differences)) else max(differences)


def timed(contestant, name, steps):
    """A measurement of that many steps: (wall, CPU) seconds a step."""
    return lambda: tuple(seconds / steps for seconds in contestant.seconds("time", name, steps))


def steps_of_a_slice(contestant, name):
    """Hundreds of steps that take about SLICE: a hundred is what a call of lax.scan makes, and a hard update's period."""
    contestant.ask("time", name, 100)
    _, cpu = contestant.seconds("time", name, 100)
    return 100 * max(1, round(SLICE / cpu))


def fastest(variants, name):
    """The one with the smallest median of a few rounds among themselves."""
    if len(variants) == 1:
        return variants[0]
    times = play({c: timed(c, name, steps_of_a_slice(c, name)) for c in variants}, rounds=7)
    return min(variants, key=lambda c: statistics.median(cpu for _, cpu in times[c]))


def compare_configuration(configuration, contestants, base, rounds):
    name = configuration["name"]
    chosen = {who: fastest(variants, name) for who, variants in contestants.items()}
    ours = after_ten_steps(chosen[base], configuration)
    measures = {who: timed(c, name, steps_of_a_slice(c, name)) for who, c in chosen.items()}
    rows = compare(play(measures, rounds), base)
    for who, contestant in chosen.items():
        difference = largest_difference(after_ten_steps(contestant, configuration), ours)
        rows[who] |= {"difference_after_ten_steps": difference, "accepted": difference <= TOLERANCE,
                      "command": " ".join(map(str, contestant.process.args[1:])).replace(str(WORK), "FOLDER").replace(str(GLUE) + "/", ""),
                      "threads": contestant.check_pinned()}
    return rows


def run(core, arguments, kept):
    """Yields (name, item) for each configuration that kept(name) does not know yet."""
    backend, rounds = arguments.backend, arguments.rounds or (3 if arguments.quick else 15)
    WORK.mkdir(parents=True, exist_ok=True)
    program = PROGRAMS / "peers_handgrad"
    subprocess.run([program, "write", WORK], check=True)
    text = subprocess.run([program, "configurations"], check=True, capture_output=True, text=True).stdout
    (WORK / "configurations.json").write_text(text)
    base = "handgrad " + backend
    contestants = {who: [Contestant(who, command, core) for command in all] for who, all in commands(backend).items()}
    for configuration in json.loads(text):
        name = configuration["name"]
        if kept(name) is None:
            say(f"train step {name}: {rounds} rounds")
            rows = compare_configuration(configuration, contestants, base, rounds)
            yield name, {"about": configuration, "base": base, "rows": rows}
    for variants in contestants.values():
        for contestant in variants:
            contestant.close()
