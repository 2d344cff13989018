"""Golden TensorBoard events: python scripts/reference/tensorboard_events.py [FILE...]

Without arguments writes Tests/Fixtures/tensorboard/scalars.tfevents with the `tensorboard` package's own protobuf classes
and record writer. With arguments prints the scalars that `tensorboard` reads from each event file, one a line.
Made with tensorboard 2.21.0.
"""

import pathlib
import sys

from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

EVENTS = [
    (1, [("train/loss", 0.6931471805599453), ("train/lr", 5e-05)]),
    (300, [("train/loss", 0.0), ("eval/weighted_f1", 0.9652)]),
    (2**40, [("überschrift", -1.5)]),
]


def write(path):
    with open(path, "wb") as file:
        records = RecordWriter(file)
        records.write(Event(wall_time=1700000000.25, file_version="brain.Event:2").SerializeToString())
        for step, scalars in EVENTS:
            summary = Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in scalars])
            event = Event(wall_time=1700000000.5 + step, step=step, summary=summary)
            records.write(event.SerializeToString())


def show(path):
    for event in LegacyEventFileLoader(path).Load():
        for value in event.summary.value:
            print(f"{event.step} {value.tag} {value.simple_value:.9g}")


if len(sys.argv) > 1:
    for path in sys.argv[1:]:
        show(path)
else:
    folder = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/tensorboard"
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "scalars.tfevents")
