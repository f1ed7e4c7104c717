"""What the contestants written in Python share: starting points and the runner's requests (see train_step_worker.h)."""

import json
import pathlib
import sys
import time

CHECKED_STEPS, WARM_UP_STEPS = 10, 100


class StartingPoint:
    """A configuration (as peers_handgrad prints it), parameters [P] and ten batches as NumPy arrays."""

    def __init__(self, folder, name):
        from safetensors.numpy import load_file  # here, for whoever makes starting points in another way
        folder = pathlib.Path(folder)
        everything = json.loads((folder / "configurations.json").read_text())
        self.configuration = next(c for c in everything if c["name"] == name)
        arrays = load_file(folder / f"{name}.safetensors")
        self.parameters = arrays["parameters"]
        self.observations, self.next_observations = arrays["observations"], arrays["next_observations"]
        self.actions = arrays["actions"].astype("int64")
        self.rewards, self.discounts = arrays["rewards"], arrays["discounts"]

    def layers(self):
        """Weight [out, in] and bias [out] of each layer."""
        sizes, at, layers = self.configuration["sizes"], 0, []
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            weight = self.parameters[at:at + fan_in * fan_out].reshape(fan_out, fan_in)
            at += fan_in * fan_out
            layers.append((weight.copy(), self.parameters[at:at + fan_out].copy()))
            at += fan_out
        return layers


def serve(folder, make_contestant):
    """make_contestant(start) gives an object with run(steps), which returns when they are done, and parameters() [P]."""
    from safetensors.numpy import save_file
    for line in sys.stdin:
        request, name, what = line.split()
        contestant = make_contestant(StartingPoint(folder, name))
        if request == "check":
            contestant.run(CHECKED_STEPS)
            save_file({"parameters": contestant.parameters()}, what)
            print("done", flush=True)
        else:
            contestant.run(WARM_UP_STEPS)
            wall, cpu = time.perf_counter(), time.process_time()
            contestant.run(int(what))
            print(time.perf_counter() - wall, time.process_time() - cpu, flush=True)
