"""Stable-Baselines3's DQN on CartPole-v1 with the settings tuned by RL Baselines3 Zoo: sb3_run.py STEPS SEED

Prints the CPU and wall seconds of learn(), and the returns of 100 greedy episodes after it.
"""

import json
import sys
import time

import gymnasium
import torch
from stable_baselines3 import DQN
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor

SETTINGS = {"learning_rate": 2.3e-3, "batch_size": 64, "buffer_size": 100_000, "learning_starts": 1000, "gamma": 0.99,
            "target_update_interval": 10, "train_freq": 256, "gradient_steps": 128, "exploration_fraction": 0.16,
            "exploration_final_eps": 0.04, "policy_kwargs": {"net_arch": [256, 256]}}


def main(steps, seed):
    torch.set_num_threads(1)
    model = DQN("MlpPolicy", gymnasium.make("CartPole-v1"), seed=seed, device="cpu", **SETTINGS)
    wall, cpu = time.perf_counter(), time.process_time()
    model.learn(total_timesteps=steps)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    environment = Monitor(gymnasium.make("CartPole-v1"))
    environment.reset(seed=10_000 + seed)
    returns, _ = evaluate_policy(model, environment, n_eval_episodes=100, deterministic=True, return_episode_rewards=True)
    print(json.dumps({"env_steps": model.num_timesteps, "train_steps": model._n_updates, "wall": wall, "cpu": cpu,
                      "mean_return": sum(returns) / len(returns)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
