"""gymnax's CartPole-v1: jit of lax.scan of vmap of step, a hundred steps a call.

Observations, rewards and flags are carried from step to step, so that they are written; actions are drawn beforehand. Its step
resets by itself and needs a random key an environment and step.
"""

import gymnax
import jax
import jax.numpy as jnp

import environment_worker

STEPS_A_CALL = 100


def make(_, count):
    environment, parameters = gymnax.make("CartPole-v1")
    keys = jax.random.split(jax.random.key(1), count)
    observations, state = jax.vmap(environment.reset, in_axes=(0, None))(keys, parameters)
    actions = jnp.asarray(environment_worker.random_actions(count, STEPS_A_CALL, "int32"))
    step_all = jax.vmap(environment.step, in_axes=(0, 0, 0, None))

    def step(carry, action):
        key, state, *_ = carry
        key, of_step = jax.random.split(key)
        o, state, reward, terminated, truncated, _ = step_all(jax.random.split(of_step, count), state, action, parameters)
        return (key, state, o, reward, terminated, truncated), None

    scan = jax.jit(lambda carry: jax.lax.scan(step, carry, actions)[0], donate_argnums=0)
    flags = jnp.zeros(count, bool)
    carry = (jax.random.key(2), state, observations, jnp.zeros(count), flags, flags.copy())

    def run(steps):
        nonlocal carry
        for _ in range(steps // STEPS_A_CALL):
            carry = scan(carry)
        return float(carry[3].sum())

    return run


if __name__ == "__main__":
    environment_worker.serve(make)
