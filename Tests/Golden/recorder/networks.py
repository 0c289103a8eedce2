"""The networks, in PyTorch, under the tensor names of the weight files."""
from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn

from . import values


def conv(cin, cout, kernel=3, stride=1, bias=False):
    return nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=bias)


class SmallCnn(nn.Module):
    def __init__(self, channels, side):
        super().__init__()
        self.conv1 = conv(channels, 16, bias=True)
        self.conv2 = conv(16, 32, bias=True)
        self.conv3 = conv(32, 64, bias=True)
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.linear(F.relu(self.conv3(x)).mean((2, 3)))


class MediumCnn(nn.Module):
    def __init__(self, channels, side):
        super().__init__()
        self.conv1 = conv(channels, 32, bias=True)
        self.conv2 = conv(32, 32, bias=True)
        self.conv3 = conv(32, 64, bias=True)
        self.conv4 = conv(64, 64, bias=True)
        self.fc1 = nn.Linear(64 * (side // 4) ** 2, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        x = F.max_pool2d(F.relu(self.conv4(F.relu(self.conv3(x)))), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


class Mlp(nn.Module):
    def __init__(self, channels, side):
        super().__init__()
        self.fc1 = nn.Linear(channels * side * side, 256)
        self.fc2 = nn.Linear(256, 128)
        self.fc3 = nn.Linear(128, 10)

    def forward(self, x):
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.flatten(1))))))


class BasicBlock(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1, self.bn1 = conv(cin, cout, stride=stride), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = conv(cout, cout), nn.BatchNorm2d(cout)
        self.shortcut = nn.Sequential()
        if stride != 1 or cin != cout:
            self.shortcut = nn.Sequential(conv(cin, cout, 1, stride), nn.BatchNorm2d(cout))

    def forward(self, x):
        branch = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(branch + self.shortcut(x))


class PreActBlock(nn.Module):
    """Pre-activation; the shortcut convolution, where there is one, acts on relu(bn1(x))."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(cin), conv(cin, cout, stride=stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(cout), conv(cout, cout)
        self.add_shortcut(cin, cout, stride)

    def add_shortcut(self, cin, cout, stride):
        if stride != 1 or cin != cout:
            self.shortcut = nn.Sequential(conv(cin, cout, 1, stride))

    def short(self, x, active):
        return self.shortcut(active) if hasattr(self, "shortcut") else x

    def forward(self, x):
        active = F.relu(self.bn1(x))
        return self.conv2(F.relu(self.bn2(self.conv1(active)))) + self.short(x, active)


class WideBlock(PreActBlock):
    def add_shortcut(self, cin, cout, stride):
        if cin != cout:
            self.convShortcut = conv(cin, cout, 1, stride)

    def short(self, x, active):
        return self.convShortcut(active) if hasattr(self, "convShortcut") else x


def stage(block, count, cin, cout, stride):
    return nn.Sequential(*(block(cin if i == 0 else cout, cout, stride if i == 0 else 1) for i in range(count)))


class ResNet18(nn.Module):
    def __init__(self, block, tail):
        super().__init__()
        self.conv1 = conv(3, 64)
        if block is BasicBlock:
            self.bn1 = nn.BatchNorm2d(64)
        for i, (cin, cout) in enumerate(((64, 64), (64, 128), (128, 256), (256, 512)), 1):
            setattr(self, f"layer{i}", stage(block, 2, cin, cout, 1 if i == 1 else 2))
        if tail:
            self.bn = nn.BatchNorm2d(512)
        self.linear = nn.Linear(512, 10)

    def forward(self, x):
        x = self.conv1(x)
        if hasattr(self, "bn1"):
            x = F.relu(self.bn1(x))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        if hasattr(self, "bn"):
            x = F.relu(self.bn(x))
        return self.linear(x.mean((2, 3)))


class WideStage(nn.Module):
    """Only there for the name: block1.layer.0 and so on."""

    def __init__(self, count, cin, cout, stride):
        super().__init__()
        self.layer = stage(WideBlock, count, cin, cout, stride)

    def forward(self, x):
        return self.layer(x)


class WideResNet(nn.Module):
    def __init__(self, depth, width):
        super().__init__()
        count, (a, b, c) = (depth - 4) // 6, (16 * width, 32 * width, 64 * width)
        self.conv1 = conv(3, 16)
        self.block1 = WideStage(count, 16, a, 1)
        self.block2 = WideStage(count, a, b, 2)
        self.block3 = WideStage(count, b, c, 2)
        self.bn1 = nn.BatchNorm2d(c)
        self.fc = nn.Linear(c, 10)

    def forward(self, x):
        x = self.block3(self.block2(self.block1(self.conv1(x))))
        return self.fc(F.relu(self.bn1(x)).mean((2, 3)))


class Normalised(nn.Module):
    """(x - mean) / std in front of a network."""

    def __init__(self, net, mean, std):
        super().__init__()
        self.net = net
        dtype = next(net.parameters()).dtype
        self.mean = torch.tensor(mean, dtype=torch.float32).to(dtype).view(1, -1, 1, 1)
        self.std = torch.tensor(std, dtype=torch.float32).to(dtype).view(1, -1, 1, 1)

    def forward(self, x):
        return self.net((x - self.mean) / self.std)


def make(model, channels, side):
    if model.startswith("wrn-"):
        return WideResNet(*(int(part) for part in model.split("-")[1:]))
    return {
        "small-cnn": lambda: SmallCnn(channels, side), "medium-cnn": lambda: MediumCnn(channels, side),
        "mlp": lambda: Mlp(channels, side), "resnet18": lambda: ResNet18(BasicBlock, tail=False),
        "preact-resnet18": lambda: ResNet18(PreActBlock, tail=True),
    }[model]()


GAINS = {"resnet18": 0.7, "preact-resnet18": 0.7}


def gain(model):
    """Residual networks get smaller weights, so that running statistics that fit nothing do not blow them up."""
    return 0.7 if model.startswith("wrn-") else GAINS.get(model, 1.0)


def state_shapes(net):
    return OrderedDict((name, tuple(t.shape)) for name, t in net.state_dict().items()
                       if not name.endswith("num_batches_tracked"))


def build(model, channels, side, dtype):
    """The network with its generated weights; a float64 one holds exactly the float32 values."""
    net = make(model, channels, side)
    weights = {name: torch.from_numpy(values.state(name, shape, gain(model)))
               for name, shape in state_shapes(net).items()}
    missing = net.load_state_dict(weights, strict=False).missing_keys
    assert all(name.endswith("num_batches_tracked") for name in missing), missing
    return net.to(dtype)
