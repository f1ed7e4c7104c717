"""PyTorch eager in the comparison of train steps: torch_train_step.py FOLDER [fused]

Written as a train step of DQN usually is. `fused` asks the optimiser for its one fused kernel, which few programs do.
"""

import sys

import numpy as np
import torch
from torch import nn

import worker


class Contestant:
    def __init__(self, start, fused):
        self.c = c = start.configuration
        self.online, self.target = self.network(start), self.network(start)
        o = c["optimizer"]
        settings = {"lr": o["lr"], "betas": (o["beta1"], o["beta2"]), "eps": o["eps"], "weight_decay": o["weight_decay"],
                    "amsgrad": o["amsgrad"]} | ({"fused": True} if fused else {})
        kind = torch.optim.AdamW if o["name"] == "adamw" else torch.optim.Adam
        self.optimizer = kind(self.online.parameters(), **settings)
        self.loss = nn.MSELoss() if c["loss"] == "mse" else nn.SmoothL1Loss()
        self.batches = [tuple(map(torch.from_numpy, batch)) for batch in
                        zip(start.observations, start.actions[:, :, None], start.rewards, start.discounts,
                            start.next_observations)]
        self.steps = 0

    @staticmethod
    def network(start):
        modules = []
        for weight, bias in start.layers():
            linear = nn.Linear(weight.shape[1], weight.shape[0])
            linear.weight.data, linear.bias.data = torch.from_numpy(weight), torch.from_numpy(bias)
            modules += [linear, nn.ReLU()]
        return nn.Sequential(*modules[:-1])

    def learn(self, observations, actions, rewards, discounts, next_observations):
        with torch.no_grad():
            y = rewards + discounts * self.target(next_observations).max(1).values
        loss = self.loss(self.online(observations).gather(1, actions).squeeze(1), y)
        self.optimizer.zero_grad()
        loss.backward()
        clip = self.c["clip"]
        if clip["kind"] == "value":
            nn.utils.clip_grad_value_(self.online.parameters(), clip["limit"])
        elif clip["kind"] == "norm":
            nn.utils.clip_grad_norm_(self.online.parameters(), clip["limit"])
        self.optimizer.step()

    def step(self, batch):
        self.learn(*batch)
        self.steps += 1
        if self.steps % self.c["target"]["every"] == 0:
            self.follow()

    def follow(self):
        with torch.no_grad():
            for p, p_target in zip(self.online.parameters(), self.target.parameters()):
                if self.c["target"]["kind"] == "soft":
                    p_target.lerp_(p, self.c["target"]["tau"])
                else:
                    p_target.copy_(p)

    def run(self, steps):
        for _ in range(steps):
            self.step(self.batches[self.steps % 10])

    def parameters(self):
        return np.concatenate([p.detach().numpy().ravel() for p in self.online.parameters()])


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    torch.set_flush_denormal(True)
    worker.serve(sys.argv[1], lambda start: Contestant(start, "fused" in sys.argv[2:]))
