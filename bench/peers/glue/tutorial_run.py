"""DQN on CartPole in PyTorch as the tutorial of its web site goes about it: tutorial_run.py STEPS SEED

Our own loop with its hyperparameters and its habits: a deque of tensors as memory, random.sample, batches made with torch.cat, a
mask of the states that are not final, one optimiser step and one soft update an environment step. Prints the CPU and wall
seconds of the loop.
"""

import collections
import json
import math
import random
import sys
import time

import gymnasium
import torch
from torch import nn

BATCH, GAMMA, EPS_START, EPS_END, EPS_DECAY, TAU, LR, CAPACITY = 128, 0.99, 0.9, 0.01, 2500, 0.005, 3e-4, 10_000
Transition = collections.namedtuple("Transition", "observation action next_observation reward")


def network():
    return nn.Sequential(nn.Linear(4, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 2))


def choose(online, observation, steps):
    epsilon = EPS_END + (EPS_START - EPS_END) * math.exp(-steps / EPS_DECAY)
    if random.random() < epsilon:
        return torch.tensor([[random.randrange(2)]])
    with torch.no_grad():
        return online(observation).max(1).indices.view(1, 1)


def learn(online, target, optimizer, loss_function, memory):
    batch = Transition(*zip(*random.sample(memory, BATCH)))
    goes_on = torch.tensor([s is not None for s in batch.next_observation])
    values = online(torch.cat(batch.observation)).gather(1, torch.cat(batch.action))
    next_values = torch.zeros(BATCH)
    with torch.no_grad():
        next_values[goes_on] = target(torch.cat([s for s in batch.next_observation if s is not None])).max(1).values
    y = torch.cat(batch.reward) + GAMMA * next_values
    loss = loss_function(values, y.unsqueeze(1))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(online.parameters(), 100)
    optimizer.step()


def follow(online, target):
    ours, theirs = online.state_dict(), target.state_dict()
    for key in ours:
        theirs[key] = TAU * ours[key] + (1 - TAU) * theirs[key]
    target.load_state_dict(theirs)


def main(steps, seed):
    torch.set_num_threads(1)
    random.seed(seed)
    torch.manual_seed(seed)
    environment = gymnasium.make("CartPole-v1")
    online, target = network(), network()
    target.load_state_dict(online.state_dict())
    optimizer = torch.optim.AdamW(online.parameters(), lr=LR, amsgrad=True)
    loss_function = nn.SmoothL1Loss()
    memory = collections.deque(maxlen=CAPACITY)

    wall, cpu, episodes = time.perf_counter(), time.process_time(), 0
    observation = None
    for step in range(steps):
        if observation is None:
            state, _ = environment.reset(seed=seed if episodes == 0 else None)
            observation = torch.tensor(state, dtype=torch.float32).unsqueeze(0)
        action = choose(online, observation, step)
        state, reward, terminated, truncated, _ = environment.step(action.item())
        next_observation = None if terminated else torch.tensor(state, dtype=torch.float32).unsqueeze(0)
        memory.append(Transition(observation, action, next_observation, torch.tensor([reward], dtype=torch.float32)))
        observation = None if terminated or truncated else next_observation
        episodes += observation is None
        if len(memory) >= BATCH:
            learn(online, target, optimizer, loss_function, memory)
        follow(online, target)
    print(json.dumps({"env_steps": steps, "episodes": episodes, "wall": time.perf_counter() - wall,
                      "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
