"""rivals.safetensors: the update rules of other methods, on made-up class statistics; the losses of MART and BAT."""
import numpy as np
import torch
import torch.nn.functional as F

from . import values
from .common import array, both, labels

CLASSES = 10


def uniform(name, shape, low=0.0, high=1.0):
    """Numbers of a named stream in [low, high)."""
    shape = shape if isinstance(shape, tuple) else (shape,)
    return (low + high) / 2 + (high - low) / 2 * values.affine(name, shape, 0.0, 1.0).astype(np.float64)


def bisect(function, low, high):
    """Where an increasing function crosses 0, in a bracket of positive numbers."""
    for _ in range(400):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return np.sqrt(low * high)


def kl_ball(h, q, eta):
    def weights(s):
        p = q * np.exp(s * (h - h.max()))
        return p / p.sum()

    s = bisect(lambda s: (weights(s) * np.log(weights(s) / q)).sum() - eta, 1e-8, 1e4)
    return weights(s)


def reverse_kl_ball(h, q, eta):
    def weights(delta):
        p = q / (h.max() + delta - h)
        return p / p.sum()

    delta = bisect(lambda d: eta - (q * np.log(q / weights(d))).sum(), 1e-12, 1e8)
    return weights(delta)


def cvar_ball(h, q, share):
    p, left = np.zeros_like(q), 1.0
    for k in np.argsort(-h, kind="stable"):
        p[k] = min(left, q[k] / share)
        left -= p[k]
    return p


BALLS = {"kl": kl_ball, "reverse-kl": reverse_kl_ball, "cvar": cvar_ball}


def balls(rec):
    risk = uniform("rivals/risk", CLASSES, 0.2, 2.4)
    prior = uniform("rivals/prior", CLASSES, 0.1, 1.0)
    prior /= prior.sum()
    rec.put("balls/risk", risk)
    rec.put("balls/prior", prior)
    for name, solve in BALLS.items():
        for eta in (0.05, 0.3, 0.8):
            rec.put(f"balls/{name}/{eta}", solve(risk, prior, eta))


def group_dro(rec):
    steps, rate = 6, 0.7
    risk = uniform("group-dro/risk", (steps, CLASSES), 0, 3)
    there = uniform("group-dro/there", (steps, CLASSES)) < 0.7
    q, out = np.full(CLASSES, 1 / CLASSES), []
    for step in range(steps):
        q = q * np.exp(rate * risk[step] * there[step])
        q /= q.sum()
        out.append(q)
    rec.put("group-dro/risk", risk)
    rec.put("group-dro/there", there.astype(np.int64))
    rec.put("group-dro/q", np.stack(out))


def faal(rec):
    """Margins from logits; class 3 is not in the batch."""
    count, r = 24, 0.5
    z = torch.from_numpy(values.affine("faal/logits", (count, CLASSES), 0.0, 3.0)).double()
    y = torch.from_numpy(values.labels(count, case=5))
    y[y == 3] = 4
    p = F.softmax(z, 1)
    true = p[torch.arange(count), y]
    wrong = p.masked_fill(F.one_hot(y, CLASSES).bool(), -1).max(1)[0]
    n = np.bincount(y.numpy(), minlength=CLASSES)
    margin = np.array([(wrong - true)[y == k].mean().item() if n[k] else -1.0 for k in range(CLASSES)])
    entropy = F.cross_entropy(z, y, reduction="none")
    rec.put("faal/logits", array(z))
    rec.put("faal/labels", y.numpy())
    uniform_prior = np.full(CLASSES, 1 / CLASSES)
    for name, h in (("paper", margin), ("code", n * margin)):
        w = reverse_kl_ball(h, uniform_prior, r)
        rec.put(f"faal/{name}/weight", w)
        rec.put(f"faal/{name}/loss", np.array([CLASSES * (w[y.numpy()] * array(entropy)).mean()]))


def wat(rec):
    epochs, rate = 5, 0.1
    loss = uniform("wat/loss", (epochs, CLASSES), 1, 6)
    full = np.concatenate([loss, loss.mean(1, keepdims=True)], 1)
    w, out = np.ones(CLASSES + 1), []
    for t in range(epochs):
        total = rate * full[:t + 1].sum(0)
        w = np.exp(total - total.max())
        out.append(CLASSES * w / w.sum())
    rec.put("wat/loss", loss)
    rec.put("wat/weight", np.stack(out))


