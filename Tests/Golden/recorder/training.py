"""training.safetensors: ten steps of SGD, and the learning rates of the schedules."""
import numpy as np
import torch
import torch.nn.functional as F

from . import networks
from .common import array, both, describe, images, labels, parameter_values

CASES = [("small-cnn", 1, 28), ("wrn-10-1", 3, 32)]
STEPS, BATCH, RATE = 10, 16, 0.05
# Step i trains on the batch of case FIRST + i: with these ten no float32 run strays across a ReLU.
FIRST = 200
SCHEDULE_STEPS, PEAK = 40, 0.1


def run(model, channels, side, nesterov, dtype):
    net = networks.build(model, channels, side, dtype).train()
    optimiser = torch.optim.SGD(net.parameters(), lr=RATE, momentum=0.9, weight_decay=5e-4, nesterov=nesterov)
    losses = []
    for i in range(STEPS):
        x, y = images((BATCH, channels, side, side), dtype, FIRST + i), labels(BATCH, FIRST + i)
        loss = F.cross_entropy(net(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(array(loss))
    key = f"{model}/{'nesterov' if nesterov else 'momentum'}"
    out = {f"{key}/loss": np.array(losses)} | parameter_values(net, f"{key}/parameter")
    for name, buffer in net.named_buffers():
        if name in ("bn1.running_mean", "bn1.running_var"):
            out[f"{key}/{name}"] = array(buffer)
    return out


def schedules():
    schedulers = torch.optim.lr_scheduler
    makers = {
        "onecycle": lambda o: schedulers.OneCycleLR(
            o, PEAK, total_steps=SCHEDULE_STEPS, pct_start=0.3, anneal_strategy="cos", cycle_momentum=False,
            div_factor=25, final_div_factor=1e4),
        "piecewise": lambda o: schedulers.MultiStepLR(o, [30, 36], gamma=0.1),
        "cosine": lambda o: schedulers.CosineAnnealingLR(o, SCHEDULE_STEPS),
        "cyclic": lambda o: schedulers.CyclicLR(o, 0.0, PEAK, step_size_up=SCHEDULE_STEPS // 2, cycle_momentum=False),
    }
    for name, make in makers.items():
        optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=PEAK, momentum=0.9)
        scheduler, rates = make(optimiser), []
        for _ in range(SCHEDULE_STEPS):
            rates.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            scheduler.step()
        yield name, np.array(rates)


def record(rec, log):
    for model, channels, side in CASES:
        describe(rec, networks.make(model, channels, side), model)
        for nesterov in (False, True):
            both(rec, lambda dtype: run(model, channels, side, nesterov, dtype))
        log(model)
    for name, rates in schedules():
        rec.put(f"schedule/{name}", rates)
