"""Gymnasium's CartPole-v1: single (the environment that make() gives), sync (SyncVectorEnv) and numpy (its own vector class)."""

import gymnasium

import environment_worker


def single(_):
    environment = gymnasium.make("CartPole-v1")
    environment.reset(seed=1)
    actions = environment_worker.random_actions(64)[0].tolist()

    def run(steps):
        for i in range(steps):
            _, reward, terminated, truncated, _ = environment.step(actions[i % 64])
            if terminated or truncated:
                environment.reset()
        return reward

    return run


def vector(entry_point, count):
    environments = gymnasium.make_vec("CartPole-v1", num_envs=count, vectorization_mode=entry_point)
    environments.reset(seed=1)
    actions = list(environment_worker.random_actions(count))

    def run(steps):
        for i in range(steps):
            _, rewards, *_ = environments.step(actions[i % len(actions)])
        return rewards.sum()

    return run


KINDS = {"single": single, "sync": lambda count: vector("sync", count),
         "numpy": lambda count: vector("vector_entry_point", count)}

if __name__ == "__main__":
    environment_worker.serve(lambda kind, count: KINDS[kind](count))
