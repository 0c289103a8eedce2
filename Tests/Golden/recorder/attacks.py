"""attacks.safetensors: projected gradient descent from the clean image."""
import numpy as np
import torch
import torch.nn.functional as F

from . import networks, values
from .common import DOUBLE, SINGLE, array, images, labels

# Model, channels, side, images, seed. In float32 a ReLU within rounding of zero may open on one side only, and an l2 step
# then shows it in every pixel of that image: ResNet-18's images are a pair where this does not happen.
CASES = [("small-cnn", 1, 28, 8, 0), ("medium-cnn", 1, 28, 8, 0), ("resnet18", 3, 32, 2, 1)]
STEPS, CLOSE, KEPT_L2 = 10, 1e-4, 4


def sizes(norm, channels):
    """Radius and step as float32 values."""
    if norm == "l2":
        return np.float32(0.5), np.float32(0.125)
    return (np.float32(0.1), np.float32(0.02)) if channels == 1 else (np.float32(8 / 255), np.float32(2 / 255))


def length(t):
    return t.flatten(1).norm(dim=1).view(-1, 1, 1, 1)


def update(adv, g, clean, norm, radius, size):
    """Moves along the gradient, projects onto the ball, then clips to [0, 1]; a zero gradient moves nothing."""
    if norm == "linf":
        delta = (adv + size * g.sign() - clean).clamp(-radius, radius)
    else:
        delta = adv + size * g / length(g).clamp_min(1e-30) - clean
        delta = delta * (radius / length(delta).clamp_min(1e-30)).clamp_max(1.0)
    return (clean + delta).clamp(0, 1)


def step(net, adv, clean, target, norm, radius, size):
    """One step on the mean cross-entropy."""
    adv = adv.detach().requires_grad_(True)
    g, = torch.autograd.grad(F.cross_entropy(net(adv), target), adv)
    with torch.no_grad():
        return update(adv, g, clean, norm, radius, size), g


def updates(rec):
    """The update alone, in float64: iterates at the edge of ball and box, zero gradients, one image all zero."""
    shape, n = (4, 3, 4, 5), 4
    for norm in ("linf", "l2"):
        radius, size = (float(v) for v in sizes(norm, 3))
        clean = torch.from_numpy(values.images(shape)).double()
        clean[0] = clean[0].round()
        start = torch.from_numpy(values.affine("start", shape, 0.0, 1.0)).double()
        start = start.sign() * radius if norm == "linf" else start * radius / length(start)
        adv = (clean + start * torch.tensor([1.0, 1.0, 0.5, 1.0]).view(n, 1, 1, 1)).clamp(0, 1)
        g = torch.from_numpy(values.affine("g", shape, 0.0, 1e-3)).double()
        g[:, :, 0] = 0.0
        g[:, :, 1, 0] = -0.0
        g[3] = 0.0
        for part, value in (("clean", clean), ("adv", adv), ("g", g), ("y", update(adv, g, clean, norm, radius, size))):
            rec.put(f"update/{norm}/{part}", array(value))


def run(model, channels, side, count, case, norm, dtype):
    clean, target = images((count, channels, side, side), dtype, case), labels(count, case)
    net = networks.build(model, channels, side, dtype).eval()
    radius, size = (float(v) for v in sizes(norm, channels))
    adv, first = clean, None
    for _ in range(STEPS):
        adv, gradient = step(net, adv, clean, target, norm, radius, size)
        if first is None:
            first, zeros = adv, int((gradient == 0).sum())
    with torch.no_grad():
        one = F.cross_entropy(net(first), target, reduction="none")
        loss = F.cross_entropy(net(adv), target, reduction="none")
        before = F.cross_entropy(net(clean), target, reduction="none")
        delta = adv - clean
        largest = delta.flatten(1).abs().max(1)[0] if norm == "linf" else delta.flatten(1).norm(dim=1)
    return array(first), zeros, {"loss0": array(before), "loss1": array(one), "loss10": array(loss),
                                 "norm10": array(largest)}


def record(rec, log):
    updates(rec)
    for model, channels, side, count, case in CASES:
        for norm in ("linf", "l2"):
            key = f"{model}/{norm}"
            first, zeros, double = run(model, channels, side, count, case, norm, DOUBLE)
            other, _, single = run(model, channels, side, count, case, norm, SINGLE)
            rec.put(f"{key}/threat", np.array(sizes(norm, channels), dtype=np.float32))
            rec.put(f"{key}/case", np.array([float(case)]))
            kept = first[:KEPT_L2] if norm == "l2" else first
            rec.put(f"{key}/step1", kept.astype(np.float32))
            close = float((np.abs(first - other) <= CLOSE).mean())
            rec.put(f"{key}/step1/close/f32", np.array([close]))
            for name in double:
                rec.put_pair(f"{key}/{name}", double[name], single[name])
            log(f"{key}: float32 within {CLOSE} on {close:.4%} of pixels after one step, {zeros} zero gradients, "
                f"loss {double['loss0'].mean():.4f} -> {double['loss10'].mean():.4f}, "
                f"ten-step loss differs by {np.abs(single['loss10'] / double['loss10'] - 1).max():.1e}")
