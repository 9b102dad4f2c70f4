"""Reads the lines of a picture with RapidOCR, in the reader's virtual environment.

One thread an engine: who starts the process limits the threads of the libraries below. What an
engine gives is what Textract gives for a line: text, confidence, and a polygon that begins at the
text's own top left, so that it says which way the text runs.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

import cv2
import numpy as np
from PIL import Image
from rapidocr import RapidOCR

from tools.local_cloud.reader.lines import Line

MOST_SIDE = 10_000  # pixels, as Textract has it
MOST_PIXELS = 50_000_000  # Textract has no such bound; three bytes each are in memory twice
MOST_RATIO = 25  # of the sides: a strip of 2,000 x 2 makes the detector allocate gigabytes
FORMATS = ("JPEG", "PNG", "TIFF")  # Textract takes PDF too; the product sends pictures
LEAST_SCORE = 0.5
LEAST_TURNED = 1.5  # a crop this much taller than wide is read as turned by 90 degrees
SURE_TURNED = 0.9  # of the classifier that text stands on its head

SETTINGS = {
    "Global.log_level": "error",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Det.limit_type": "max",
    "Det.limit_side_len": 960,
}

cv2.setNumThreads(1)
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class PictureRefused(Exception):
    """A picture is not read; `kind` is AWS's name of the error."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind


def engine() -> RapidOCR:
    """An engine; it serves one thread at a time."""
    return RapidOCR(params=SETTINGS)


def read(reader: RapidOCR, content: bytes) -> list[Line]:
    """The lines of a picture in the order they were found, in pixels. Raises PictureRefused."""
    prepared, record = reader.preprocess_img(_pixels(content))
    found, turned, texts, _ = reader.run_ocr_steps(prepared, record)
    if found.boxes is None or texts.txts is None:
        return []
    scale = record["preprocess"]
    padding = record.get("padding_1", {"left": 0, "top": 0})
    lines = []
    for box, label, text, score in zip(found.boxes, turned.cls_res, texts.txts, texts.scores, strict=True):
        if text.strip() and score >= LEAST_SCORE:
            corners = [
                ((x - padding["left"]) * scale["ratio_w"], (y - padding["top"]) * scale["ratio_h"])
                for x, y in box.tolist()
            ]
            first = _beginning(box, label)
            lines.append(Line(text, round(float(score) * 100, 2), tuple(corners[first:] + corners[:first])))
    return lines


def size(content: bytes) -> tuple[int, int]:
    """The width and height of a picture that is read. Raises PictureRefused."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            width, height = image.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Warning) as error:
        raise PictureRefused("UnsupportedDocumentException", f"this is no picture that can be read: {error}") from error
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise PictureRefused("BadDocumentException", f"{width} x {height} pixels are too many")
    if max(width, height) > MOST_RATIO * min(width, height):
        raise PictureRefused("BadDocumentException", f"{width} x {height} is too long and narrow")
    return width, height


def _pixels(content: bytes) -> Any:
    """The pixels of a picture, blue first, as the engine takes them."""
    size(content)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            return cv2.cvtColor(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2BGR)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError, Warning) as error:
        raise PictureRefused("BadDocumentException", f"the picture cannot be decoded: {error}") from error


def _beginning(box: Any, label: tuple[str, float]) -> int:
    """Which corner, clockwise from the top left, the text begins at; `label` says whether it stood
    on its head after a tall box had been turned by 90 degrees.
    """
    width = max(np.linalg.norm(box[0] - box[1]), np.linalg.norm(box[2] - box[3]))
    height = max(np.linalg.norm(box[0] - box[3]), np.linalg.norm(box[1] - box[2]))
    first = 1 if int(height) >= LEAST_TURNED * int(width) else 0
    name, sure = label
    return first + 2 if "180" in name and sure > SURE_TURNED else first
