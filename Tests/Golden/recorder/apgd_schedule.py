#!/usr/bin/env python3
"""When APGD halves its step, worked out from the definition; prints the table in Tests/Robust/ApgdScheduleTests.cs.

Croce and Hein 2020 (arXiv 2003.01690): checkpoints w_j = p_j N with p_0 = 0, p_1 = 0.22 and
p_{j+1} = p_j + max(p_j - p_{j-1} - 0.03, 0.06); condition 1: the loss rose in fewer than rho of the steps since the
last checkpoint; condition 2: neither the step nor the best loss has changed since then.
"""
from fractions import Fraction as F

RHO = F(75, 100)


def losses(kind, seed, count):
    """A sequence of exact numbers: a trend plus noise of a linear congruential generator."""
    state, values = seed, []
    for i in range(count + 1):
        state = (1103515245 * state + 12345) % 2 ** 31
        noise = F(state >> 16, 2 ** 15) - F(1, 2)
        values.append({"rising": F(i, 4), "flat": F(0), "late": F(max(0, i - 60), 2),
                       "saturating": F(40 * i, i + 10)}[kind] + noise * {"flat": 4}.get(kind, 1))
    return values


def checkpoints(count):
    before, here, places = F(0), F(22, 100), []
    while here <= 1:
        places.append(int(here * count))
        before, here = here, here + max(here - before - F(3, 100), F(6, 100))
    return places


def halvings(values, count):
    result, last, step_before, best_before = [], 0, None, values[0]
    for place in checkpoints(count):
        rises = sum(values[i] > values[i - 1] for i in range(last + 1, place + 1))
        best = max(values[:place + 1])
        # "Neither changed" needs two checkpoints: the step of the interval before, and the best loss at its end.
        unchanged = step_before == "same" and best == best_before
        halve = rises <= RHO * (place - last) or unchanged
        if halve:
            result.append(place)
        last, step_before, best_before = place, "halved" if halve else "same", best
    return result


if __name__ == "__main__":
    for kind in ("rising", "flat", "late", "saturating"):
        for seed in (1, 7):
            print(f'    [TestCase("{kind}", {seed}, new[] {{ {", ".join(map(str, halvings(losses(kind, seed, 100), 100)))} }})]')
