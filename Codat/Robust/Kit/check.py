#!/usr/bin/env python3
"""An outside re-check of a weight file: rebuilds the network in PyTorch, loads the weights, and measures clean and PGD
accuracy of every class. With the AutoAttack package installed, --autoattack repeats its standard evaluation too.

Needs Python 3.8 and PyTorch, nothing else of its own. The weights are the .safetensors file of the same name beside
this script unless --weights is given. Exit code 0, or 1 where something differs from --expect or --logits.

    python3 G_check.py --data DIR --expect eval.json     # eval.json: what `codat eval --json` printed
"""
import argparse
import ast
import gzip
import json
import math
import pathlib
import struct
import sys
import zipfile

import torch
import torch.nn.functional as F
from torch import nn

TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}
NUMPY_TYPES = {"|u1": torch.uint8, "<f4": torch.float32, "<f8": torch.float64, "<i4": torch.int32, "<i8": torch.int64}


# --- networks -------------------------------------------------------------------------------------------------------

def conv(inputs, outputs, size=3, stride=1, bias=False):
    return nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=bias)


class SmallCnn(nn.Module):
    def __init__(self, spec):
        super().__init__()
        self.conv1 = conv(spec["channels"], 16, bias=True)
        self.conv2 = conv(16, 32, bias=True)
        self.conv3 = conv(32, 64, bias=True)
        self.linear = nn.Linear(64, spec["classes"])

    def forward(self, x):
        for layer in (self.conv1, self.conv2):
            x = F.max_pool2d(layer(x).relu(), 2)
        return self.linear(self.conv3(x).relu().mean(dim=(2, 3)))


