"""A contestant is a process that stays warm and answers a line to a line, so that measurements can take turns."""

import os
import pathlib
import subprocess
import sys
import tempfile

from .place import start


class Contestant:
    def __init__(self, name, command, core):
        self.name, self.core = name, core
        self.errors = tempfile.TemporaryFile("w+")
        self.process = start(command, core, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, bufsize=1)

    def ask(self, *words):
        try:
            self.process.stdin.write(" ".join(map(str, words)) + "\n")
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self.process.wait()
            self.errors.seek(0)
            sys.exit(f"bench/peers/run: {self.name} gave up at '{' '.join(map(str, words))}':\n{self.errors.read()[-2000:]}")
        return answer.split()

    def seconds(self, *words):
        """(wall, CPU) of a request that is timed."""
        wall, cpu = map(float, self.ask(*words)[:2])
        return wall, cpu

    def check_pinned(self):
        """Every thread of the process may run on the one core and no other; the number of threads."""
        tasks = list(pathlib.Path(f"/proc/{self.process.pid}/task").iterdir())
        for task in tasks:
            allowed = os.sched_getaffinity(int(task.name))
            if allowed != {self.core}:
                sys.exit(f"bench/peers/run: a thread of {self.name} may run on cores {sorted(allowed)}, not on {self.core} alone")
        return len(tasks)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.errors.close()
