"""networks.safetensors: logits, running statistics, gradients."""
import torch
import torch.nn.functional as F

from . import networks
from .common import array, both, describe, images, labels, parameter_gradients, sampled

# Where a float32 run lands on the other side of a ReLU, whole gradients change: such batches were passed over.
IMAGE_CASE = {"preact-resnet18": 1}
# case, model, channels, side, images, gradients too
CASES = [
    ("small-cnn", "small-cnn", 1, 28, 4, True), ("small-cnn-rgb", "small-cnn", 3, 32, 4, False),
    ("medium-cnn", "medium-cnn", 1, 28, 4, True), ("medium-cnn-rgb", "medium-cnn", 3, 32, 4, False),
    ("mlp", "mlp", 1, 28, 4, True), ("mlp-rgb", "mlp", 3, 32, 4, False),
    ("resnet18", "resnet18", 3, 32, 4, True), ("preact-resnet18", "preact-resnet18", 3, 32, 4, True),
    ("wrn-10-1", "wrn-10-1", 3, 32, 4, False), ("wrn-10-2", "wrn-10-2", 3, 32, 4, True),
    ("wrn-16-2", "wrn-16-2", 3, 32, 4, False), ("wrn-28-10", "wrn-28-10", 3, 32, 2, False),
    ("wrn-34-10", "wrn-34-10", 3, 32, 1, False),
]
BATCH_NORMS = {
    "resnet18": ("bn1", "layer1.0.bn1", "layer2.0.shortcut.1", "layer4.1.bn2"),
    "preact-resnet18": ("layer1.0.bn1", "layer4.1.bn2", "bn"),
    "wrn-10-2": ("block1.layer.0.bn1", "block2.layer.0.bn2", "bn1"),
    "wrn-28-10": ("bn1",),
}
CIFAR_MEAN, CIFAR_STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
INPUT_SAMPLES, RUNNING_HEAD = 256, 16


def record(rec, log):
    for case, model, channels, side, count, gradients in CASES:
        describe(rec, networks.make(model, channels, side), case)
        rec.words[f"{case}/images"] = f"{count},{channels},{side},{side}"
        rec.words[f"{case}/case"] = str(IMAGE_CASE.get(case, 0))
        both(rec, lambda dtype: run(case, model, channels, side, count, gradients, dtype))
        log(case)


def run(case, model, channels, side, count, gradients, dtype):
    seed, out = IMAGE_CASE.get(case, 0), {}
    x, y = images((count, channels, side, side), dtype, seed), labels(count, seed)
    net = networks.build(model, channels, side, dtype)

    net.eval()
    x.requires_grad_(gradients)
    logits = net(x)
    out[f"{case}/eval/logits"] = array(logits)
    out[f"{case}/eval/loss"] = array(F.cross_entropy(logits, y, reduction="none"))
    if gradients:
        g, = torch.autograd.grad(F.cross_entropy(logits, y), x)
        out[f"{case}/eval/input/norm"] = array(g.flatten(1).double().norm(dim=1))
        out[f"{case}/eval/input/sample"] = sampled(g, INPUT_SAMPLES)
    x = x.detach()
    if case in ("resnet18", "small-cnn-rgb"):
        with torch.no_grad():
            out[f"{case}/normalised/logits"] = array(networks.Normalised(net, CIFAR_MEAN, CIFAR_STD)(x))

    net.train()
    with torch.set_grad_enabled(gradients):
        logits = net(x)
        out[f"{case}/train/logits"] = array(logits)
        if gradients:
            out |= parameter_gradients(net, F.cross_entropy(logits, y), f"{case}/train/gradient")
    buffers = dict(net.named_buffers())
    for bn in BATCH_NORMS.get(case, ()):
        for kind in ("running_mean", "running_var"):
            running = buffers[f"{bn}.{kind}"]
            out[f"{case}/train/{bn}.{kind}/head"] = array(running[:RUNNING_HEAD])
            out[f"{case}/train/{bn}.{kind}/norm"] = array(running.double().norm().reshape(1))
    return out
