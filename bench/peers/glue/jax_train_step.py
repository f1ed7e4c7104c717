"""JAX in the comparison of train steps: jax_train_step.py FOLDER jit|scan tree|flat

  jit    one compiled call a step, batches and parameters lying on the device, buffers donated
  scan   a compiled call makes a hundred steps in lax.scan, over ten times the ten batches; a hard target update comes after it
  tree   parameters and optimiser state are an array a layer
  flat   they are one array each, and the layers are cut out of it: fewer kernels, more copies

The optimiser is written out with jnp, as torch.optim defines it (optax.adam was no faster).
"""

import functools
import sys

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

import worker

STEPS_A_CALL = 100


def forward(layers, x):
    for i, (weight, bias) in enumerate(layers):
        x = x @ weight + bias
        if i + 1 < len(layers):
            x = jax.nn.relu(x)
    return x


def loss(c, online, target, batch):
    observations, actions, rewards, discounts, next_observations = batch
    y = rewards + discounts * jnp.max(forward(target, next_observations), axis=1)
    q = forward(online, observations)
    error = jnp.where(actions == 0, q[:, 0], q[:, 1]) - jax.lax.stop_gradient(y)
    if c["loss"] == "mse":
        return jnp.mean(error * error)
    size = jnp.abs(error)
    return jnp.mean(jnp.where(size < 1, 0.5 * error * error, size - 0.5))


def clip(c, gradients):
    kind, limit = c["clip"]["kind"], c["clip"]["limit"]
    if kind == "value":
        return jax.tree.map(lambda g: jnp.clip(g, -limit, limit), gradients)
    if kind == "norm":
        norm = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(gradients)))
        factor = jnp.minimum(1.0, limit / (norm + 1e-6))
        return jax.tree.map(lambda g: g * factor, gradients)
    return gradients


def adam(o, p, g, state):
    """Adam, or AdamW, and AMSGrad on the raw second moment. The state keeps beta1^t and beta2^t."""
    m, v, v_max, power1, power2 = state
    power1, power2 = power1 * o["beta1"], power2 * o["beta2"]
    m = jax.tree.map(lambda m, g: o["beta1"] * m + (1 - o["beta1"]) * g, m, g)
    v = jax.tree.map(lambda v, g: o["beta2"] * v + (1 - o["beta2"]) * g * g, v, g)
    v_max = jax.tree.map(jnp.maximum, v_max, v) if o["amsgrad"] else v_max
    step, scale = o["lr"] / (1 - power1), jax.lax.rsqrt(1 - power2)
    keep = 1 - o["lr"] * o["weight_decay"]
    p = jax.tree.map(lambda p, m, v: keep * p - step * m / (jnp.sqrt(v) * scale + o["eps"]), p, m,
                     v_max if o["amsgrad"] else v)
    return p, (m, v, v_max, power1, power2)


def train_step(c, layers_of, state, batch):
    online, target, optimizer = state
    gradients = jax.grad(lambda p: loss(c, layers_of(p), layers_of(target), batch))(online)
    online, optimizer = adam(c["optimizer"], online, clip(c, gradients), optimizer)
    if c["target"]["kind"] == "soft":
        tau = c["target"]["tau"]
        target = jax.tree.map(lambda t, p: t + tau * (p - t), target, online)
    return online, target, optimizer


@functools.cache
def compiled(name, start, flat):
    """The functions of a configuration, compiled once a process."""
    c = start.configuration
    layers = [(weight.T, bias) for weight, bias in start.layers()]
    layers_of = ravel_pytree(layers)[1] if flat else lambda p: p
    step = functools.partial(train_step, c, layers_of)
    hard = c["target"]["kind"] == "hard"
    follow = jax.jit(lambda state: (state[0], jax.tree.map(jnp.copy, state[0]), state[2]), donate_argnums=0)

    def scan(state, batches):
        state = jax.lax.scan(lambda s, batch: (step(s, batch), None), state, batches)[0]
        return (state[0], jax.tree.map(jnp.copy, state[0]), state[2]) if hard else state

    return jax.jit(step, donate_argnums=0), follow, jax.jit(scan, donate_argnums=0), layers_of


class Contestant:
    starts = {}

    def __init__(self, start, mode, flat):
        start = self.starts.setdefault(start.configuration["name"], start)
        self.c, self.mode = start.configuration, mode
        self.step, self.follow, self.scan, self.layers_of = compiled(self.c["name"], start, flat)
        layers = [(weight.T, bias) for weight, bias in start.layers()]
        self.state = self.initial_state(ravel_pytree(layers)[0] if flat else layers)
        arrays = (start.observations, start.actions.astype("int32"), start.rewards, start.discounts, start.next_observations)
        self.batches = [tuple(jnp.array(a[i]) for a in arrays) for i in range(10)]
        self.stacked = tuple(jnp.array(np.concatenate([a] * (STEPS_A_CALL // 10))) for a in arrays)
        self.steps = 0

    def initial_state(self, parameters):
        online, target = (jax.tree.map(jnp.array, parameters) for _ in range(2))
        zeros = lambda: jax.tree.map(jnp.zeros_like, online)
        return online, target, (zeros(), zeros(), zeros() if self.c["optimizer"]["amsgrad"] else (), jnp.float32(1),
                                jnp.float32(1))

    def run(self, steps):
        if self.mode == "scan" and steps % STEPS_A_CALL == 0:
            for _ in range(steps // STEPS_A_CALL):
                self.state = self.scan(self.state, self.stacked)
        elif self.mode == "scan":  # a check's few steps: the same function over as many batches
            self.state = self.scan(self.state, tuple(a[:steps] for a in self.stacked))
        else:
            hard = self.c["target"]["kind"] == "hard"
            for _ in range(steps):
                self.state = self.step(self.state, self.batches[self.steps % 10])
                self.steps += 1
                if hard and self.steps % self.c["target"]["every"] == 0:
                    self.state = self.follow(self.state)
        jax.block_until_ready(self.state)

    def parameters(self):
        layers = self.layers_of(self.state[0])
        return np.concatenate([np.asarray(a).ravel() for weight, bias in layers for a in (weight.T, bias)])


if __name__ == "__main__":
    folder, mode, shape = sys.argv[1:]
    worker.serve(folder, lambda start: Contestant(start, mode, shape == "flat"))
