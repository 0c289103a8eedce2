#!/usr/bin/env python3
"""Tables of the GPU runs. table.py speed FILE.jsonl | table.py training EVAL.json..."""
import json, os, re, statistics, sys


def speed(path):
    lines = [json.loads(line) for line in open(path) if "imagesPerSecond" in line or "images_per_second" in line]
    ours, theirs = {}, {}
    for line in lines:
        if line["side"] == "codat":
            ours.setdefault((line["precision"], line["objective"], line["determinism"]), []).append(line)
        else:
            theirs.setdefault((line["precision"], line["mode"]), []).append(line)
    print(f"{'':26} {'images/s':>10} {'spread':>16} {'peak MB':>8} {'launches':>9}")

    def row(name, rates, peak, launches=""):
        print(f"{name:26} {statistics.median(rates):10.0f} {min(rates):7.0f}-{max(rates):<8.0f} {peak / 1e6:8.0f} {launches:>9}")
        return statistics.median(rates), peak

    best = {}
    for (precision, mode), found in sorted(theirs.items()):
        rate = row(f"torch {precision} {mode}", [f["images_per_second"] for f in found], max(f["peak_bytes"] or 0 for f in found))
        best[precision] = max(best.get(precision, (0, 0, "")), (*rate, mode))
    eager = {p: max(f["peak_bytes"] or 0 for f in found) for (p, mode), found in theirs.items() if mode == "eager"}
    codat = {}
    for (precision, objective, determinism), found in sorted(ours.items()):
        phases = {k: statistics.median(f["phases"][k] for f in found) for k in found[0]["phases"]}
        codat[precision, objective, determinism] = row(f"codat {precision} {objective} {determinism[:4]}", [f["imagesPerSecond"] for f in found],
                                          max(f["peakBytes"] for f in found), found[0].get("graphNodes") or found[0].get("launches", ""))
        total = sum(phases.values()) or 1
        print(f"{'':26} " + ", ".join(f"{k} {1e3 * v:.2f} ms ({100 * v / total:.0f} %)" for k, v in phases.items()))
    print()
    for (precision, objective, determinism), (mine, peak) in codat.items():
        if objective == "codat" and precision in best:
            rate, _, mode = best[precision]
            memory = f", memory {100 * peak / eager[precision]:.0f} % of eager's" if eager.get(precision) else ""
            print(f"{precision} {determinism}: {mine / rate:.2f} times the best PyTorch ({mode}){memory}")
        plain = codat.get((precision, "at", determinism))
        if objective == "codat" and plain:
            print(f"{precision} {determinism}: a CODAT step takes {100 * (plain[0] / mine - 1):+.2f} % over plain AT")


def training(paths):
    results = {}
    for path in paths:
        found = re.match(r"eval-(.+)-s(\d+)-(best|last)\.json", os.path.basename(path))
        if found:
            results[found.groups()] = json.load(open(path))
    print(f"{'method':8} {'seed':>4} {'weights':8} {'attack':8} {'average':>8} {'worst':>7}  per class, %")
    for (method, seed, which), result in sorted(results.items(), key=lambda r: (r[0][2], r[0][1], r[0][0])):
        for attack in result["attacks"]:
            classes = " ".join(f"{100 * c['accuracy']:5.1f}" for c in attack["perClass"] if c["accuracy"] is not None)
            print(f"{method:8} {seed:>4} {which:8} {attack['name']:8} {100 * attack['average']:8.2f} {100 * attack['worst']:7.2f}  {classes}")


{"speed": lambda a: speed(a[0]), "training": training}[sys.argv[1]](sys.argv[2:])
