#!/usr/bin/env python3
"""PyTorch's side of compare.py: one process, one model, one memory format; samples on demand.

Each line `sample R` on standard input takes one warm-up step and R timed steps from the initial weights, as
`codat profile` does, and answers with a line of JSON. One step is what the trainer does: uniform start, K times
(forward and gradient of the images only, batch norm in eval mode, sign step, projection, clip), then an SGD step in
train mode on the mean cross-entropy (`at`) or on E + sqrt(eta Var) over the class means (`codat`).
"""
import argparse
import copy
import json
import pathlib
import sys
import time

import torch
import torch.nn.functional as F

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Golden"))
from recorder import networks  # noqa: E402  (the path above has to be there first)

CLASSES, ETA = 10, 0.3
GREY = ("small-cnn", "medium-cnn", "mlp")


def peak_bytes():
    """The largest resident size this process ever had."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


class Step:
    """A PGD-K training step on one random batch."""

    def __init__(self, args):
        torch.manual_seed(0)
        channels, side, self.eps, self.size = (1, 28, 0.1, 0.02) if args.model in GREY else (3, 32, 8 / 255, 2 / 255)
        layout = torch.channels_last if args.format == "nhwc" else torch.contiguous_format
        self.net = networks.make(args.model, channels, side).to(memory_format=layout)
        self.start = copy.deepcopy(self.net.state_dict())
        self.x = torch.rand(args.batch, channels, side, side).contiguous(memory_format=layout)
        self.y = torch.randint(0, CLASSES, (args.batch,))
        self.low, self.high = (self.x - self.eps).clamp(0, 1), (self.x + self.eps).clamp(0, 1)
        self.objective, self.steps = args.objective, args.steps

    def reset(self):
        """Back to the initial weights, so that every sample does the same work."""
        self.net.load_state_dict(self.start)
        self.optimiser = torch.optim.SGD(self.net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)

    def attack(self):
        self.net.eval().requires_grad_(False)
        adv = (self.x + torch.empty_like(self.x).uniform_(-self.eps, self.eps)).clamp(0, 1)
        for _ in range(self.steps):
            adv.requires_grad_(True)
            gradient, = torch.autograd.grad(F.cross_entropy(self.net(adv), self.y), adv)
            # Ball and box are both boxes, so their intersection is one pair of bounds.
            adv = torch.add(adv.detach(), gradient.sign_(), alpha=self.size)
            adv = torch.min(torch.max(adv, self.low, out=adv), self.high, out=adv)
        self.net.train().requires_grad_(True)
        return adv

    def loss(self, logits):
        if self.objective != "codat":
            return F.cross_entropy(logits, self.y)
        each = F.cross_entropy(logits, self.y, reduction="none")
        hot = F.one_hot(self.y, CLASSES).to(each.dtype)
        count = hot.sum(0)
        risks = ((each[:, None] * hot).sum(0) / count.clamp_min(1))[count > 0]
        mean = risks.mean()
        return mean + (ETA * (risks - mean).square().mean() + 1e-12).sqrt()

    def run(self):
        loss = self.loss(self.net(self.attack()))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--format", choices=("nchw", "nhwc"), required=True)
    parser.add_argument("--objective", choices=("at", "codat"), default="codat")
    parser.add_argument("--steps", type=int, default=10)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    imported, step = peak_bytes(), Step(args)
    print(json.dumps({"ready": True, "torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        rounds, seconds, cpu = int(line.split()[1]), [], time.process_time()
        step.reset()
        for _ in range(1 + rounds):
            start = time.perf_counter()
            step.run()
            seconds.append(time.perf_counter() - start)
        print(json.dumps({"seconds": seconds[1:], "cpuSeconds": time.process_time() - cpu, "peakBytes": peak_bytes(),
                          "importBytes": imported}), flush=True)


main()
