"""What the environment contestants written in Python share. They answer the runner's request, a line:

  time KIND COUNT STEPS    STEPS steps of COUNT environments, warmed up    answer: WALL CPU REWARD, the last step's, summed
"""

import sys
import time

import numpy as np

WARM_UP_STEPS = 100


def random_actions(count, rows=64, dtype="int64"):
    """Drawn beforehand, they take turns."""
    return np.random.default_rng(1).integers(0, 2, (rows, count)).astype(dtype)


def serve(make):
    """make(kind, count) gives a function that makes so many steps and returns the last one's reward, summed."""
    runners = {}
    for line in sys.stdin:
        _, kind, count, steps = line.split()
        if (kind, count) not in runners:
            runners[kind, count] = make(kind, int(count))
        run = runners[kind, count]
        run(WARM_UP_STEPS)
        wall, cpu = time.perf_counter(), time.process_time()
        reward = run(int(steps))
        print(time.perf_counter() - wall, time.process_time() - cpu, reward, flush=True)
