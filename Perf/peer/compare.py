#!/usr/bin/env python3
"""Our training step against PyTorch's, fairly: pairs of short samples that alternate in one run.

  dotnet build -c Release Codat/Cli
  /usr/bin/python3 Perf/peer/compare.py [--models resnet18 small-cnn] [--threads 1 2] [--pairs 15] [--out pairs.jsonl]

A sample of ours is one `codat profile --json` process, a sample of PyTorch's one request to a long-lived worker
(torch_worker.py, one for each memory format); both take one warm-up step and the same number of timed ones, and give
their median. Only one side runs at a time; the order rotates from pair to pair. A ratio is our time divided by
PyTorch's in the same pair, below 1 where we are faster. Prints JSON lines, then a table. `othersCpu` is how many
processors everything else on the machine used meanwhile: above 0.1 or so, two-thread figures mean nothing, because an
OpenMP program waits at every barrier for the thread that was pushed aside.
"""
import argparse
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
CODAT = HERE.parents[1] / "Codat" / "Cli" / "bin" / "Release" / "net10.0" / "codat"
# model: batch, timed steps a sample (about a second or two of work each)
MODELS = {"resnet18": (32, 1), "medium-cnn": (128, 2), "small-cnn": (128, 10)}
FORMATS = ("nchw", "nhwc")


def start(command, option, **arguments):
    try:
        return subprocess.Popen(command, **arguments)
    except OSError as error:
        sys.exit(f"compare.py: cannot start {command[0]}: {error.strerror}; give one with {option}")