def frl(rec):
    epochs, rate, tau, limit, rate_margin = 6, 0.05, 0.1, 0.5, 0.2
    natural = uniform("frl/natural", (epochs, CLASSES), 0, 0.8)
    boundary = uniform("frl/boundary", (epochs, CLASSES), 0, 0.8)
    lam = [np.zeros(CLASSES), np.zeros(CLASSES)]
    s, weights, margins = np.zeros(CLASSES), [], []
    for t in range(epochs):
        for i, (errors, step) in enumerate(((natural[t], rate), (boundary[t], 2 * rate))):
            lam[i] = np.maximum(lam[i] + step * (errors - errors.mean() - tau), 0)
            if lam[i].sum() > limit:
                lam[i] *= limit / lam[i].sum()
        s += rate_margin * (boundary[t] - boundary[t].mean() - tau)
        weights.append([1 / CLASSES + l - l.mean() for l in lam])
        margins.append(np.clip(np.exp(2 * s), 0.98, 3))
    rec.put("frl/natural", natural)
    rec.put("frl/boundary", boundary)
    rec.put("frl/weight", np.array(weights))
    rec.put("frl/margin", np.stack(margins))


def cfa(rec):
    lam, beta = 0.5, 6.0
    right = uniform("cfa/right", CLASSES)
    rec.put("cfa/right", right)
    rec.put("cfa/margin", lam + right)
    rec.put("cfa/balance", (lam + right) * beta / (1 + (lam + right) * beta))


def dafa(rec):
    scale = 1.0
    p = np.exp(uniform("dafa/confusion", (CLASSES, CLASSES), -4, 0) + 3 * np.eye(CLASSES))
    p /= p.sum(1, keepdims=True)
    w = np.ones(CLASSES)
    for i in range(CLASSES):
        for j in range(CLASSES):
            if i != j:
                w[i] += scale * p[i, j] * p[j, j] if p[i, i] < p[j, j] else -scale * p[j, i] * p[i, i]
    rec.put("dafa/confusion", p)
    rec.put("dafa/weight", w)


def cfol(rec):
    steps, batch, gamma, rate = 5, 16, 0.5, 0.02
    y = np.stack([values.labels(batch, case=20 + t) for t in range(steps)])
    wrong = uniform("cfol/wrong", (steps, batch)) < 0.6
    w, out = np.zeros(CLASSES), []
    for t in range(steps):
        q = np.exp(w - w.max())
        p = gamma / CLASSES + (1 - gamma) * q / q.sum()
        out.append(p)
        for i in range(batch):
            w[y[t, i]] += rate * wrong[t, i] / p[y[t, i]]
    rec.put("cfol/labels", y)
    rec.put("cfol/wrong", wrong.astype(np.int64))
    rec.put("cfol/p", np.stack(out))


def losses(dtype):
    """MART and BAT on logits, value of each sample and gradients of the mean."""
    rows, beta = 8, 5.0
    y = labels(rows, 7)

    def logits(name):
        return torch.from_numpy(values.affine(name, (rows, CLASSES), 0.0, 3.0)).to(dtype).requires_grad_(True)

    def kl(p, q):
        return (F.softmax(p, 1) * (F.log_softmax(p, 1) - F.log_softmax(q, 1))).sum(1)

    clean, near, far = logits("rivals/clean"), logits("rivals/near"), logits("rivals/far")
    p = F.softmax(far, 1)
    wrong = p.masked_fill(F.one_hot(y, CLASSES).bool(), 0).max(1)[0]
    boosted = F.cross_entropy(far, y, reduction="none") - torch.log(1.0001 - wrong)
    true = F.softmax(clean, 1)[torch.arange(rows), y]
    mart = boosted + beta * kl(clean, far) * (1 - true)
    g = torch.autograd.grad(mart.mean(), (clean, far))
    out = {"mart/value": array(mart), "mart/clean": array(g[0]), "mart/far": array(g[1])}

    flat = torch.zeros_like(far)
    bat = F.cross_entropy(near, y, reduction="none") + beta * kl(clean, far) + kl(near, flat) + kl(far, flat)
    g = torch.autograd.grad(bat.mean(), (clean, near, far))
    return out | {"bat/value": array(bat), "bat/clean": array(g[0]), "bat/near": array(g[1]), "bat/far": array(g[2])}


def record(rec, log):
    for rule in (balls, group_dro, faal, wat, frl, cfa, dafa, cfol):
        rule(rec)
    both(rec, losses)
