#!/usr/bin/env python3
"""The AutoAttack reference package on a weight file of this library: which images each attack leaves right.

Adds a line of JSON per (attack, seed) to --out and skips those that are already there, so that it can be stopped and
started. Needs PyTorch, NumPy and the package (github.com/fra31/auto-attack), installed or in the folder --reference.
"""
import argparse
import contextlib
import gzip
import io
import json
import pathlib
import re
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Golden"))
from recorder import networks  # noqa: E402  (the path above has to be there first)

BATCH = 500


def read_weights(path):
    """Tensors and words of a safetensors file."""
    data = pathlib.Path(path).read_bytes()
    length = int.from_bytes(data[:8], "little")
    header, body = json.loads(data[8:8 + length]), data[8 + length:]
    words = header.pop("__metadata__")
    assert all(entry["dtype"] == "F32" for entry in header.values())
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = np.frombuffer(body[begin:end], dtype="<f4").reshape(entry["shape"])
        tensors[name] = torch.from_numpy(array.copy())
    return tensors, {key.removeprefix("codat."): value for key, value in words.items()}


def load_network(path):
    """The network in eval mode, normalisation included, and what its file says."""
    tensors, words = read_weights(path)
    net = networks.make(words["model"], int(words["channels"]), int(words["height"]))
    missing = net.load_state_dict(tensors, strict=False)
    assert not missing.unexpected_keys and all(k.endswith("num_batches_tracked") for k in missing.missing_keys)
    net = networks.Normalised(net, json.loads(words["mean"]), json.loads(words["std"]))
    return net.eval().requires_grad_(False), words


def load_test_images(dataset, folder, count):
    """The first images of the test split as float32 NCHW in [0,1], and their labels."""
    folder = pathlib.Path(folder)
    if dataset == "fashion-mnist":
        raw = gzip.decompress((folder / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
        labels = gzip.decompress((folder / "t10k-labels-idx1-ubyte.gz").read_bytes())[8:]
        pixels = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 1, 28, 28)[:count]
        labels = np.frombuffer(labels, dtype=np.uint8)[:count]
    else:
        records = np.fromfile(folder / "cifar-10-batches-bin" / "test_batch.bin", dtype=np.uint8).reshape(-1, 3073)
        pixels, labels = records[:count, 1:].reshape(-1, 3, 32, 32), records[:count, 0]
    return torch.from_numpy(pixels.astype(np.float32) / np.float32(255)), torch.from_numpy(labels.astype(np.int64))


def pgd(net, x, y, norm, eps, step, steps, loss):
    """Projected gradient ascent with a start uniform in the ball; judged at the last iterate."""
    if norm == "Linf":
        adv = x + torch.empty_like(x).uniform_(-eps, eps)
    else:
        noise = torch.randn_like(x).flatten(1)
        radius = eps * torch.rand(len(x), 1) ** (1 / noise.shape[1])
        adv = x + (noise / noise.norm(dim=1, keepdim=True) * radius).view_as(x)
    adv = adv.clamp(0, 1)
    for _ in range(steps):
        adv = adv.detach().requires_grad_(True)
        logits = net(adv)
        if loss == "ce":
            value = F.cross_entropy(logits, y, reduction="sum")
        else:
            own = logits.gather(1, y[:, None])
            value = (logits.scatter(1, y[:, None], -np.inf).max(1)[0] - own[:, 0]).sum()
        gradient, = torch.autograd.grad(value, adv)
        if norm == "Linf":
            change = adv.detach() + step * gradient.sign() - x
            change = change.clamp(-eps, eps)
        else:
            unit = gradient / gradient.flatten(1).norm(dim=1).clamp_min(1e-30).view(-1, 1, 1, 1)
            change = adv.detach() + step * unit - x
            change = change * (eps / change.flatten(1).norm(dim=1).clamp_min(eps)).view(-1, 1, 1, 1)
        adv = (x + change).clamp(0, 1)
    return adv.detach()


def left_after(log, count):
    """Images left right after each part of a composition, from what the package prints."""
    shares = re.findall(r"robust accuracy after ([\w-]+): ([\d.]+)%", log)
    return {part.lower(): round(float(share) * count / 100) for part, share in shares}


def run(net, x, y, attack, seed, norm, eps, step):
    """Flags of the images that stay right, the processor seconds of the attack, and what each of its parts left."""
    from autoattack import AutoAttack
    with torch.no_grad():
        right = torch.cat([net(part).argmax(1) for part in x.split(BATCH)]) == y
    start, log = time.process_time(), io.StringIO()
    if attack.startswith(("pgd-", "cw-")):
        torch.manual_seed(seed)
        parts = zip(x.split(BATCH), y.split(BATCH))
        steps, loss = int(attack.split("-")[1]), "ce" if attack.startswith("pgd") else "cw"
        adv = torch.cat([pgd(net, a, b, norm, eps, step, steps, loss) for a, b in parts])
    else:
        reference = AutoAttack(net, norm=norm, eps=eps, seed=seed, verbose=True, device="cpu", version="standard")
        if attack == "aa-light":
            reference.attacks_to_run = ["apgd-ce", "apgd-t"]
        elif attack != "autoattack":
            reference.attacks_to_run = [attack]
        with contextlib.redirect_stdout(log):
            adv = reference.run_standard_evaluation(x, y, bs=BATCH)
    seconds = time.process_time() - start
    with torch.no_grad():
        kept = torch.cat([net(part).argmax(1) for part in adv.split(BATCH)]) == y
    return (right & kept).int().tolist(), seconds, left_after(log.getvalue(), len(x))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--reference")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--attacks", required=True)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--norm", choices=("Linf", "L2"), default="Linf")
    parser.add_argument("--eps", type=float, required=True)
    parser.add_argument("--step", type=float, default=0.02)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    if args.reference:
        sys.path.insert(0, args.reference)
    torch.set_num_threads(args.threads)
    net, words = load_network(args.weights)
    x, y = load_test_images(words["dataset"], args.data, args.count)
    out = pathlib.Path(args.out)
    known = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    done = {(line["attack"], line["seed"]) for line in known}
    for attack in args.attacks.split(","):
        for seed in map(int, args.seeds.split(",")):
            if (attack, seed) in done:
                continue
            kept, seconds, left = run(net, x, y, attack, seed, args.norm, args.eps, args.step)
            line = {"attack": attack, "seed": seed, "count": args.count, "norm": args.norm, "eps": args.eps,
                    "robust": sum(kept), "left": left, "cpuSeconds": seconds,
                    "labels": y.tolist(), "kept": kept}
            with out.open("a") as file:
                file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
