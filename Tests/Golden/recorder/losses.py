"""losses.safetensors: the losses on logits, and TRADES and CODAT through whole networks."""
import numpy as np
import torch
import torch.nn.functional as F

from . import networks, values
from .common import array, both, codat, describe, images, labels, parameter_gradients, sampled, trades

BETA, SMOOTHING, ETAS = 6.0, 0.1, (0.1, 0.3, 1.0)
ROWS, CLASSES = 6, 10
TRADES_CASES = [("small-cnn", 1, 28, 8), ("wrn-10-1", 3, 32, 8)]
SHIFT = 0.3
# This batch lacks two classes and has one image of a third.
CODAT_BATCH, CODAT_CASE = 32, 9
ATTACK_SAMPLES = 256


def logits(name, scale, dtype, count=ROWS):
    return torch.from_numpy(values.affine(name, (count, CLASSES), 0.0, scale)).to(dtype).requires_grad_(True)


def on_logits(dtype):
    """Plain functions of a logits matrix: values and gradients."""
    out, target = {}, labels(ROWS)
    for name, scale in (("logits", 3.0), ("large", 120.0)):
        z = logits(name, scale, dtype)
        each = F.cross_entropy(z, target, reduction="none")
        out[f"ce/{name}/value"] = array(each)
        out[f"ce/{name}/gradient"] = array(torch.autograd.grad(each.mean(), z)[0])

    z = logits("logits", 3.0, dtype)
    each = F.cross_entropy(z, target, reduction="none", label_smoothing=SMOOTHING)
    out["smoothed/value"] = array(each)
    out["smoothed/gradient"] = array(torch.autograd.grad(each.mean(), z)[0])

    z = logits("logits", 3.0, dtype)
    hot = F.one_hot(target, CLASSES).bool()
    margin = z.masked_fill(hot, -float("inf")).max(1)[0] - z[hot]
    out["margin/value"] = array(margin)
    out["margin/gradient"] = array(torch.autograd.grad(margin.mean(), z)[0])

    natural, adversarial = logits("natural", 3.0, dtype), logits("adversarial", 3.0, dtype)
    each = F.kl_div(F.log_softmax(adversarial, 1), F.softmax(natural, 1), reduction="none").sum(1)
    wrt = torch.autograd.grad(each.mean(), (natural, adversarial))
    out |= {"kl/value": array(each), "kl/natural": array(wrt[0]), "kl/adversarial": array(wrt[1])}
    return out


def perturbed(clean):
    """A fixed neighbour of the images: each channel of each image is shifted (no attack, so it needs no network)."""
    shift = torch.from_numpy(values.affine("adv", tuple(clean.shape[:2]), 0.0, SHIFT)).to(clean.dtype)
    return (clean + shift[:, :, None, None]).clamp(0, 1)


def run_trades(model, channels, side, count, dtype):
    """Two forward passes, each with its own batch statistics, natural first; gradients go through both."""
    key, target = f"trades/{model}", labels(count)
    x = images((count, channels, side, side), dtype)
    adv = perturbed(x)
    net = networks.build(model, channels, side, dtype).train()
    loss = trades(net(x), net(adv), target, BETA)
    out = {f"{key}/loss": array(loss.reshape(1))} | parameter_gradients(net, loss, f"{key}/gradient")

    net = networks.build(model, channels, side, dtype).eval()
    adv = adv.requires_grad_(True)
    kl = F.kl_div(F.log_softmax(net(adv), 1), F.softmax(net(x), 1).detach(), reduction="batchmean")
    g, = torch.autograd.grad(kl, adv)
    out[f"{key}/attack/kl"] = array(kl.reshape(1))
    out[f"{key}/attack/norm"] = array(g.flatten(1).double().norm(dim=1))
    out[f"{key}/attack/sample"] = sampled(g, ATTACK_SAMPLES)
    return out


def exact_weights(risks, eta):
    """p proportional to max(0, H - nu) with sum (p - q)^2 / q = eta, q uniform: bisection on nu."""
    risks, k = risks.astype(np.float64), risks.size

    def weights(nu):
        p = np.maximum(risks - nu, 0)
        return p / p.sum()

    low, high = risks.min() - 1e3, risks.max() - 1e-12
    for _ in range(300):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if k * ((weights(middle) - 1 / k) ** 2).sum() < eta else (low, middle)
    return weights(0.5 * (low + high))


def run_codat(eta, dtype):
    """The published objective (gradient through the variance) and the exact one (weights held fixed)."""
    key, target, out = f"codat/{eta}", labels(CODAT_BATCH, CODAT_CASE), {}
    x = images((CODAT_BATCH, 1, 28, 28), dtype, CODAT_CASE)
    net = networks.build("small-cnn", 1, 28, dtype).train()
    value, risks = codat(F.cross_entropy(net(x), target, reduction="none"), target, eta)
    out[f"{key}/risk"] = array(risks)
    out[f"{key}/published/value"] = array(value.reshape(1))
    out[f"{key}/published/weight"] = array(torch.autograd.grad(value, risks, retain_graph=True)[0])
    out |= parameter_gradients(net, value, f"{key}/published/gradient")

    weights = torch.from_numpy(exact_weights(array(risks), eta)).to(dtype)
    _, risks = codat(F.cross_entropy(net(x), target, reduction="none"), target, eta)
    out[f"{key}/exact/weight"] = array(weights)
    out[f"{key}/exact/value"] = array((weights * risks).sum().reshape(1))
    out |= parameter_gradients(net, (weights * risks).sum(), f"{key}/exact/gradient")
    return out


def record(rec, log):
    both(rec, on_logits)
    for model, channels, side, count in TRADES_CASES:
        describe(rec, networks.make(model, channels, side), model)
        both(rec, lambda dtype: run_trades(model, channels, side, count, dtype))
    rec.put("codat/classes", np.unique(values.labels(CODAT_BATCH, case=CODAT_CASE)))
    for eta in ETAS:
        double, _ = both(rec, lambda dtype: run_codat(eta, dtype))
        log(f"codat {eta}: smallest published weight {double[f'codat/{eta}/published/weight'].min():.4f}, "
            f"exact {double[f'codat/{eta}/exact/weight'].min():.4f}")
