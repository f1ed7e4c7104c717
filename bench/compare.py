#!/usr/bin/env python3
"""Compare two result files of Google Benchmark, benchmark by benchmark.

    bench/compare.py bench/results/old.json bench/results/new.json
    bench/compare.py old.json new.json --relative-to floor/fma      two machines, or one that is noisy
    bench/compare.py old.json new.json --threshold 5 --time cpu

The files are what a benchmark program writes with

    --benchmark_out=FILE --benchmark_out_format=json --benchmark_repetitions=9

The time of a benchmark is its median: the aggregate called "median" where there is one, else the median over its
repetitions (a single run is its own median). The ratio is new / old: below 1 is faster, above 1 is slower. A benchmark is
flagged

    SLOWER   if its ratio exceeds 1 + threshold/100
    FAILED   if it has a time in the old file, but ended with an error in the new one

Ratios of times of different machines, or of one machine on a good and on a bad day, say nothing. With --relative-to NAME
every time is first divided by the time of benchmark NAME in the same file: what is compared is then how many times as long
as NAME each benchmark takes. Choose one that does nothing but arithmetic, such as the measured peak.

Benchmarks that only one file has are named below the table; they are no reason for a flag.

Exit code: 0 nothing is flagged, 1 something is, 2 bad input (one line on stderr says what).
"""

import argparse
import json
import math
import os
import statistics
import sys

NANOSECONDS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}


class BadInput(Exception):
    """What is wrong with the input, in one line."""


class Results:
    """The benchmarks of one file: times {name: median in ns} and failures {name: message}, in file order."""

    def __init__(self, path, clock):
        """clock: "real_time" or "cpu_time". Raises BadInput."""
        self.path = path
        self.times = {}
        self.failures = {}
        medians, repetitions = {}, {}
        for entry in read_entries(path):
            name = entry.get("run_name", entry.get("name"))
            if not isinstance(name, str):
                raise BadInput(f"{path}: a benchmark has no name; expected the JSON output of Google Benchmark")
            if entry.get("error_occurred") or entry.get("skipped"):
                self.failures[name] = str(entry.get("error_message") or entry.get("skip_message") or "no reason given")
            elif entry.get("run_type") != "aggregate":
                repetitions.setdefault(name, []).append(nanoseconds(path, name, entry, clock))
            elif entry.get("aggregate_name") == "median":
                medians.setdefault(name, []).append(nanoseconds(path, name, entry, clock))
        for name in dict.fromkeys([*repetitions, *medians]):
            if name not in self.failures:
                self.times[name] = statistics.median(medians.get(name) or repetitions[name])
        if not self.times and not self.failures:
            raise BadInput(f"{path}: no benchmarks in it with a time; was the benchmark filter too narrow?")

    def relative_to(self, name):
        """Divides every time by that of benchmark `name`. Raises BadInput if it has none."""
        if name in self.failures:
            raise BadInput(f"{self.path}: benchmark '{name}' of --relative-to ended with an error: {self.failures[name]}")
        if name not in self.times:
            known = ", ".join(self.times) or "none"
            raise BadInput(f"{self.path}: no benchmark '{name}' for --relative-to; there are: {known}")
        unit = self.times[name]
        self.times = {other: time / unit for other, time in self.times.items()}


def read_entries(path):
    """The list of benchmarks in the file. Raises BadInput."""
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:  # not UTF-8, or not JSON
        raise BadInput(f"{path}: not JSON: {error or 'nested too deeply'}") from None
    entries = content.get("benchmarks") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput(f"{path}: no list of \"benchmarks\"; expected the JSON output of Google Benchmark")
    return entries


def nanoseconds(path, name, entry, clock):
    """The time of one entry in ns. Raises BadInput unless it is a positive number in a known unit."""
    time, unit = entry.get(clock), entry.get("time_unit", "ns")
    # bool is a subclass of int: true is no time.
    if isinstance(time, bool) or not isinstance(time, (int, float)) or not math.isfinite(time) or time <= 0:
        raise BadInput(f"{path}: benchmark '{name}': {clock} must be a number above 0, found {time!r}")
    if unit not in NANOSECONDS:
        raise BadInput(f"{path}: benchmark '{name}': unknown time_unit {unit!r}; expected one of {', '.join(NANOSECONDS)}")
    return time * NANOSECONDS[unit]


def show(value, relative):
    """A time in the unit that suits it, or a multiple of the benchmark of --relative-to."""
    if relative:
        return f"{value:.4g} x"
    for unit in ("s", "ms", "us"):
        if value >= NANOSECONDS[unit]:
            return f"{value / NANOSECONDS[unit]:.4g} {unit}"
    return f"{value:.4g} ns"


def compare(old, new, threshold, relative):
    """Rows (name, old, new, ratio, flag) of text for all benchmarks with a time in the old file and something in the new."""
    rows = []
    for name, before in old.times.items():
        if name in new.times:
            ratio = new.times[name] / before
            flag = "SLOWER" if ratio > 1.0 + threshold / 100.0 else ""
            rows.append((name, show(before, relative), show(new.times[name], relative), f"{ratio:.3f}", flag))
        elif name in new.failures:
            rows.append((name, show(before, relative), "-", "-", f"FAILED: {new.failures[name]}"))
    return rows


def print_table(rows):
    header = ("benchmark", "old", "new", "new/old", "")
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(4)]
    for row in [header, *rows]:
        cells = [row[0].ljust(widths[0])] + [row[column].rjust(widths[column]) for column in (1, 2, 3)]
        print("  ".join(cells + [row[4]]).rstrip())


def print_leftovers(old, new):
    """Names what the table could not compare."""
    for one, other in ((old, new), (new, old)):
        names = [name for name in [*one.times, *one.failures] if name not in other.times and name not in other.failures]
        if names:
            print(f"only in {one.path}: {', '.join(names)}")
    for name, message in old.failures.items():
        if name in new.times or name in new.failures:
            print(f"failed in {old.path}, not compared: {name}: {message}")


def percentage(text):
    value = float(text)
    if not math.isfinite(value) or value < 0:
        raise argparse.ArgumentTypeError(f"expected a percentage of 0 or more, found {text}")
    return value


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", metavar="OLD", help="result file to compare with")
    parser.add_argument("new", metavar="NEW", help="result file in question")
    parser.add_argument("--threshold", type=percentage, default=10.0, metavar="PERCENT",
                        help="flag what takes more than PERCENT %% longer (default: 10)")
    parser.add_argument("--relative-to", metavar="NAME", help="divide the times of each file by that of its benchmark NAME")
    parser.add_argument("--time", choices=("real", "cpu"), default="real",
                        help="wall-clock time, or processor time of the main thread (default: real)")
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse_arguments(arguments)
    try:
        old, new = (Results(path, options.time + "_time") for path in (options.old, options.new))
        if options.relative_to is not None:
            old.relative_to(options.relative_to)
            new.relative_to(options.relative_to)
    except BadInput as error:
        print(f"compare.py: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    rows = compare(old, new, options.threshold, options.relative_to is not None)
    if not any(name in new.times or name in new.failures for name in [*old.times, *old.failures]):
        print(f"compare.py: {old.path} and {new.path} have no benchmark in common", file=sys.stderr)
        return 2
    print_table(rows)
    print_leftovers(old, new)
    flagged = sum(1 for row in rows if row[4])
    print(f"{len(rows)} compared, {flagged} flagged (threshold {options.threshold:g} %)")
    return 1 if flagged else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader (head, less) had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
