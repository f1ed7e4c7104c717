"""Whole runs: environment, exploration, replay and learning, round by round on one core, a round a seed.

The clock is CPU time: of the peer's training loop alone, without its imports; of handgrad's whole process, start and files
included.
"""

import shutil

from .place import BUILD, GLUE, PROGRAMS, PYTHON, ROOT, last_json, say
from .rounds import compare

RUNS = BUILD / "runs"


def peer(script, steps, seed, core):
    answer, _ = last_json([PYTHON, GLUE / script, steps, seed], core)
    return answer


def handgrad(preset, settings, steps, seed, arguments, core):
    """A run of a preset for so many environment steps, without evaluations."""
    folder = RUNS / f"{preset}-{seed}"
    shutil.rmtree(folder, ignore_errors=True)
    settings = {"train.episodes": 0, "train.env_steps": steps, "eval.every_episodes": 0, "eval.final_episodes": 1} | settings
    command = [PROGRAMS / "handgrad", "train", ROOT / "presets" / f"{preset}.toml", "--seed", seed, "--backend",
               arguments.backend, "--out", folder, "--quiet", "--json"]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    answer, cpu = last_json(command, core, {"PATH": ""})  # where no gnuplot is found: pictures are not what is compared
    wall = answer["env_steps"] / answer["env_steps_per_second"]
    return {"env_steps": answer["env_steps"], "train_steps": answer["train_steps"], "wall": wall, "cpu": cpu}, folder


def both(title, script, preset, steps, default_rounds, core, arguments, kept, settings={}):
    """Yields an item a seed, then "summary"."""
    rounds = arguments.rounds or (1 if arguments.quick else default_rounds)
    seeds = {}
    for seed in range(1, rounds + 1):
        item = kept(f"seed {seed}")
        if item is None:
            say(f"{title}: seed {seed} of {rounds}")
            ours, _ = handgrad(preset, settings, steps, seed, arguments, core)
            item = {"handgrad": ours, "peer": peer(script, steps, seed, core)}
            yield f"seed {seed}", item
        seeds[seed] = item
    times = {who: [(s[who]["wall"] / s[who]["env_steps"], s[who]["cpu"] / s[who]["env_steps"]) for s in seeds.values()]
             for who in ("handgrad", "peer")}
    yield "summary", {"title": title, "preset": preset, "script": script, "env_steps": steps, "backend": arguments.backend,
                      "rows": compare(times, "handgrad")}


def tutorial(core, arguments, kept):
    yield from both("PyTorch's DQN tutorial", "tutorial_run.py", "cartpole-dqn-tutorial", 2000 if arguments.quick else 5000, 15,
                    core, arguments, kept)


def cleanrl(core, arguments, kept):
    steps = 20_000 if arguments.quick else 50_000
    yield from both("CleanRL's style", "cleanrl_run.py", "cartpole-dqn-cleanrl", steps, 15, core, arguments, kept,
                    {"epsilon.span": steps // 2})


# Of whole rollouts of 256 steps, as Stable-Baselines3 finishes the one it has begun.
ZOO_STEPS = 50_000
ZOO_SETTINGS = {"train.env_steps": 50_176}


def zoo(core, arguments, kept):
    yield from both("Stable-Baselines3, tuned", "sb3_run.py", "cartpole-dqn-zoo", ZOO_STEPS, 5, core, arguments, kept, ZOO_SETTINGS)


def zoo_returns(core, arguments, kept):
    """What the models of those runs reach: the mean of 100 greedy episodes, a seed at a time."""
    seeds = range(1, 1 + (arguments.rounds or (1 if arguments.quick else 20)))
    means = {"handgrad": [], "Stable-Baselines3": []}
    for seed in seeds:
        for who, all_means in means.items():
            item = kept(f"{who} seed {seed}")
            if item is None:
                say(f"returns of {who}: seed {seed} of {len(seeds)}")
                if who == "handgrad":
                    item, folder = handgrad("cartpole-dqn-zoo", ZOO_SETTINGS, ZOO_STEPS, seed, arguments, core)
                    command = [PROGRAMS / "handgrad", "eval", folder, "--episodes", 100, "--model", "last", "--json"]
                    item["mean_return"] = last_json(command, core)[0]["return_mean"]
                else:
                    item = peer("sb3_run.py", ZOO_STEPS, seed, core)
                yield f"{who} seed {seed}", item
            all_means.append(item["mean_return"])
    yield "summary", {"preset": "cartpole-dqn-zoo", "means": means}
