#!/usr/bin/env python3
"""clang-tidy over every source of a compile_commands.json, several at a time.

A source that was clean is not looked at again until something of what the compiler reads of it, headers included, or of what is
looked for has changed: CLEAN is the folder that remembers. What is found in a header is found in every source that includes
it, and said once. The last line counts; the exit status is 1 if anything was found.
"""

import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
NOT_A_FINDING = re.compile(r"^(\d+ warnings?|Suppressed |Use -)")


def what_the_compiler_reads(entry):
    """With its comments, for NOLINT is one. None if it does not compile."""
    words = shlex.split(entry["command"])
    words[words.index("-o"):words.index("-o") + 2] = []
    words.remove("-c")
    done = subprocess.run([*words, "-E", "-C"], cwd=entry["directory"], capture_output=True)
    return done.stdout if done.returncode == 0 else None


def looked_for(source):
    """What .clang-tidy says in its folder and in those above, as far as the project goes."""
    files = (folder / ".clang-tidy" for folder in source.parents if folder.is_relative_to(ROOT))
    return b"".join(file.read_bytes() for file in files if file.exists())


def look_at(entry, commands, clean, version):
    """(whether it was looked at now, what was found)"""
    text = what_the_compiler_reads(entry)
    stamp = text and clean / hashlib.sha256(
        version + looked_for(pathlib.Path(entry["file"])) + entry["command"].encode() + text).hexdigest()
    if stamp and stamp.exists():
        return False, ""
    done = subprocess.run(["clang-tidy", "-p", commands, "--quiet", "--warnings-as-errors=*", entry["file"]], capture_output=True, text=True)
    if done.returncode == 0 and stamp:
        stamp.touch()
    if done.returncode == 0:
        return True, ""
    return True, f"{done.stdout}{done.stderr}{entry['file']}: clang-tidy ended with status {done.returncode}\n"


def findings(output, seen):
    """Its lines, without what was said before and what is none; with paths as they are in the project."""
    lines = []
    new = True
    for line in output.splitlines():
        line = re.sub(r"[^/ ]+/\.\./", "", line.replace(f"{ROOT}/", "").replace("build/analysis/include/handgrad/", ""))
        if NOT_A_FINDING.match(line):
            new = False
            continue
        if re.search(r": (error|warning): ", line):
            new = line not in seen
            seen.add(line)
        if new:
            lines.append(line)
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commands", type=pathlib.Path, help="the folder of compile_commands.json")
    parser.add_argument("clean", type=pathlib.Path, help="the folder that remembers what was clean")
    parser.add_argument("--jobs", type=int, default=1, help="sources at a time (1)")
    options = parser.parse_args()
    entries = json.loads((options.commands / "compile_commands.json").read_text())
    options.clean.mkdir(parents=True, exist_ok=True)
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout

    seen, now, bad = set(), 0, 0
    pool = concurrent.futures.ThreadPoolExecutor(options.jobs)
    try:
        for looked, output in pool.map(lambda entry: look_at(entry, options.commands, options.clean, version), entries):
            now, bad = now + looked, bad + bool(output)
            for line in findings(output, seen):
                print(line, flush=True)
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C, what has not begun does not begin
    print(f"{len(entries)} sources, {now} of them looked at now, {bad} with findings")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
