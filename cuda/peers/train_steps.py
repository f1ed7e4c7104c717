"""The measured train steps in PyTorch or JAX on a GPU: train_steps.py torch|jax FILE [--without PROGRAM]

FILE has the configurations as a list in JSON (those of bench/peers, batches of any size). The last line of the output is one JSON
object: rows with the median and the least µs of a step, and how far parameters are from the first program's after ten steps; or
what is missing. What a library does in a step is what bench/peers/glue has it do on a CPU, with all arrays on the device; here too
batches lie ready and take turns. Products are in float: no TF32.
"""

import argparse
import json
import pathlib
import statistics
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench" / "peers" / "glue"))

TOLERANCE = 1e-3  # parameters after ten steps, of which the fourth is a hundred times as large as the others
ROUNDS, SECONDS = 7, 0.05


def make_start(configuration):
    import numpy as np
    import worker

    class Start(worker.StartingPoint):
        def __init__(self):
            self.configuration = configuration
            random, batch, sizes = np.random.default_rng(1), configuration["batch"], configuration["sizes"]
            self.parameters = np.concatenate([random.uniform(-1, 1, (fan_in + 1) * fan_out) / fan_in ** 0.5
                                              for fan_in, fan_out in zip(sizes, sizes[1:])]).astype("float32")
            scale = np.where(np.arange(10) == 3, 100, 1)[:, None, None]
            self.observations, self.next_observations = ((scale * random.normal(size=(10, batch, sizes[0]))).astype("float32")
                                                         for _ in range(2))
            self.actions = random.integers(0, 2, (10, batch))
            self.rewards = (scale[:, :, 0] * random.normal(size=(10, batch))).astype("float32")
            self.discounts = np.where(random.random((10, batch)) < 0.05, 0, 0.99).astype("float32")

    return Start()


def torch_programs(device):
    """{name: make(start)}. Throws ImportError."""
    import torch
    import torch_train_step

    if device == "cuda" and not torch.cuda.is_available():
        raise ImportError(f"torch {torch.__version__} sees no GPU")

    class Eager(torch_train_step.Contestant):
        def __init__(self, start, fused=False):
            super().__init__(start, fused)
            self.batches = [tuple(x.to(device) for x in batch) for batch in self.batches]

        @staticmethod
        def network(start):
            return torch_train_step.Contestant.network(start).to(device)

        def run(self, steps):
            super().run(steps)
            if device == "cuda":
                torch.cuda.synchronize()

        def parameters(self):
            return torch.cat([p.detach().cpu().ravel() for p in self.online.parameters()]).numpy()

    class Compiled(Eager):
        def __init__(self, start):
            super().__init__(start)
            self.learn = torch.compile(self.learn)

    class Graph(Eager):
        """A whole step captured once and replayed; batches are copied to where the graph reads them."""

        def __init__(self, start):
            super().__init__(start, fused=True)
            for group in self.optimizer.param_groups:
                group["capturable"] = True
            self.inputs = tuple(x.clone() for x in self.batches[0])
            kept = [p.detach().clone() for p in self.online.parameters()]
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):  # what is allocated at the first step must not be captured
                for _ in range(3):
                    self.learn(*self.inputs)
            torch.cuda.current_stream().wait_stream(side)
            with torch.no_grad():  # back to the beginning
                for p, before in zip(self.online.parameters(), kept):
                    p.copy_(before)
                for state in self.optimizer.state.values():
                    for value in state.values():
                        value.zero_()
            self.soft = self.c["target"]["kind"] == "soft" and self.c["target"]["every"] == 1
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.learn(*self.inputs)
                if self.soft:
                    self.follow()

        def step(self, batch):
            for to, x in zip(self.inputs, batch):
                to.copy_(x)
            self.graph.replay()
            self.steps += 1
            if not self.soft and self.steps % self.c["target"]["every"] == 0:
                self.follow()

    programs = {"PyTorch eager": Eager, "PyTorch eager, fused Adam": lambda start: Eager(start, fused=True),
                "PyTorch torch.compile": Compiled}
    return programs | ({"PyTorch CUDA graph": Graph} if device == "cuda" else {})


def jax_programs(device):
    import jax
    if device == "cuda" and jax.default_backend() != "gpu":
        raise ImportError(f"jax {jax.__version__} sees no GPU")
    jax.config.update("jax_default_matmul_precision", "highest")
    import jax_train_step

    def program(mode, flat):
        def make(start):
            jax_train_step.compiled.cache_clear()
            jax_train_step.Contestant.starts.clear()  # the same name has another batch now
            return jax_train_step.Contestant(start, mode, flat)
        return make

    return {f"JAX {name}{', one array' if flat else ''}": program(mode, flat)
            for mode, name in (("jit", "jit"), ("scan", "lax.scan")) for flat in (False, True)}


def step_seconds(program, rounds):
    """Of rounds of hundreds of steps, one step: a hundred is what a call of lax.scan makes."""
    program.run(100)
    begun = time.perf_counter()
    program.run(100)
    steps = 100 * max(1, round(SECONDS / (time.perf_counter() - begun)))
    measured = []
    for _ in range(rounds):
        begun = time.perf_counter()
        program.run(steps)
        measured.append((time.perf_counter() - begun) / steps)
    return measured


def measure(programs, configurations, rounds=ROUNDS):
    import numpy as np
    rows = []
    for configuration in configurations:
        start, first = make_start(configuration), None
        for who, make in programs.items():
            program = make(start)
            program.run(10)
            parameters = program.parameters()
            first = parameters if first is None else first
            difference = float(np.max(np.abs(parameters - first)))
            seconds = step_seconds(program, rounds)
            rows.append({"who": who, "configuration": configuration["name"], "us": 1e6 * statistics.median(seconds),
                         "least_us": 1e6 * min(seconds), "difference": difference, "accepted": bool(difference <= TOLERANCE)})
    return rows


def main(words):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", choices=("torch", "jax"))
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--without", action="append", default=[], metavar="PROGRAM", help="leave this one out; torch.compile, for example")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"), help="cpu: to try the script where there is no GPU")
    chosen = parser.parse_args(words)
    try:
        programs = {"torch": torch_programs, "jax": jax_programs}[chosen.library](chosen.device)
    except ImportError as missing:
        print(json.dumps({"missing": str(missing)}))
        return
    programs = {who: make for who, make in programs.items() if not any(left_out in who for left_out in chosen.without)}
    print(json.dumps({"rows": measure(programs, json.loads(chosen.file.read_text()))}))


if __name__ == "__main__":
    main(sys.argv[1:])
