"""The virtual environment with the peers, and the build of handgrad beside them."""

import os
import shutil
import subprocess
import sys

from .place import BUILD, PYTHON, ROOT, say

REQUIREMENTS = ROOT / "bench" / "peers" / "requirements.txt"
PROGRAMS = ["handgrad_program", "peers_handgrad", "peers_handgrad_environments", "peers_libtorch"]


def call(command, what):
    say(f"{what} ...")
    log = BUILD / "install.log"
    with log.open("a") as out:
        done = subprocess.run(list(map(str, command)), cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        tail = "\n".join(log.read_text().splitlines()[-20:])
        sys.exit(f"bench/peers/run: {what} failed ({' '.join(map(str, command))}); the end of {log}:\n{tail}")


def install_peers():
    """Once for each content of requirements.txt, which it keeps a copy of when all went well."""
    kept = BUILD / "venv" / "installed.txt"
    if kept.exists() and kept.read_text() == REQUIREMENTS.read_text():
        return
    if sys.version_info[:2] != (3, 11):
        sys.exit("bench/peers/run: the pinned versions are Python 3.11's, this is "
                 f"{sys.version_info[0]}.{sys.version_info[1]}: start it with python3.11")
    BUILD.mkdir(parents=True, exist_ok=True)
    if not PYTHON.exists():
        call([sys.executable, "-m", "venv", BUILD / "venv"], "making a virtual environment in build/peers/venv")
    call([PYTHON, "-m", "pip", "install", "--no-deps", "-r", REQUIREMENTS], "installing the peers (about 7 GB)")
    shutil.copy(REQUIREMENTS, kept)


def build_handgrad():
    torch = next((BUILD / "venv").glob("lib/python*/site-packages/torch"))
    call(["cmake", "-S", ROOT, "-B", BUILD / "handgrad", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DHANDGRAD_BENCH=ON",
          "-DHANDGRAD_TESTS=OFF", "-DHANDGRAD_EXAMPLES=OFF", f"-DHANDGRAD_LIBTORCH={torch}"], "configuring handgrad")
    jobs = os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL", str(os.cpu_count()))
    call(["cmake", "--build", BUILD / "handgrad", "-j", jobs, "--target", *PROGRAMS], "building handgrad")


def versions():
    """{package: version} as pinned."""
    lines = [line.split("#")[0].strip() for line in REQUIREMENTS.read_text().splitlines()]
    return dict(line.split("==") for line in lines if line)
