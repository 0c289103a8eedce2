#!/usr/bin/env python3
"""Our attacks beside the AutoAttack reference package: robust counts, classes, and processor time.

    attack_compare.py counts --reference-runs ref.jsonl --codat CODAT_DLL --weights F --data DIR --norm linf --eps 0.1
    attack_compare.py speed --codat CODAT_DLL --weights F --data DIR --eps 0.1 --reference DIR --pairs 7

`counts` reads what attack_worker.py wrote and runs `codat eval` once for each attack. It fails where our count is
farther than 3 (--slack) outside the range of the reference's seeds, or a class farther than 2, 3 in one class.
`speed` takes processor time, user and system, of APGD-CE on one thread: of the reference inside its process after the
imports, of ours as the difference between a run with the attack and one on clean images only, so that our start, load
and clean pass are left out and the compilation of the attack is in. Pairs alternate in which goes first.
"""
import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def codat(args, attacks, count):
    """The attacks' rows by name, and processor seconds of the process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["dotnet", args.codat, "eval", "--checkpoint", args.weights, "--data", args.data, "--norm", args.norm,
               "--eps", str(args.eps), "--step", str(args.step), "--limit", str(count), "--attack", attacks,
               "--threads", "1", "--device", "cpu", "--json", "--quiet"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    rows = {row["name"]: [c["correct"] for c in row["perClass"]] for row in json.loads(output)["attacks"]}
    return rows, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def by_class(line):
    """Images a reference run left right, of each class."""
    classes = max(line["labels"]) + 1
    return [sum(k for k, label in zip(line["kept"], line["labels"]) if label == c) for c in range(classes)]


def counts(args):
    lines = [json.loads(line) for line in pathlib.Path(args.reference_runs).read_text().splitlines()]
    is_fine = True
    print("| attack | reference (a seed each) | ours | seconds, reference | ours | farthest class |")
    print("| --- | --- | --- | --- | --- | --- |")
    for attack in dict.fromkeys(line["attack"] for line in lines):
        runs = [line for line in lines if line["attack"] == attack]
        rows, seconds = codat(args, attack, runs[0]["count"])
        ours, theirs = rows[attack], [by_class(run) for run in runs]
        robust = [run["robust"] for run in runs]
        off = [max(min(t[c] for t in theirs) - n, n - max(t[c] for t in theirs), 0) for c, n in enumerate(ours)]
        fine = min(robust) - args.slack <= sum(ours) <= max(robust) + args.slack
        fine = fine and max(off) <= 3 and sum(o > 2 for o in off) <= 1
        is_fine = is_fine and fine
        took = statistics.mean(run["cpuSeconds"] for run in runs) if "cpuSeconds" in runs[0] else float("nan")
        print(f"| {attack} | {', '.join(map(str, robust))} | {sum(ours)}{'' if fine else ' (outside)'} | {took:.0f} "
              f"| {seconds:.0f} | {max(off)} |", flush=True)
    return 0 if is_fine else 1


def reference_seconds(args, count):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "runs.jsonl"
        norm = {"linf": "Linf", "l2": "L2"}[args.norm]
        command = [args.python, str(HERE / "attack_worker.py"), "--weights", args.weights, "--data", args.data,
                   "--count", str(count), "--attacks", args.attack, "--seeds", "0", "--norm", norm,
                   "--eps", str(args.eps), "--threads", "1", "--out", str(out)]
        command += ["--reference", args.reference] if args.reference else []
        subprocess.run(command, check=True)
        return json.loads(out.read_text())["cpuSeconds"]


def our_seconds(args, count):
    return codat(args, "clean," + args.attack, count)[1] - codat(args, "clean", count)[1]


def speed(args):
    ratios = []
    for pair in range(args.pairs):
        order = (reference_seconds, our_seconds) if pair % 2 == 0 else (our_seconds, reference_seconds)
        took = {one.__name__: one(args, args.count) for one in order}
        theirs, ours = took["reference_seconds"], took["our_seconds"]
        ratios.append(theirs / ours)
        print(f"{args.attack}, {args.count} images: reference {theirs:.2f} s, ours {ours:.2f} s, "
              f"ratio {ratios[-1]:.2f}", flush=True)
    ratios.sort()
    print(f"median {statistics.median(ratios):.2f}, from {ratios[0]:.2f} to {ratios[-1]:.2f}, {len(ratios)} pairs")
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("counts", "speed"))
    parser.add_argument("--codat", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--norm", choices=("linf", "l2"), default="linf")
    parser.add_argument("--eps", type=float, required=True)
    parser.add_argument("--step", type=float, default=0.02)
    parser.add_argument("--reference-runs")
    parser.add_argument("--slack", type=int, default=3)
    parser.add_argument("--reference")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--attack", default="apgd-ce")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=7)
    args = parser.parse_args()
    return counts(args) if args.what == "counts" else speed(args)


if __name__ == "__main__":
    sys.exit(main())
