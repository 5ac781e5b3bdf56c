#!/usr/bin/env python3
"""Records an event file as tensorboardX writes it, with what was written as JSON, and histograms as it makes them of numbers.

Run from the repository's root: python3 scripts/record-tensorboard.py. Needs NumPy and tensorboardX (pip install tensorboardX). The file and its
records are from its own writer, and the messages from its own functions and schemas; only the times are set, so that they come out again.
"""

import json
import os
import struct
import tempfile
import zlib

import numpy as np
from tensorboardX import summary
from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.event_pb2 import Event, SessionLog

FOLDER = "test/golden/tensorboard"


def gray_png(pixels):
    """A PNG of 8 bits a pixel (https://www.w3.org/TR/png-3/)."""
    height, width = pixels.shape
    chunk = lambda kind, data: (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    )
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def histogram_as_json(histogram):
    return {
        "min": histogram.min,
        "max": histogram.max,
        "count": histogram.num,
        "sum": histogram.sum,
        "sumOfSquares": histogram.sum_squares,
        "limits": list(histogram.bucket_limit),
        "counts": list(histogram.bucket),
    }


def events(random):
    """Each message with what it says."""
    for step, loss in [(0, 0.0), (100, 0.4375), (70000, -1.5), (2**40 + 1, float(np.float32(0.1)))]:
        yield step, summary.scalar("loss/train", loss), [
            {"tag": "loss/train", "value": {"kind": "scalar", "scalar": loss}}
        ]
    numbers = random.normal(0, 0.3, 200).astype(np.float32).astype(np.float64)
    made = summary.histogram("weights/layers.0.weight", numbers, "auto")
    yield 550, made, [
        {
            "tag": "weights/layers.0.weight",
            "value": {"kind": "histogram", "histogram": histogram_as_json(made.value[0].histo)},
        }
    ]
    pixels = random.randint(0, 256, (3, 5)).astype(np.uint8)
    png = gray_png(pixels)
    made = summary.Summary(
        value=[
            summary.Summary.Value(
                tag="mistakes/true 4, predicted 9",
                image=summary.Summary.Image(height=3, width=5, colorspace=1, encoded_image_string=png),
            )
        ]
    )
    image = {"height": 3, "width": 5, "png": png.hex()}
    yield 1100, made, [{"tag": "mistakes/true 4, predicted 9", "value": {"kind": "image", "image": image}}]


def histograms(random):
    """Numbers in buckets, by NumPy: where each of them goes among TensorFlow's default limits, and how many there are of each."""
    positive = []
    limit = 1e-12
    while limit < 1e20:
        positive.append(limit)
        limit *= 1.1
    largest = np.finfo(np.float64).max
    limits = np.array([-largest] + [-v for v in reversed(positive)] + [0.0] + positive + [largest])
    some = [0.0, 1e-12, -1e-12, 1e-13, -1e-13, 1.0, -1.0, 1e20, -1e20, 1e150, -1e150, positive[500], -positive[500], positive[-1]]
    for numbers in [some, random.normal(0, 0.05, 300), random.standard_cauchy(100) * 1e-9, np.zeros(7), [3.5]]:
        numbers = np.asarray(numbers, dtype=np.float64)
        counts = np.bincount(np.searchsorted(limits, numbers, side="right"), minlength=len(limits))
        yield {
            "numbers": numbers.tolist(),
            "buckets": [[limits[i], int(counts[i])] for i in np.flatnonzero(counts)],
            "min": numbers.min(),
            "max": numbers.max(),
            "sum": numbers.sum(),
            "sumOfSquares": (numbers * numbers).sum(),
        }


def main():
    random = np.random.RandomState(1)
    told = []
    with tempfile.TemporaryDirectory() as folder:
        writer = EventsWriter(os.path.join(folder, "events"))
        writer.write_event(Event(wall_time=1.7e9, step=101, session_log=SessionLog(status=SessionLog.START)))
        told.append({"wallTime": 1.7e9, "step": 101, "what": {"kind": "start"}})
        for i, (step, message, values) in enumerate(events(random)):
            wall_time = 1.7e9 + i / 8
            writer.write_event(Event(wall_time=wall_time, step=step, summary=message))
            told.append({"wallTime": wall_time, "step": step, "what": {"kind": "summary", "values": values}})
        hyperparameters = {"learningRate": 0.1, "optimizer": "sgd", "nesterov": False, "momentum": 0.0}
        _, start, end = summary.hparams(hyperparameters, {})
        for message in [start, end]:
            writer.write_event(Event(wall_time=1.7e9 + 100, summary=message))
        writer.close()
        [name] = os.listdir(folder)
        with open(os.path.join(folder, name), "rb") as file:
            recorded = file.read()
    # The writer's own first event has the time of the recording.
    told.insert(0, {"wallTime": struct.unpack_from("<d", recorded, 13)[0], "what": {"kind": "version"}})
    os.makedirs(FOLDER, exist_ok=True)
    with open(f"{FOLDER}/events.out.tfevents.recorded", "wb") as file:
        file.write(recorded)
    expected = {
        "events": told,
        "hyperparameters": hyperparameters,
        "histograms": list(histograms(random)),
    }
    with open(f"{FOLDER}/recorded.json", "w") as file:
        json.dump(expected, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
