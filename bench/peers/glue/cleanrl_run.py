"""DQN on CartPole in PyTorch in the style of CleanRL's single-file scripts: cleanrl_run.py STEPS SEED

Our own script with its hyperparameters and its habits: a vector environment of one, a replay memory in NumPy arrays, a train
step every tenth step, a copy to the target network every 500th. Prints the CPU and wall seconds of the loop.
"""

import json
import random
import sys
import time

import gymnasium
import numpy as np
import torch
import torch.nn.functional as F
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from torch import nn

LR, CAPACITY, GAMMA, BATCH, LEARNING_STARTS, TRAIN_EVERY, COPY_EVERY = 2.5e-4, 10_000, 0.99, 128, 10_000, 10, 500
EPS_START, EPS_END, EPS_FRACTION = 1.0, 0.05, 0.5


class QNetwork(nn.Module):
    def __init__(self, observation_size, actions):
        super().__init__()
        self.network = nn.Sequential(nn.Linear(observation_size, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
                                     nn.Linear(84, actions))

    def forward(self, x):
        return self.network(x)


class ReplayMemory:
    def __init__(self, observation_size):
        self.observations = np.zeros((CAPACITY, observation_size), np.float32)
        self.next_observations = np.zeros((CAPACITY, observation_size), np.float32)
        self.actions = np.zeros((CAPACITY, 1), np.int64)
        self.rewards, self.terminated = np.zeros(CAPACITY, np.float32), np.zeros(CAPACITY, np.float32)
        self.added = 0

    def add(self, observation, next_observation, action, reward, terminated):
        i = self.added % CAPACITY
        self.observations[i], self.next_observations[i] = observation, next_observation
        self.actions[i], self.rewards[i], self.terminated[i] = action, reward, terminated
        self.added += 1

    def sample(self):
        rows = np.random.randint(0, min(self.added, CAPACITY), size=BATCH)
        arrays = self.observations, self.next_observations, self.actions, self.rewards, self.terminated
        return [torch.from_numpy(a[rows]) for a in arrays]


def main(steps, seed):
    torch.set_num_threads(1)
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    environments = SyncVectorEnv([lambda: gymnasium.wrappers.RecordEpisodeStatistics(gymnasium.make("CartPole-v1"))],
                                 autoreset_mode=AutoresetMode.SAME_STEP)
    environments.action_space.seed(seed)
    online, target = QNetwork(4, 2), QNetwork(4, 2)
    target.load_state_dict(online.state_dict())
    optimizer = torch.optim.Adam(online.parameters(), lr=LR)
    memory = ReplayMemory(4)

    wall, cpu, episodes = time.perf_counter(), time.process_time(), 0
    observations, _ = environments.reset(seed=seed)
    for step in range(steps):
        epsilon = max(EPS_START + (EPS_END - EPS_START) / (EPS_FRACTION * steps) * step, EPS_END)
        if random.random() < epsilon:
            actions = environments.action_space.sample()
        else:
            actions = torch.argmax(online(torch.Tensor(observations)), dim=1).numpy()
        next_observations, rewards, terminated, truncated, infos = environments.step(actions)
        ended = terminated[0] or truncated[0]
        episodes += int(ended)
        last = infos["final_obs"][0] if ended else next_observations[0]
        memory.add(observations[0], last, actions[0], rewards[0], terminated[0])
        observations = next_observations
        if step > LEARNING_STARTS:
            if step % TRAIN_EVERY == 0:
                s, s_next, a, r, done = memory.sample()
                with torch.no_grad():
                    y = r + GAMMA * target(s_next).max(dim=1).values * (1 - done)
                loss = F.mse_loss(y, online(s).gather(1, a).squeeze())
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            if step % COPY_EVERY == 0:
                for p, p_target in zip(online.parameters(), target.parameters()):
                    p_target.data.copy_(p.data)
    print(json.dumps({"env_steps": steps, "episodes": episodes, "wall": time.perf_counter() - wall,
                      "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
