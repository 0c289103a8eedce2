"""Small helpers shared by the recorded areas."""
import numpy as np
import torch
import torch.nn.functional as F

from . import networks, values

SINGLE, DOUBLE = torch.float32, torch.float64
PARAMETER_SAMPLES = 8


def images(shape, dtype, case=0):
    return torch.from_numpy(values.images(shape, case)).to(dtype)


def labels(count, case=0):
    return torch.from_numpy(values.labels(count, case=case))


def both(rec, run):
    """Runs `run(dtype)` -> {key: array} in float64 and float32, and records the pairs."""
    double, single = run(DOUBLE), run(SINGLE)
    assert double.keys() == single.keys()
    for key in double:
        rec.put_pair(key, double[key], single[key])
    return double, single


def array(tensor):
    return tensor.detach().cpu().double().numpy()


def sampled(tensor, count):
    flat = array(tensor).reshape(-1)
    return flat[values.sample_indices(count, flat.size)]


def parameter_gradients(net, loss, prefix):
    """Norm and sampled values of the gradient of each parameter, in the order of named_parameters()."""
    gradients = torch.autograd.grad(loss, list(net.parameters()))
    return {f"{prefix}/norm": np.array([array(g.double().norm()) for g in gradients]),
            f"{prefix}/sample": np.stack([sampled(g, PARAMETER_SAMPLES) for g in gradients])}


def parameter_values(net, prefix):
    named = list(net.parameters())
    return {f"{prefix}/norm": np.array([array(p.detach().double().norm()) for p in named]),
            f"{prefix}/sample": np.stack([sampled(p, PARAMETER_SAMPLES) for p in named])}


def describe(rec, net, case):
    """Puts names and shapes of a network's tensors into the metadata: `name:3,3` joined by `;`."""
    trained = [name for name, _ in net.named_parameters()]
    shapes = networks.state_shapes(net)
    rec.words[f"{case}/parameters"] = ";".join(f"{n}:{','.join(map(str, shapes[n]))}" for n in trained)
    rec.words[f"{case}/buffers"] = ";".join(
        f"{n}:{','.join(map(str, s))}" for n, s in shapes.items() if n not in set(trained))


def codat(loss, target, eta):
    """E + sqrt(eta Var) over the class means of the batch, uniform over the classes present."""
    risks = torch.stack([loss[target == k].mean() for k in torch.unique(target)])
    mean = risks.mean()
    return mean + (eta * (risks - mean).square().mean()).sqrt(), risks


def trades(natural, adversarial, target, beta):
    kl = F.kl_div(F.log_softmax(adversarial, 1), F.softmax(natural, 1), reduction="batchmean")
    return F.cross_entropy(natural, target) + beta * kl
