#!/usr/bin/env python3
"""The table of docs/experiments.md from what `codat compare` left behind.

    tables.py DIR [--attack pgd-20] [--clean clean]

DIR holds compare.json. Numbers are percentages, means over seeds, plus and minus the standard deviation over seeds;
in brackets the 95 % interval. The comparison's own rules (docs/compare.md) made all of them: nothing is computed here.
"""
import argparse
import json
import pathlib


def percent(number, digits=1):
    return "" if number is None else f"{100 * number:.{digits}f}"


def spread_of(entry):
    """Mean and deviation over seeds; the deviation is absent with one seed."""
    deviation = entry.get("std")
    return percent(entry["mean"]) + (f" ± {percent(deviation)}" if deviation is not None else "")


def row_of(run, clean, attack, test):
    named = {entry["name"]: entry for entry in run["attacks"]}
    hit = named[attack]
    cells = [run["label"], str(len(run["seeds"]))]
    cells.append(spread_of(named[clean]["average"]) if clean in named else "")
    cells += [spread_of(hit[key]) for key in ("average", "worst", "spread")]
    cells.append("" if hit["rho"] is None else f"{hit['rho']:+.2f}")
    if test is None:
        return cells + ["", ""]
    difference = f"{100 * test['worstDifference']:+.1f} [{100 * test['low']:+.1f}, {100 * test['high']:+.1f}]"
    return cells + [difference, f"{test['pCorrected']:.3f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--attack")
    parser.add_argument("--clean", default="clean")
    args = parser.parse_args()
    result = json.loads((args.folder / "compare.json").read_text())
    attack = args.attack or result["runs"][0]["attacks"][-1]["name"]
    tests = {test["label"]: test for test in result["tests"] if test["attack"] == attack}
    heads = ["training", "seeds", "clean", f"{attack} average", f"{attack} worst class", "spread", "rho",
             f"worst against {result['baseline']}", "p (Holm)"]
    print("| " + " | ".join(heads) + " |")
    print("| " + " | ".join("---" for _ in heads) + " |")
    for run in result["runs"]:
        print("| " + " | ".join(row_of(run, args.clean, attack, tests.get(run["label"]))) + " |")


if __name__ == "__main__":
    main()
