"""EnvPool's CartPole-v1, synchronous, with one thread."""

import envpool

import environment_worker


def make(_, count):
    environments = envpool.make_gymnasium("CartPole-v1", num_envs=count, num_threads=1, seed=1)
    environments.reset()
    actions = list(environment_worker.random_actions(count, dtype="int32"))

    def run(steps):
        for i in range(steps):
            _, rewards, *_ = environments.step(actions[i % len(actions)])
        return rewards.sum()

    return run


if __name__ == "__main__":
    environment_worker.serve(make)
