#!/usr/bin/env python3
"""Makes fashion-mnist-mini from the four official Fashion-MNIST files.

    python3 make_fashion_mnist_mini.py FOLDER_WITH_OFFICIAL_FILES [OUTPUT_FOLDER]

Training images: the first 1,200 of each class in file order, kept in file order (12,000 in all). The test files are the
official ones, byte for byte. Output is gzip at level 9 without name or time, so every run of the same zlib gives the same
bytes; the uncompressed bytes are the same everywhere. Needs nothing but the standard library.
"""
import gzip
import hashlib
import os
import shutil
import struct
import sys
import zlib

PER_CLASS = 1200
CLASSES = 10
SIDE = 28
OFFICIAL = {
    "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        data = file.read()
    if hashlib.sha256(data).hexdigest() != OFFICIAL[name]:
        sys.exit(name + ": this is not the official file")
    return gzip.decompress(data)


def write(folder, name, data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    trailer = struct.pack("<II", zlib.crc32(data), len(data))
    packed = header + packer.compress(data) + packer.flush() + trailer
    with open(os.path.join(folder, name), "wb") as file:
        file.write(packed)
    print(name, len(packed), "bytes, sha256", hashlib.sha256(packed).hexdigest(),
          "unpacked", hashlib.sha256(data).hexdigest())


def main():
    source = sys.argv[1]
    here = os.path.dirname(os.path.abspath(__file__))
    target = sys.argv[2] if len(sys.argv) > 2 else os.path.join(here, "fashion-mnist-mini")
    os.makedirs(target, exist_ok=True)
    images = read(source, "train-images-idx3-ubyte.gz")[16:]
    labels = read(source, "train-labels-idx1-ubyte.gz")[8:]

    left = [PER_CLASS] * CLASSES
    kept_images, kept_labels = bytearray(), bytearray()
    for index, label in enumerate(labels):
        if left[label] == 0:
            continue
        left[label] -= 1
        kept_images += images[index * SIDE * SIDE:(index + 1) * SIDE * SIDE]
        kept_labels.append(label)

    count = PER_CLASS * CLASSES
    assert not any(left) and len(kept_labels) == count
    write(target, "train-images-idx3-ubyte.gz", struct.pack(">IIII", 2051, count, SIDE, SIDE) + kept_images)
    write(target, "train-labels-idx1-ubyte.gz", struct.pack(">II", 2049, count) + kept_labels)
    for name in ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"):
        read(source, name)
        shutil.copyfile(os.path.join(source, name), os.path.join(target, name))


if __name__ == "__main__":
    main()
