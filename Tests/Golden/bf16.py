#!/usr/bin/env python3
"""How far PyTorch's bf16 (autocast on the processor) is from its own single precision on an untrained wrn-10-1.

  /usr/bin/python3 Tests/Golden/bf16.py

Prints, for several seeds, the relative differences in norm of the image gradient and of all parameter gradients, and the
share of the image gradient's signs that agree. With PyTorch 1.13: 0.17 to 0.18, 0.11 to 0.14, 0.94 to 0.95. That is what
Tests/Cuda/PrecisionTests.cs compares the tolerance for batch statistics with.
"""
import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if inputs != outputs else None

    def forward(self, x):
        active = F.relu(self.bn1(x))
        shortcut = x if self.shortcut is None else self.shortcut(active)
        return self.conv2(F.relu(self.bn2(self.conv1(active)))) + shortcut


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.blocks = nn.Sequential(Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2))
        self.bn, self.fc = nn.BatchNorm2d(64), nn.Linear(64, 10)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, x):
        features = F.relu(self.bn(self.blocks(self.conv(x)))).mean((2, 3)).float()
        with torch.autocast("cpu", enabled=False):
            return self.fc(features)


def gradients(network, x, labels, is_bf16):
    network.zero_grad()
    x.grad = None
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_bf16):
        logits = network(x)
    F.cross_entropy(logits.float(), labels).backward()
    return x.grad.clone(), torch.cat([p.grad.flatten() for p in network.parameters()])


def main():
    for images in (16, 64):
        for seed in range(3):
            torch.manual_seed(seed)
            network, x = Network().train(), torch.rand(images, 3, 8, 8, requires_grad=True)
            labels = torch.randint(0, 10, (images,))
            single, narrow = gradients(network, x, labels, False), gradients(network, x, labels, True)
            image, parameters = (float((a - b).norm() / a.norm()) for a, b in zip(single, narrow))
            signs = float((single[0].sign() == narrow[0].sign()).float().mean())
            print(f"{images} images, seed {seed}: image {image:.3f}, parameters {parameters:.3f}, signs {signs:.3f}")


main()
