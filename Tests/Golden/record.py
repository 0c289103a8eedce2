#!/usr/bin/env python3
"""Records what PyTorch computes, as the files in data/ (README.md lists them).

  /usr/bin/python3 Tests/Golden/record.py [area ...]     areas: networks attacks training losses ops rivals

Needs Debian's python3-torch (recorded with 1.13) and libopenblas0. Takes about a minute on two cores.
"""
import pathlib
import sys
import time

import torch

sys.dont_write_bytecode = True
from recorder import attacks, files, forward, losses, ops, rivals, training  # noqa: E402  (no __pycache__ beside the sources)

AREAS = {"networks": forward, "attacks": attacks, "training": training, "losses": losses, "ops": ops, "rivals": rivals}


def main():
    torch.set_num_threads(2)
    folder = pathlib.Path(__file__).resolve().parent / "data"
    folder.mkdir(exist_ok=True)
    for name in sys.argv[1:] or AREAS:
        start, rec = time.monotonic(), files.Recording(name)
        rec.words["torch"] = torch.__version__
        AREAS[name].record(rec, lambda text: print("   ", text))
        size = rec.write(folder)
        print(f"{name}: {size} bytes, {len(rec.tensors)} tensors, {time.monotonic() - start:.0f} s")
        for key, noise in sorted(rec.noise, key=lambda pair: -pair[1])[:12]:
            print(f"    float32 differs by {noise:.1e} of the largest: {key}")


main()
