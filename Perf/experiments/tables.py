#!/usr/bin/env python3
"""The tables of docs/experiments.md from what `codat compare` left behind.

    tables.py DIR [--table main|choice|weights|optimal|variance|groups|shifts] [--attack pgd-20] [--clean clean]

DIR holds compare.json. Numbers are percentages where a percentage makes sense, means over seeds, plus and minus the
standard deviation over seeds; in brackets the 95 % interval. The comparison's own rules (docs/compare.md) made all of
them: nothing is computed here.
"""
import argparse
import json
import pathlib


def percent(number, digits=1):
    return "" if number is None else f"{100 * number:.{digits}f}"


def plain(number, digits=2, sign=""):
    return "" if number is None else f"{number:{sign}.{digits}f}"


def chance(p):
    """A p-value; 4,000 replicates tell nothing below a thousandth."""
    return "< 0.001" if p is not None and p < 0.001 else plain(p, 3)


def spread_of(entry):
    """Mean and deviation over seeds; the deviation is absent with one seed."""
    deviation = entry.get("std")
    return percent(entry["mean"]) + (f" ± {percent(deviation)}" if deviation is not None else "")


def attack_of(run, name):
    return next((entry for entry in run["attacks"] if entry["name"] == name), None)


def finished(result):
    """Methods with at least one finished run."""
    return [run for run in result["runs"] if run["seeds"]]


def show(heads, rows):
    print("| " + " | ".join(heads) + " |")
    print("| " + " | ".join("---" for _ in heads) + " |")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def main_table(result, attack, clean):
    tests = {test["label"]: test for test in result["tests"] if test["attack"] == attack}
    rows = []
    for run in finished(result):
        hit, untouched, test = attack_of(run, attack), attack_of(run, clean), tests.get(run["label"])
        row = [run["label"], str(len(run["seeds"])), "" if untouched is None else spread_of(untouched["average"])]
        row += [spread_of(hit[key]) for key in ("average", "worst", "spread")]
        row.append(plain(hit["rho"], sign="+"))
        if test is None or test["worstDifference"] is None:
            row += ["", ""]
        else:
            low, high = (f"{100 * test[key]:+.1f}" for key in ("low", "high"))
            row += [f"{100 * test['worstDifference']:+.1f} [{low}, {high}]", chance(test["pCorrected"])]
        rows.append(row)
    show(["training", "seeds", "clean", f"{attack} average", f"{attack} worst class", "spread", "rho",
          f"worst against {result['baseline'] or 'its baseline'}", "p (Holm)"], rows)


def choice_table(result, attack, clean):
    """What numbers of a method are chosen by, beside what the test split says of the choice."""
    runs = finished(result)
    rows = [[run["label"], str(len(run["seeds"])), spread_of(run["validation"]),
             spread_of(attack_of(run, attack)["worst"])] for run in runs]
    show(["training", "seeds", f"worst class on validation, {runs[0]['validation']['attack']}",
          f"worst class on test, {attack}"], rows)


def weights_table(result, attack, clean, key="weights"):
    rows = []
    for run in finished(result):
        found = run[key]
        if found is None:
            continue
        numbers = [plain(found[key], 3) for key in ("min", "max")]
        rows.append([run["label"], str(len(run["seeds"])), plain(found["rankCorrelation"])] + numbers
                    + [plain(found["effective"]), percent(found["pointMass"])])
    show(["training", "seeds", "rank correlation with risk", "least", "largest", "effective classes",
          "of a point mass, %"], rows)


def optimal_table(result, attack, clean):
    """The worst weights p* for the class risks of the trained networks on the validation split."""
    weights_table(result, attack, clean, "optimalWeights")


def variance_table(result, attack, clean):
    rows = []
    for run in finished(result):
        found, hit = run["variance"], attack_of(run, attack)
        if found is None:
            continue
        rows.append([run["label"], str(len(run["seeds"])), plain(found["mean"], 3), plain(found["std"], 3),
                     plain(found["relative"]), spread_of(hit["average"]), spread_of(hit["worst"])])
    show(["training", "seeds", "variance of the class risks", "deviation over steps", "relative",
          f"{attack} average", f"{attack} worst class"], rows)


def groups_table(result, attack, clean):
    rows = []
    for run in finished(result):
        hit = attack_of(run, attack)
        groups, errors = hit["bimodality"], hit["errors"]
        gap, sarle, dip = groups["gap"], groups["coefficient"], groups["dip"]
        row = [run["label"], str(len(run["seeds"])), f"{percent(gap['width'])}: {gap['below']} and {gap['above']}"]
        row += ["", ""] if sarle is None else [f"{plain(sarle['value'])} [{plain(sarle['low'])}, {plain(sarle['high'])}]",
                                               plain(dip["p"])]
        for key in ("clean", "boundary", "similarity", "confusion"):
            entry = None if errors is None else errors.get(key)
            row.append("" if entry is None else plain(entry["mean"], sign="+"))
        rows.append(row)
    show(["training", "seeds", "widest gap: classes below and above", "Sarle's coefficient", "dip p", "clean error",
          "boundary error", "similarity", "confusion"], rows)


def shifts_table(result, attack, clean):
    runs = finished(result)
    names = [entry["name"] for entry in runs[0]["attacks"]]
    rows = []
    for name in names:
        row = [name]
        for run in runs:
            hit = attack_of(run, name)
            row += [spread_of(hit["average"]), spread_of(hit["worst"])]
        rows.append(row)
    show(["images"] + [f"{run['label']}, {what}" for run in runs for what in ("average", "worst class")], rows)


TABLES = {"main": main_table, "choice": choice_table, "weights": weights_table, "optimal": optimal_table,
          "variance": variance_table,
          "groups": groups_table, "shifts": shifts_table}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--table", choices=TABLES, default="main")
    parser.add_argument("--attack")
    parser.add_argument("--clean", default="clean")
    args = parser.parse_args()
    result = json.loads((args.folder / "compare.json").read_text())
    attack = args.attack or finished(result)[0]["attacks"][-1]["name"]
    TABLES[args.table](result, attack, args.clean)


if __name__ == "__main__":
    main()