class Worker:
    """A PyTorch process that waits for requests and does nothing in between."""

    def __init__(self, args, model, batch, threads, layout):
        threads = str(threads)
        environment = os.environ | {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        command = [*shlex.split(args.python), str(HERE / "torch_worker.py"), "--model", model, "--batch", str(batch),
                   "--threads", threads, "--format", layout, "--objective", args.objective, "--steps", str(args.steps)]
        self.process = start(
            command, "--python", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        self.about = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("compare.py: the PyTorch worker ended; is this a Python with torch? Give one with --python.")
        return json.loads(line)

    def sample(self, rounds):
        self.process.stdin.write(f"sample {rounds}\n")
        self.process.stdin.flush()
        answer = self.answer()
        return answer | {"seconds": statistics.median(answer["seconds"])}

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def ours(args, model, batch, threads, rounds):
    """One run of `codat profile`; its peak resident memory as the kernel counted it."""
    command = [*shlex.split(args.codat), "profile", "--model", model, "--batch", str(batch), "--objective",
               args.objective, "--steps", str(args.steps), "--rounds", str(rounds), "--device", "cpu", "--threads",
               str(threads), "--json"]
    with tempfile.TemporaryFile("w+") as output:
        process = start(command, "--codat", stdout=output)
        # wait4 and not wait: it alone tells the memory of this child.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode != 0:
        sys.exit(f"compare.py: {shlex.join(command)} ended with {process.returncode}: {text.strip()}")
    try:
        seconds = json.loads(text)["secondsPerStep"]["median"]
    except (ValueError, KeyError):
        sys.exit(f"compare.py: {shlex.join(command)} printed no secondsPerStep: {text.strip()[:200]}")
    return {"seconds": seconds, "cpuSeconds": usage.ru_utime + usage.ru_stime,
            "peakBytes": usage.ru_maxrss * 1024}


def busy_seconds():
    """Processor time that this machine spent on anything, stolen time included."""
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, system, _, _, irq, softirq, steal = (int(field) for field in stat.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def watched(sample):
    """A sample, with the number of processors that others used meanwhile."""
    start, busy = time.monotonic(), busy_seconds()
    result = sample()
    others = busy_seconds() - busy - result["cpuSeconds"]
    return result | {"othersCpu": max(0.0, others) / (time.monotonic() - start)}


def spread(values):
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def measure(args, model, threads, emit):
    """All pairs of one model and thread count; a summary for each memory format."""
    batch, rounds = MODELS[model]
    workers = {layout: Worker(args, model, batch, threads, layout) for layout in FORMATS}
    sides = {"codat": lambda: ours(args, model, batch, threads, rounds)}
    sides |= {layout: (lambda worker=worker: worker.sample(rounds)) for layout, worker in workers.items()}
    names, samples = list(sides), {name: [] for name in sides}
    for name in names:  # files read, libraries loaded, memory grown: not part of any pair
        sides[name]()
    for pair in range(args.pairs):
        turn = pair % len(names)
        for name in names[turn:] + names[:turn]:
            sample = watched(sides[name])
            samples[name].append(sample)
            emit({"kind": "sample", "model": model, "threads": threads, "pair": pair, "side": name, **sample})
    for worker in workers.values():
        worker.close()

    seconds = {name: [sample["seconds"] for sample in taken] for name, taken in samples.items()}
    peaks = {name: max(sample["peakBytes"] for sample in taken) for name, taken in samples.items()}
    better = min(FORMATS, key=lambda layout: statistics.median(seconds[layout]))
    summaries = [
        {"kind": "summary", "model": model, "batch": batch, "threads": threads, "objective": args.objective,
         "steps": args.steps, "format": layout, "better": layout == better, "pairs": args.pairs,
         "ratio": spread([a / b for a, b in zip(seconds["codat"], seconds[layout])]),
         "codatSeconds": spread(seconds["codat"]), "torchSeconds": spread(seconds[layout]),
         "codatPeakBytes": peaks["codat"], "torchPeakBytes": peaks[layout],
         "torchImportBytes": samples[layout][0]["importBytes"], "torch": workers[layout].about["torch"],
         "othersCpu": statistics.median(sample["othersCpu"] for sample in samples["codat"] + samples[layout])}
        for layout in FORMATS]
    for summary in summaries:
        emit(summary)
    return summaries


def table(summaries):
    """Markdown; the better of PyTorch's two formats in bold."""
    lines = ["| model, batch | threads | PyTorch's format | codat s/step | PyTorch s/step | ratio median [min, max] "
             "| codat peak MB | PyTorch peak MB (import alone) | others' CPUs |", "| --- " * 9 + "|"]
    for s in summaries:
        ratio, layout = s["ratio"], f"**{s['format']}**" if s["better"] else s["format"]
        lines.append(
            f"| {s['model']}, {s['batch']} | {s['threads']} | {layout} | {s['codatSeconds']['median']:.4g} "
            f"| {s['torchSeconds']['median']:.4g} | {ratio['median']:.3f} [{ratio['min']:.3f}, {ratio['max']:.3f}] "
            f"| {s['codatPeakBytes'] / 1e6:.0f} | {s['torchPeakBytes'] / 1e6:.0f} "
            f"({s['torchImportBytes'] / 1e6:.0f}) | {s['othersCpu']:.2f} |")
    return "\n".join(lines)


def processor():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
        return next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), "unknown")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--objective", choices=("at", "codat"), default="codat")
    parser.add_argument("--steps", type=int, default=10, help="attack steps")
    parser.add_argument("--codat", default=str(CODAT), help="the command that starts codat")
    parser.add_argument("--python", default=sys.executable, help="a Python that has torch")
    parser.add_argument("--out", help="file for the JSON lines instead of standard output")
    args = parser.parse_args()
    if args.pairs < 15:
        print("compare.py: fewer than 15 pairs: ratios may be off by half", file=sys.stderr)

    with open(args.out, "w", encoding="utf-8") if args.out else os.fdopen(os.dup(1), "w") as lines:
        def emit(record):
            print(json.dumps(record), file=lines, flush=True)

        emit({"kind": "machine", "cpu": processor(), "cpus": os.cpu_count(), "load": os.getloadavg()[0]})
        summaries = [s for model in args.models for threads in args.threads
                     for s in measure(args, model, threads, emit)]
    print(table(summaries))


main()
