"""Everything that cuda/verify runs, as tables. {program}, {tests}, {kernel_tests}, {kill_and_resume}, {presets} and {scratch} are filled in."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Command:
    name: str
    words: tuple
    reads: str = "exit"  # how it says whether all is well: "catch2", "counted", "check", "solved", or "exit" by its status alone
    limit: int = 300     # seconds


def train(preset, *words):
    return ("{program}", "train", "{presets}/" + preset + ".toml", "--quiet", "--json", *words)


def settings(*assignments):
    return tuple(word for a in assignments for word in ("--set", a))


# What agents are measured with: CartPole, 4-64-64-2, a batch of 64 learnt at every step. Both ways of training them take it.
AGENT = settings("net.hidden=[64, 64]", "dqn.batch_size=64", "dqn.n_step=1", "dqn.replay_capacity=10000", "eval.episodes=1",
                 "eval.final_episodes=1")


def agents(count, backend, env_steps, *words):
    return train("cartpole", "--seeds", str(count), "--backend", backend, *AGENT,
                 *settings(f"train.env_steps={env_steps}"), *words)


# --- does it compute what it should?
SUITES = [
    Command("the contract of every backend, on the device too", ("{tests}", "*backend*"), "catch2", 600),
    Command("every gradient, every operation beside the reference", ("{program}", "check", "--json"), "check"),
    Command("kernels on the emulated GPU", ("{kernel_tests}",), "catch2"),
    Command("every operation of a whole training beside the reference",
            train("cartpole-dqn-tutorial", "--backend", "checked:cuda", "--out", "{scratch}/checked",
                  *settings("train.env_steps=600", "eval.every_env_steps=0", "eval.final_episodes=1"))),
    Command("a training on cuda learns", train("cartpole", "--backend", "cuda", "--seed", "3", "--out", "{scratch}/learns"), "solved"),
    Command("trainings killed and gone on with are those that nobody disturbed",
            ("{kill_and_resume}", "--program", "{program}", "--backend", "cuda", "--kills", "22"), "counted"),
]

# An agent's parameters are the same bits alone and at any place among others: K agents from a seed on, and one of these seeds.
ALONE_AND_TOGETHER = [(backend, together, alone) for backend in ("cuda", "cuda:fused") for together, alone in ((5, 3), (64, 64))]
ALONE_ENV_STEPS = 2000

# --- is it clean? Each of these under each tool, within about a minute.
SANITIZERS = {
    "memcheck": ("--tool", "memcheck"),
    "racecheck": ("--tool", "racecheck"),
    "initcheck": ("--tool", "initcheck"),
    "synccheck": ("--tool", "synccheck"),
}
SANITIZED = [
    Command("operations worked out by hand", ("{tests}", "Every backend computes *"), "catch2", 180),
    Command("a training, as graphs", train("cartpole-dqn-tutorial", "--backend", "cuda", "--out", "{scratch}/graphs",
                                           *settings("train.env_steps=400", "eval.every_env_steps=0", "eval.final_episodes=1")), limit=180),
    Command("a training, kernel by kernel", train("cartpole-dqn-zoo", "--backend", "cuda:stream", "--out", "{scratch}/stream",
                                                  *settings("train.env_steps=1300", "eval.every_env_steps=0", "eval.final_episodes=1")), limit=180),
    Command("many agents", agents(3, "cuda", 400, "--out", "{scratch}/agents"), limit=180),
    Command("many agents, a block each", agents(3, "cuda:fused", 400, "--out", "{scratch}/fused"), limit=180),
]

# --- how fast is it?
CONFIGURATIONS = ("tutorial", "zoo", "cleanrl", "tf", "hadiji", "rlmep")
TRAIN_STEP_BACKENDS = ("cuda", "cuda:stream")  # whole steps as graphs; launched one kernel at a time
BATCHES = (32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)
QUICK_BATCHES = (32, 1024, 65536)


def train_steps(backend, batch=None):
    """Without a batch, each configuration has its own."""
    size = () if batch is None else ("--batch", str(batch))
    return ("{program}", "bench", *CONFIGURATIONS, "--backend", backend, *size, "--rounds", "3", "--json")


AGENT_BACKENDS = ("cuda", "cuda:fused")
# (K, environment steps of each): fewer where many learn, so that each takes some seconds.
AGENT_COUNTS = ((1, 2000), (4, 2000), (16, 2000), (64, 2000), (256, 2000), (1024, 2000), (4096, 1000), (16384, 500))
QUICK_AGENT_COUNTS = ((1, 500), (256, 500))

# --- what is promised of a GPU whose name contains this.
BARS_FOR = "H100"
TUTORIAL_STEP_US = 40
MOST_AGENTS, MOST_AGENTS_ENV_STEPS, MOST_AGENTS_SECONDS = 10_000, 50_000, 60

# --- and the peers, where they are installed: bench/peers' train steps on the GPU.
PEERS = ("torch", "jax")
PEER_BATCHES = (None, 1024, 16384, 65536)  # None: each configuration's own
QUICK_PEER_BATCHES = (None,)
