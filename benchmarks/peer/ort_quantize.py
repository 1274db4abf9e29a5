"""The peer of the quantisation benchmarks: ONNX Runtime's own quantizer, as its documentation says to use it.

quant_pre_process, then quantize_static: Q/DQ, per channel, uint8 activations, int8 weights, nothing excluded. Calibration
images come as bytes (N×3×H×W, uint8), made by Octet's preprocessing, so that both tools see the same pixels and neither
pays for decoding them. The last line on stdout is a JSON document: seconds of each step, peak memory, versions.
"""

import argparse
import json
import logging
import os
import platform
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import version_converter
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

METHODS = {
    "minmax": CalibrationMethod.MinMax,
    "percentile": CalibrationMethod.Percentile,
    "entropy": CalibrationMethod.Entropy,
}
# Q/DQ with an axis needs 13; any from there on would do.
LEAST_OPSET, OPSET = 13, 17


class Images(CalibrationDataReader):
    """One image a batch, as float32 (byte − mean)·scale; read from disk when it is asked for."""

    def __init__(self, file, name, height, width, count, mean, scale):
        self.name, self.mean, self.scale = name, np.float32(mean), np.float32(scale)
        self.bytes = np.memmap(file, dtype=np.uint8, mode="r").reshape(-1, 1, 3, height, width)[:count]
        self.next = 0

    def get_next(self):
        if self.next >= len(self.bytes):
            return None
        image = self.bytes[self.next].astype(np.float32)
        self.next += 1
        return {self.name: (image - self.mean) * self.scale}


def at_least_opset(model):
    version = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 1)
    return model if version >= LEAST_OPSET else version_converter.convert_version(model, OPSET)


def peak_bytes():
    """Of this program alone: what getrusage says may be its parent's before exec."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if platform.system() == "Darwin" else peak * 1024


def versions():
    return {
        "python": platform.python_version(),
        "onnxruntime": onnxruntime.__version__,
        "onnx": onnx.__version__,
        "numpy": np.__version__,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", action="store_true", help="say only which versions these are")
    parser.add_argument("--model")
    parser.add_argument("--out")
    parser.add_argument("--images", help="file of N×3×H×W bytes")
    parser.add_argument("--count", type=int, help="use so many of them")
    parser.add_argument("--input", help="name of the model's input")
    parser.add_argument("--height", type=int)
    parser.add_argument("--width", type=int)
    parser.add_argument("--mean", type=float, default=0.0)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--method", choices=METHODS, default="minmax")
    parser.add_argument("--reduce-range", action="store_true", help="7-bit weights")
    args = parser.parse_args()
    if args.versions:
        print(json.dumps(versions()))
        return
    logging.disable(logging.WARNING)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="octet-peer-") as folder:
        os.chdir(folder)  # It leaves files of its own where it runs.
        newer, prepared = f"{folder}/newer.onnx", f"{folder}/prepared.onnx"
        onnx.save(at_least_opset(onnx.load(args.model)), newer)
        try:
            quant_pre_process(newer, prepared)
        except Exception as error:  # What it raises where its shape inference stops half-way.
            if "symbolic shape" not in str(error):
                raise
            quant_pre_process(newer, prepared, skip_symbolic_shape=True)
        prepared_at = time.perf_counter()
        quantize_static(
            prepared,
            args.out,
            Images(args.images, args.input, args.height, args.width, args.count, args.mean, args.scale),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=args.reduce_range,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=METHODS[args.method],
        )
    ended = time.perf_counter()
    steps = {"prepareSeconds": prepared_at - started, "quantizeSeconds": ended - prepared_at, "seconds": ended - started}
    print(json.dumps({**steps, "peakBytes": peak_bytes(), "versions": versions()}))


if __name__ == "__main__":
    main()
