"""A writer of safetensors: 8 bytes of header length, a JSON header, the data."""
import json
import struct

import numpy as np

TYPES = {np.dtype("<f8"): "F64", np.dtype("<f4"): "F32", np.dtype("<i8"): "I64"}


class Recording:
    """What one file holds: tensors by name, and words by key."""

    def __init__(self, name):
        self.name, self.tensors, self.words, self.noise = name, {}, {}, []

    def put(self, key, value):
        value = np.ascontiguousarray(value)
        assert key not in self.tensors, key
        assert value.dtype.kind == "i" or np.isfinite(value).all(), key
        self.tensors[key] = value

    def put_pair(self, key, double, single):
        """The value from a float64 run under `key`, and the one from a float32 run under `key/f32`."""
        double = np.asarray(double, dtype=np.float64)
        single = np.asarray(single, dtype=np.float32)
        self.put(key, double)
        self.put(key + "/f32", single)
        largest = np.abs(double).max()
        self.noise.append((key, float(np.abs(single - double).max() / largest) if largest > 0 else 0.0))

    def write(self, folder):
        header, offset, blobs = {"__metadata__": self.words}, 0, []
        for key, value in self.tensors.items():
            blob = value.astype(value.dtype.newbyteorder("<")).tobytes()
            header[key] = {"dtype": TYPES[value.dtype.newbyteorder("<")], "shape": list(value.shape),
                           "data_offsets": [offset, offset + len(blob)]}
            blobs.append(blob)
            offset += len(blob)
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        data = struct.pack("<Q", len(text)) + text + b"".join(blobs)
        (folder / f"{self.name}.safetensors").write_bytes(data)
        return len(data)
