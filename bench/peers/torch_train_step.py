#!/usr/bin/env python3
"""Time the train step of train_step_bench.cpp in PyTorch, eager, on one thread.

    pip install torch
    taskset -c 1 bench/peers/torch_train_step.py

The same work: the batch lies ready; forward online and target, TD target, SmoothL1 loss, backward, clip by value, Adam, soft
target update in every step. Prints the median and the least CPU time a step in microseconds.
"""

import statistics
import time

import torch
from torch import nn

CONFIGURATIONS = {"tutorial": ([128, 128], 128), "zoo": ([256, 256], 64), "cleanrl": ([120, 84], 128),
                  "tf": ([100, 50], 64), "hadiji": ([128], 128), "rlmep": ([16, 16], 32)}
OBSERVATION_SIZE, ACTIONS, GAMMA, TAU = 4, 2, 0.99, 0.005
WARM_UP, STEPS, REPETITIONS = 50, 100, 15


def network(hidden):
    widths = [OBSERVATION_SIZE, *hidden, ACTIONS]
    layers = []
    for fan_in, fan_out in zip(widths, widths[1:]):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def train_step(hidden, batch):
    """A function that makes one train step."""
    online, target = network(hidden), network(hidden)
    target.load_state_dict(online.state_dict())
    optimizer = torch.optim.Adam(online.parameters(), lr=1e-3)
    loss_function = nn.SmoothL1Loss()
    observations, next_observations = torch.randn(batch, OBSERVATION_SIZE), torch.randn(batch, OBSERVATION_SIZE)
    actions = torch.randint(0, ACTIONS, (batch, 1))
    rewards, terminated = torch.ones(batch), torch.zeros(batch)

    def step():
        values = online(observations).gather(1, actions)
        with torch.no_grad():
            y = rewards + GAMMA * (1 - terminated) * target(next_observations).max(1).values
        loss = loss_function(values, y.unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(online.parameters(), 100)
        optimizer.step()
        with torch.no_grad():
            for p, p_target in zip(online.parameters(), target.parameters()):
                p_target.mul_(1 - TAU).add_(p, alpha=TAU)

    return step


def main():
    torch.set_num_threads(1)
    print(f"PyTorch {torch.__version__}, eager, one thread")
    for name, (hidden, batch) in CONFIGURATIONS.items():
        step = train_step(hidden, batch)
        for _ in range(WARM_UP):
            step()
        times = []
        for _ in range(REPETITIONS):
            start = time.process_time()
            for _ in range(STEPS):
                step()
            times.append((time.process_time() - start) / STEPS * 1e6)
        print(f"{name:10} median {statistics.median(times):8.1f} us   least {min(times):8.1f} us", flush=True)


if __name__ == "__main__":
    main()
