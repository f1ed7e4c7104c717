"""Rounds in which contestants take turns, and what is said of them: medians and quartiles of ratios within a round."""

import statistics


def quartiles(values):
    """[first quartile, median, third quartile]"""
    if len(values) == 1:
        return [values[0]] * 3
    return statistics.quantiles(values, n=4, method="inclusive")


def play(measures, rounds, say=lambda text: None):
    """measures: {name: function giving (wall, cpu) seconds a unit}. Returns {name: [(wall, cpu) of each round]}.

    Who begins changes from round to round, so that nobody always comes after the same neighbour.
    """
    names = list(measures)
    times = {name: [] for name in names}
    for i in range(rounds):
        for name in names[i % len(names):] + names[:i % len(names)]:
            times[name].append(measures[name]())
        say(f"round {i + 1} of {rounds}")
    return times


def compare(times, base):
    """A row for each contestant: its CPU seconds a unit, and how many times those of `base` they are, round by round."""
    rows = {}
    for name, measured in times.items():
        cpu = [cpu for _, cpu in measured]
        ratios = [cpu / base_cpu for (_, cpu), (_, base_cpu) in zip(measured, times[base])]
        rows[name] = {"seconds": quartiles(cpu), "ratio": quartiles(ratios), "rounds": len(cpu),
                      "wall_over_cpu": statistics.median(wall / cpu for wall, cpu in measured)}
    return rows