class MediumCnn(nn.Module):
    def __init__(self, spec):
        super().__init__()
        self.conv1 = conv(spec["channels"], 32, bias=True)
        self.conv2 = conv(32, 32, bias=True)
        self.conv3 = conv(32, 64, bias=True)
        self.conv4 = conv(64, 64, bias=True)
        self.fc1 = nn.Linear(64 * (spec["height"] // 4) * (spec["width"] // 4), 128)
        self.fc2 = nn.Linear(128, spec["classes"])

    def forward(self, x):
        for first, second in ((self.conv1, self.conv2), (self.conv3, self.conv4)):
            x = F.max_pool2d(second(first(x).relu()).relu(), 2)
        return self.fc2(self.fc1(torch.flatten(x, 1)).relu())


class Mlp(nn.Module):
    def __init__(self, spec):
        super().__init__()
        self.fc1 = nn.Linear(spec["channels"] * spec["height"] * spec["width"], 256)
        self.fc2 = nn.Linear(256, 128)
        self.fc3 = nn.Linear(128, spec["classes"])

    def forward(self, x):
        return self.fc3(self.fc2(self.fc1(torch.flatten(x, 1)).relu()).relu())


class Basic(nn.Module):
    """conv-bn-relu-conv-bn plus shortcut, then relu."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = conv(inputs, outputs, stride=stride)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = conv(outputs, outputs)
        self.bn2 = nn.BatchNorm2d(outputs)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Sequential() if same else nn.Sequential(
            conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn1(self.conv1(x)).relu()
        return (self.bn2(self.conv2(y)) + self.shortcut(x)).relu()


class PreAct(nn.Module):
    """bn-relu-conv twice; the shortcut convolution acts on relu(bn1(x)). `wide` names and places it as WideResNets do."""

    def __init__(self, inputs, outputs, stride, wide=False):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = conv(inputs, outputs, stride=stride)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = conv(outputs, outputs)
        self.changes = inputs != outputs or (stride != 1 and not wide)
        self.wide = wide
        if self.changes and wide:
            self.convShortcut = conv(inputs, outputs, 1, stride)
        elif self.changes:
            self.shortcut = nn.Sequential(conv(inputs, outputs, 1, stride))

    def forward(self, x):
        active = self.bn1(x).relu()
        if self.changes:
            x = self.convShortcut(active) if self.wide else self.shortcut(active)
        return self.conv2(self.bn2(self.conv1(active)).relu()) + x


class ResNet(nn.Module):
    """ResNet-18 for small images, or its pre-activation variant with or without the last batch norm."""

    def __init__(self, spec, block, last_norm):
        super().__init__()
        self.conv1 = conv(spec["channels"], 64)
        if block is Basic:
            self.bn1 = nn.BatchNorm2d(64)
        inputs = 64
        for number in range(1, 5):
            outputs = 32 << number
            first = block(inputs, outputs, 1 if number == 1 else 2)
            setattr(self, "layer%d" % number, nn.Sequential(first, block(outputs, outputs, 1)))
            inputs = outputs
        if last_norm:
            self.bn = nn.BatchNorm2d(512)
        self.linear = nn.Linear(512, spec["classes"])

    def forward(self, x):
        x = self.conv1(x)
        if hasattr(self, "bn1"):
            x = self.bn1(x).relu()
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        if hasattr(self, "bn"):
            x = self.bn(x).relu()
        return self.linear(x.mean(dim=(2, 3)))


class WideStage(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.layer = nn.Sequential(*blocks)

    def forward(self, x):
        return self.layer(x)


class WideResNet(nn.Module):
    def __init__(self, spec, depth, width):
        super().__init__()
        self.conv1 = conv(spec["channels"], 16)
        inputs = 16
        for number in range(1, 4):
            outputs = (8 << number) * width
            blocks = []
            for index in range((depth - 4) // 6):
                stride = 2 if index == 0 and number > 1 else 1
                blocks.append(PreAct(inputs, outputs, stride, wide=True))
                inputs = outputs
            setattr(self, "block%d" % number, WideStage(blocks))
        self.bn1 = nn.BatchNorm2d(inputs)
        self.fc = nn.Linear(inputs, spec["classes"])

    def forward(self, x):
        x = self.block3(self.block2(self.block1(self.conv1(x))))
        return self.fc(self.bn1(x).relu().mean(dim=(2, 3)))


class Normalised(nn.Module):
    """(x - mean) / std in front of a network: attacks see pixels in [0,1]."""

    def __init__(self, inner, mean, std):
        super().__init__()
        self.inner = inner
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, x):
        return self.inner((x - self.mean) / self.std)


def build(spec):
    model = spec["model"]
    if model.startswith("wrn-"):
        depth, width = (int(part) for part in model.split("-")[1:])
        return WideResNet(spec, depth, width)
    makers = {
        "small-cnn": lambda: SmallCnn(spec), "medium-cnn": lambda: MediumCnn(spec), "mlp": lambda: Mlp(spec),
        "resnet18": lambda: ResNet(spec, Basic, last_norm=False),
        "preact-resnet18": lambda: ResNet(spec, PreAct, last_norm=spec["last_norm"]),
    }
    if model not in makers:
        sys.exit("unknown network '%s': expected one of %s or wrn-D-W" % (model, ", ".join(makers)))
    return makers[model]()


# --- files ----------------------------------------------------------------------------------------------------------

def read_safetensors(path):
    """Tensors by name, and the strings of the header."""
    raw = pathlib.Path(path).read_bytes()
    length, = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + length].decode("utf-8"))
    words = header.pop("__metadata__", {})
    body = bytearray(raw[8 + length:])
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        kind = TYPES[entry["dtype"]]
        flat = torch.frombuffer(body[start:end], dtype=kind) if end > start else torch.empty(0, dtype=kind)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors, words


def load_network(path):
    tensors, words = read_safetensors(path)
    if "codat.model" not in words:
        sys.exit("%s does not say which network it holds: export it with codat export --kit" % path)
    spec = {key: int(words["codat." + key]) for key in ("classes", "height", "width", "channels")}
    spec["model"] = words["codat.model"]
    spec["last_norm"] = words.get("codat.final_batch_norm") != "false"
    network = build(spec)
    state = {name: value.float() for name, value in tensors.items()}
    left = network.load_state_dict(state, strict=False)
    missing = [name for name in left.missing_keys if not name.endswith("num_batches_tracked")]
    if missing or left.unexpected_keys:
        sys.exit("%s does not fit %s: missing %s, unknown %s" % (path, spec["model"], missing, left.unexpected_keys))
    mean = json.loads(words.get("codat.mean", "null")) or [0.0] * spec["channels"]
    std = json.loads(words.get("codat.std", "null")) or [1.0] * spec["channels"]
    network = Normalised(network, mean, std).eval()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    return network, spec, words


def read_maybe_gz(path):
    raw = pathlib.Path(path).read_bytes()
    return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw


def read_idx(path):
    raw = read_maybe_gz(path)
    sides = struct.unpack(">%dI" % raw[3], raw[4:4 + 4 * raw[3]])
    return torch.frombuffer(bytearray(raw[4 + 4 * raw[3]:]), dtype=torch.uint8).reshape(sides)


def read_npy(raw):
    length = struct.unpack("<H", raw[8:10])[0] if raw[6] == 1 else struct.unpack("<I", raw[8:12])[0]
    start = (10 if raw[6] == 1 else 12) + length
    text = raw[start - length:start].decode("latin-1").strip()
    # A Python literal of three known keys.
    header = ast.literal_eval(text)
    if header["fortran_order"] or header["descr"] not in NUMPY_TYPES:
        sys.exit("an array of type %s in this order is not supported" % header["descr"])
    return torch.frombuffer(bytearray(raw[start:]), dtype=NUMPY_TYPES[header["descr"]]).reshape(header["shape"])


def read_records(path, label_bytes):
    raw = torch.frombuffer(bytearray(read_maybe_gz(path)), dtype=torch.uint8).reshape(-1, 3072 + label_bytes)
    return raw[:, label_bytes:].reshape(-1, 3, 32, 32), raw[:, label_bytes - 1]


def find(folder, *names):
    for name in names:
        for path in (folder / name, folder / (name + ".gz")):
            if path.is_file():
                return path
    return None


def read_images(args, words):
    """Test images as float32 (N,C,H,W) in [0,1], and labels."""
    if args.images:
        if not args.labels:
            sys.exit("--images needs --labels: an int64 or int32 .npy of the same length")
        x = read_npy(pathlib.Path(args.images).read_bytes())
        y = read_npy(pathlib.Path(args.labels).read_bytes())
        return (x.permute(0, 3, 1, 2) if x.dtype == torch.uint8 else x), y
    if not args.data:
        sys.exit("which images? give --data DIR (IDX, CIFAR binary or test.npz), or --images X.npy --labels Y.npy")
    folder = pathlib.Path(args.data)
    for folder in (folder, folder / words.get("codat.dataset", "."), folder / "cifar-10-batches-bin",
                   folder / "cifar-100-binary"):
        idx, labels = find(folder, "t10k-images-idx3-ubyte"), find(folder, "t10k-labels-idx1-ubyte")
        if idx and labels:
            return read_idx(idx).unsqueeze(1), read_idx(labels)
        if find(folder, "test_batch.bin"):
            return read_records(find(folder, "test_batch.bin"), 1)
        if find(folder, "test.bin"):
            return read_records(find(folder, "test.bin"), 2)
        if (folder / "test.npz").is_file():
            with zipfile.ZipFile(folder / "test.npz") as archive:
                return read_npy(archive.read("x.npy")).permute(0, 3, 1, 2), read_npy(archive.read("y.npy"))
    sys.exit("no test images found in %s: expected IDX files, test_batch.bin, test.bin or test.npz" % args.data)


# --- measuring ------------------------------------------------------------------------------------------------------

def number(text):
    """A number, or a fraction such as 8/255."""
    top, _, bottom = text.partition("/")
    return float(top) / float(bottom) if bottom else float(top)


def logits_of(network, x, batch):
    with torch.no_grad():
        return torch.cat([network(part) for part in x.split(batch)])


def project(x, centre, norm, eps):
    change = x - centre
    if norm == "linf":
        change = change.clamp(-eps, eps)
    else:
        length = change.flatten(1).norm(dim=1).clamp_min(1e-30)
        change = change * (eps / length).clamp_max(1.0).view(-1, 1, 1, 1)
    return (centre + change).clamp(0, 1)


def pgd(network, x, y, norm, eps, step, steps):
    """Ascent on the cross-entropy from a start uniform in the ball; judged at the last iterate."""
    if norm == "linf":
        noise = (2 * torch.rand_like(x) - 1) * eps
    else:
        noise = torch.randn_like(x)
        radius = eps * torch.rand(len(x)) ** (1.0 / noise[0].numel())
        noise = noise * (radius / noise.flatten(1).norm(dim=1)).view(-1, 1, 1, 1)
    at = (x + noise).clamp(0, 1)
    for _ in range(steps):
        at.requires_grad_(True)
        gradient, = torch.autograd.grad(F.cross_entropy(network(at), y, reduction="sum"), at)
        with torch.no_grad():
            if norm == "linf":
                move = step * gradient.sign()
            else:
                length = gradient.flatten(1).norm(dim=1)
                move = gradient * torch.where(length > 0, step / length, length).view(-1, 1, 1, 1)
            at = project(at + move, x, norm, eps)
    return at.detach()


def counts(right, y, classes):
    return [int((right & (y == k)).sum()) for k in range(classes)]


def show(name, right, y, names):
    per_class = counts(right, y, len(names))
    totals = [int((y == k).sum()) for k in range(len(names))]
    print("%-12s %6d of %d right (%.2f %%)" % (name, sum(per_class), len(y), 100.0 * sum(per_class) / len(y)))
    for k, label in enumerate(names):
        if totals[k]:
            print("    %-20s %6d of %d (%.2f %%)" % (label, per_class[k], totals[k], 100.0 * per_class[k] / totals[k]))
    return per_class


def compare(name, found, totals, expected, share, problems):
    """Clean counts have to be equal; attacks start elsewhere, so their counts may differ by a few images."""
    for k, row in enumerate(expected["perClass"]):
        allowed = 0 if name == "clean" else max(3, math.ceil(share * totals[k]))
        if row["n"] != totals[k] or abs(row["correct"] - found[k]) > allowed:
            problems.append("%s, class %d: %d of %d here, %d of %d expected (within %d)"
                            % (name, k, found[k], totals[k], row["correct"], row["n"], allowed))


def check_logits(network, x, path, batch, problems):
    expected = read_npy(pathlib.Path(path).read_bytes())
    found = logits_of(network, x, batch)
    worst = float((found - expected).abs().max()) if found.shape == expected.shape else math.inf
    print("logits: largest difference %.3g" % worst)
    if not worst <= 1e-4 * max(1.0, float(expected.abs().max())):
        problems.append("logits differ by %g from those of %s" % (worst, path))


def main():
    own = pathlib.Path(__file__)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", default=str(own.with_name(own.stem[:-len("_check")] + ".safetensors")))
    parser.add_argument("--data", help="folder of the test images: IDX, CIFAR binary or test.npz")
    parser.add_argument("--images", help=".npy: uint8 (N,H,W,C) or float32 (N,C,H,W) in [0,1]")
    parser.add_argument("--labels", help=".npy of labels")
    parser.add_argument("--limit", type=int, help="the first N images")
    parser.add_argument("--norm", choices=("linf", "l2"), help="default: the weight file's")
    parser.add_argument("--eps", type=number, help="radius: N/255 or a number; default: the weight file's")
    parser.add_argument("--step", type=number, help="step of PGD; default: the weight file's")
    parser.add_argument("--steps", type=int, default=20, help="steps of PGD")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--expect", help="JSON of codat eval: its clean and pgd rows are compared class by class")
    parser.add_argument("--tolerance", type=float, default=0.02, help="share of a class by which PGD may differ")
    parser.add_argument("--logits", help=".npy of codat predict on the same images, compared to 1e-4")
    parser.add_argument("--autoattack", action="store_true", help="run the AutoAttack package's standard evaluation")
    args = parser.parse_args()

    network, spec, words = load_network(args.weights)
    x, y = read_images(args, words)
    x = x.float() / 255 if x.dtype == torch.uint8 else x.float()
    x, y = x[:args.limit].contiguous(), y[:args.limit].long()
    if tuple(x.shape[1:]) != (spec["channels"], spec["height"], spec["width"]):
        sys.exit("the images are %s, the network takes %s" % (
            tuple(x.shape[1:]), (spec["channels"], spec["height"], spec["width"])))
    names = json.loads(words.get("codat.class_names", "null")) or [str(k) for k in range(spec["classes"])]
    norm = args.norm or words.get("codat.norm", "linf")
    eps = args.eps if args.eps is not None else number(words.get("codat.eps", "8/255"))
    step = args.step if args.step is not None else number(words.get("codat.step", "2/255"))
    expected = json.loads(pathlib.Path(args.expect).read_text()) if args.expect else {"attacks": []}
    rows = {row["name"]: row for row in expected["attacks"]}
    totals = [int((y == k).sum()) for k in range(spec["classes"])]
    problems = []

    print("%s, %s %s, %d images" % (spec["model"], norm, "%.6g" % eps, len(y)))
    if args.logits:
        check_logits(network, x, args.logits, args.batch, problems)
    right = logits_of(network, x, args.batch).argmax(1) == y
    found = show("clean", right, y, names)
    if "clean" in rows:
        compare("clean", found, totals, rows["clean"], args.tolerance, problems)

    torch.manual_seed(args.seed)
    wanted = [name for name in rows if name.startswith("pgd-") and name[4:].isdigit()] or ["pgd-%d" % args.steps]
    for name in wanted:
        attacked = torch.cat([pgd(network, a, b, norm, eps, step, int(name[4:]))
                              for a, b in zip(x.split(args.batch), y.split(args.batch))])
        still = right & (logits_of(network, attacked, args.batch).argmax(1) == y)
        found = show(name, still, y, names)
        if name in rows:
            compare(name, found, totals, rows[name], args.tolerance, problems)

    if args.autoattack:
        try:
            from autoattack import AutoAttack
        except ImportError:
            sys.exit("--autoattack needs the AutoAttack package: pip install git+https://github.com/fra31/auto-attack")
        if spec["classes"] < 4:
            sys.exit("--autoattack needs 4 classes or more for its targeted attacks, the network has %d"
                     % spec["classes"])
        attack = AutoAttack(network, norm="Linf" if norm == "linf" else "L2", eps=eps, seed=args.seed,
                            version="standard", device="cpu")
        # The package asks for nine targets however few classes there are.
        targets = min(9, spec["classes"] - 1)
        attack.apgd_targeted.n_target_classes = attack.fab.n_target_classes = targets
        attacked = attack.run_standard_evaluation(x, y, bs=args.batch)
        still = right & (logits_of(network, attacked, args.batch).argmax(1) == y)
        found = show("autoattack", still, y, names)
        if "autoattack" in rows:
            compare("autoattack", found, totals, rows["autoattack"], args.tolerance, problems)

    for problem in problems:
        print("DIFFERS: " + problem)
    if args.expect or args.logits:
        print("everything agrees" if not problems else "%d differences" % len(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
