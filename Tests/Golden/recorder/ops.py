"""ops.safetensors: single operations in float64, whole tensors."""
import torch
import torch.nn.functional as F

from . import values
from .common import array

# name: batch, channels, height, width, filters, kernel height, kernel width, stride, padding
CONVOLUTIONS = {
    "3x3": (2, 3, 7, 6, 4, 3, 3, 1, 1), "3x3-stride2": (2, 3, 8, 8, 4, 3, 3, 2, 1),
    "3x3-stride2-odd": (1, 2, 7, 9, 3, 3, 3, 2, 1), "3x3-valid": (1, 4, 6, 5, 5, 3, 3, 1, 0),
    "1x1": (2, 5, 4, 3, 6, 1, 1, 1, 0), "1x1-stride2": (1, 5, 9, 7, 3, 1, 1, 2, 0),
    "5x5-stride2": (2, 1, 9, 8, 2, 5, 5, 2, 2), "7x7-stride3": (1, 3, 11, 10, 2, 7, 7, 3, 3),
    "2x3": (1, 2, 5, 6, 3, 2, 3, 1, 1), "3x3-wide": (1, 9, 6, 6, 17, 3, 3, 1, 1),
    "3x3-pad2": (1, 2, 4, 4, 2, 3, 3, 1, 2),
}
# name: side, kernel, stride, padding
POOLS = {"2x2": (6, 2, 2, 0), "3x3-stride2-pad1": (7, 3, 2, 1), "2x2-odd": (5, 2, 2, 0), "3x3-overlap": (6, 3, 1, 0)}
POOL_LEVELS = 4
BATCH_NORM_SHAPE, EPS, MOMENTUM = (4, 3, 3, 2), 1e-5, 0.1


def tensor(name, shape, scale=1.0):
    return torch.from_numpy(values.affine(name, shape, 0.0, scale)).double().requires_grad_(True)


def convolutions(rec):
    for name, (n, c, h, w, k, r, s, stride, padding) in CONVOLUTIONS.items():
        x, weight, bias = (tensor(f"conv/{name}/{part}", shape)
                           for part, shape in (("x", (n, c, h, w)), ("w", (k, c, r, s)), ("b", (k,))))
        y = F.conv2d(x, weight, bias, stride, padding)
        dx, dw, db = torch.autograd.grad(y, (x, weight, bias), tensor(f"conv/{name}/dy", tuple(y.shape)).detach())
        for part, value in (("y", y), ("dx", dx), ("dw", dw), ("db", db)):
            rec.put(f"conv/{name}/{part}", array(value))
        rec.words[f"conv/{name}"] = ",".join(map(str, CONVOLUTIONS[name]))


def pools(rec):
    """Inputs of the maximum take few levels, so windows have ties: the first in scan order gets the gradient."""
    for kind in ("max", "average"):
        for name, (side, kernel, stride, padding) in POOLS.items():
            shape = (2, 3, side, side)
            x = torch.from_numpy(values.affine(f"pool/{name}/x", shape, 0.0, 1.0, symmetric=False)).double()
            if kind == "max":
                x = torch.floor(x * POOL_LEVELS)
            x.requires_grad_(True)
            y = (F.max_pool2d if kind == "max" else F.avg_pool2d)(x, kernel, stride, padding)
            dx, = torch.autograd.grad(y, x, tensor(f"pool/{name}/dy", tuple(y.shape)).detach())
            rec.put(f"pool/{kind}/{name}/y", array(y))
            rec.put(f"pool/{kind}/{name}/dx", array(dx))
            rec.words[f"pool/{kind}/{name}"] = ",".join(map(str, (*shape, kernel, stride, padding)))


def batch_norms(rec):
    """`train` writes the running statistics; its gradient is that of batch statistics without writing, too."""
    channels = BATCH_NORM_SHAPE[1]
    for mode in ("train", "eval"):
        x, dy = tensor("bn/x", BATCH_NORM_SHAPE, 2.0), tensor("bn/dy", BATCH_NORM_SHAPE).detach()
        gamma, beta, mean, variance = (
            torch.from_numpy(values.state(f"bn/{part}", (channels,))).double()
            for part in ("weight", "bias", "running_mean", "running_var"))
        gamma.requires_grad_(True)
        beta.requires_grad_(True)
        y = F.batch_norm(x, mean, variance, gamma, beta, mode == "train", MOMENTUM, EPS)
        dx, dgamma, dbeta = torch.autograd.grad(y, (x, gamma, beta), dy)
        parts = {"y": y, "dx": dx, "dgamma": dgamma, "dbeta": dbeta, "running_mean": mean, "running_var": variance}
        for part, value in parts.items():
            rec.put(f"bn/{mode}/{part}", array(value))


def rest(rec):
    x, w, b = tensor("linear/x", (3, 7)), tensor("linear/w", (5, 7)), tensor("linear/b", (5,))
    y = F.linear(x, w, b)
    dx, dw, db = torch.autograd.grad(y, (x, w, b), tensor("linear/dy", (3, 5)).detach())
    for part, value in (("y", y), ("dx", dx), ("dw", dw), ("db", db)):
        rec.put(f"linear/{part}", array(value))

    x = torch.tensor([-2.0, -0.0, 0.0, 1e-300, 3.0], dtype=torch.float64, requires_grad=True)
    y = F.relu(x)
    rec.put("relu/x", array(x))
    rec.put("relu/y", array(y))
    rec.put("relu/dx", array(torch.autograd.grad(y.sum(), x)[0]))

    z = tensor("softmax/z", (3, 7), 4.0)
    rec.put("softmax/y", array(F.softmax(z, 1)))
    rec.put("softmax/log", array(F.log_softmax(z, 1)))


def record(rec, log):
    convolutions(rec)
    pools(rec)
    batch_norms(rec)
    rest(rec)
    rec.put("values/unit", values.unit("x", 8))
    rec.put("values/unit/case3", values.unit("x", 8, 3))
    rec.put("values/conv1.weight", values.state("conv1.weight", (16, 1, 3, 3))[0, 0])
    rec.put("values/bn1.running_var", values.state("bn1.running_var", (8,)))
    rec.put("values/bn1.weight", values.state("bn1.weight", (8,)))
    rec.put("values/labels", values.labels(32))
    rec.put("values/indices", values.sample_indices(16, 1000))
