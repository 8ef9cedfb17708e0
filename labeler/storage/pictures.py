"""One image's bytes in, our own re-encoded copies out. Nothing here touches the disk.

What is served to a browser is only what this module encoded itself from decoded pixels: no metadata, no text chunks,
no second file hidden behind the first, whatever the name or the declared type of the upload said.

Note: the pixel cap is ours. Pillow only warns between 89 and 179 million pixels, so the size
is read from the header and refused before anything is decoded. A JPEG is decoded at the smallest scale that still
fills the display copy, so `Image.size` after `draft` is not the size of the picture.

The encoders were chosen by measurement (tests/bench/bench_images.py): small pictures, such as digits or CIFAR, are
kept to the pixel as lossless WebP (0.2 ms at 72 x 72 where PNG takes 0.3); large ones become JPEG, which at
1600 x 1600 encodes in 13 ms where WebP takes 73 ms.
"""

import io
import struct
import threading
import zlib
from typing import NamedTuple

from PIL import Image, ImageChops, UnidentifiedImageError

from labeler.messages import Message

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
PIXEL_CAP = 50_000_000
# WebP's decoder holds the picture three times over: 20 million pixels cost it what 50 million cost the others.
_OWN_CAP = {"WEBP": 20_000_000}
DISPLAY_EDGE = 1600
THUMB_EDGE = 256
SMALL_QUALITY = 72  # of copies that go into a file somebody sends

_SEVERAL_AT_ONCE = 8_000_000
_ONE_LARGE_PICTURE = threading.BoundedSemaphore(1)
_EXIF_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Everything Pillow's decoders were seen to raise on damaged input; its warnings become errors under strict settings.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    AttributeError,
    RuntimeError,
    AssertionError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Warning,
)


class UnreadableImageError(Exception):
    """The bytes are not an image we take; the reason says why, in words for the person who sent it."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Copies(NamedTuple):
    """What is made of one image. width, height: of the original, pixels, after orientation.

    thumb is None when the display copy is small enough to be its own thumbnail.
    """

    width: int
    height: int
    display: bytes
    thumb: bytes | None


def read_size(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels after orientation, from the header alone; raise UnreadableImageError."""
    image = _open(data)
    # Pillow turns a TIFF itself while it loads, and says the turned size from the start.
    return image.size if image.format == "TIFF" else _oriented_size(image.size, _orientation(image))


def render(data: bytes) -> Copies:
    """Decode an image and encode its display copy (long edge <= 1600) and thumbnail (<= 256).

    Transparency is laid on white, the first frame or page is taken, orientation is applied once. Raises
    UnreadableImageError when the bytes are of another type, damaged, cut off or over the pixel cap.
    """
    image = _open(data)
    size = image.size
    try:
        image.draft(None, (DISPLAY_EDGE, DISPLAY_EDGE))
        if image.width * image.height <= _SEVERAL_AT_ONCE:
            return _copies(image, size)
        with _ONE_LARGE_PICTURE:
            return _copies(image, size)
    except _DECODER_ERRORS as error:
        raise UnreadableImageError(
            Message("The image is damaged or cut off ({reason}).", reason=_cut(error))
        ) from error


def render_whole(data: bytes) -> bytes:
    """Decode an image and encode our own copy of it at its full size, otherwise as `render` does.

    Raises UnreadableImageError like `render`.
    """
    image = _open(data)
    try:
        if image.width * image.height <= _SEVERAL_AT_ONCE:
            return _whole(image)
        with _ONE_LARGE_PICTURE:
            return _whole(image)
    except _DECODER_ERRORS as error:
        raise UnreadableImageError(
            Message("The image is damaged or cut off ({reason}).", reason=_cut(error))
        ) from error


def render_small(data: bytes, edge: int) -> bytes:
    """Decode an image and encode a small JPEG copy of it, its long edge at most `edge`, otherwise as `render` does.

    Raises UnreadableImageError like `render`.
    """
    image = _open(data)
    try:
        image.draft(None, (edge, edge))
        image.load()
        small = _fit(image, edge)
        turn = _TURNS.get(_orientation(image))
        return _encode(small if turn is None else small.transpose(turn), "JPEG", quality=SMALL_QUALITY)
    except _DECODER_ERRORS as error:
        raise UnreadableImageError(
            Message("The image is damaged or cut off ({reason}).", reason=_cut(error))
        ) from error


def content_type(head: bytes) -> str:
    """Return the media type of one of our own copies by its first bytes."""
    return "image/webp" if head.startswith(b"RIFF") else "image/jpeg"


def _open(data: bytes) -> Image.Image:
    if not data:
        raise UnreadableImageError(Message("The file is empty."))
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise UnreadableImageError(Message("Not a PNG, JPEG, WebP, GIF, BMP or TIFF image, or damaged.")) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableImageError(
            Message("The image has too many pixels; the limit is {most:,}.", most=PIXEL_CAP)
        ) from error
    except _DECODER_ERRORS as error:
        raise UnreadableImageError(
            Message("The header of the image is damaged ({reason}).", reason=_cut(error))
        ) from error
    cap = _OWN_CAP.get(image.format or "", PIXEL_CAP)
    if image.width * image.height > cap:
        raise UnreadableImageError(
            Message(
                "The image has {width} x {height} pixels; the limit is {most:,} in all.",
                width=image.width,
                height=image.height,
                most=cap,
            )
        )
    return image


def _copies(image: Image.Image, size: tuple[int, int]) -> Copies:
    image.load()
    orientation = _orientation(image)
    display = _fit(image, DISPLAY_EDGE)
    if orientation in _TURNS:
        display = display.transpose(_TURNS[orientation])
    width, height = _oriented_size(size, orientation)
    if max(display.size) <= THUMB_EDGE:
        return Copies(width, height, _encode(display, "WEBP", lossless=True, method=0, quality=0), None)
    # Half the time of Lanczos, and no difference anybody sees at this size.
    thumb = _fit(display, THUMB_EDGE, Image.Resampling.HAMMING)
    large = _encode(display, "JPEG", quality=88, subsampling=0)
    return Copies(width, height, large, _encode(thumb, "JPEG", quality=80))


def _whole(image: Image.Image) -> bytes:
    image.load()
    orientation = _orientation(image)
    plain = _fit(image, max(image.size))
    if orientation in _TURNS:
        plain = plain.transpose(_TURNS[orientation])
    return _encode(plain, "JPEG", quality=92, subsampling=0)


def _fit(image: Image.Image, edge: int, resampling: Image.Resampling = Image.Resampling.LANCZOS) -> Image.Image:
    """Return a picture in mode L or RGB with its long edge at most `edge`."""
    scale = min(1.0, edge / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    factor = max(image.size) // (2 * edge)
    if factor > 1 and not _is_deep_grey(image):
        image = _reduced(image, factor)
    plain = _plain(image)
    if plain.mode in {"LA", "RGBA"}:
        plain = _on_white(plain)
    return plain if plain.size == size else plain.resize(size, resampling)


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """Return a picture whose edges are `factor` times shorter, made strip by strip.

    Converting a picture of 50 million pixels whole takes 200 MB a step; a strip takes next to nothing.
    """
    small = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    height = 64 * factor
    for top in range(0, image.height, height):
        strip = _plain(image.crop((0, top, image.width, min(top + height, image.height))))
        opaque = _on_white(strip) if strip.mode in {"LA", "RGBA"} else strip
        small.paste(opaque.reduce(factor), (0, top // factor))
    return small


def _plain(image: Image.Image) -> Image.Image:
    """Bring any mode to one of L, LA, RGB, RGBA."""
    if _is_deep_grey(image):
        return _deep_grey(image)
    if image.mode == "1":
        return image.convert("L")
    if image.has_transparency_data:
        return image if image.mode in {"LA", "RGBA"} else image.convert("RGBA")
    return image if image.mode in {"L", "RGB"} else image.convert("RGB")


def _is_deep_grey(image: Image.Image) -> bool:
    return image.mode in {"I", "F"} or image.mode.startswith("I;16")


def _deep_grey(image: Image.Image) -> Image.Image:
    """Spread the grey values that occur (16 bit, 32 bit, float) over 0..255."""
    numbers = image.convert("F")
    low, high = numbers.getextrema()
    if not isinstance(low, float) or not isinstance(high, float):
        raise TypeError("grey values expected")
    scale = 255.0 / (high - low) if high > low else 0.0
    return numbers.point(lambda value: value * scale - low * scale).convert("L")


def _on_white(image: Image.Image) -> Image.Image:
    """Lay transparency on white, band by band."""
    *colours, alpha = image.getbands()
    see_through = ImageChops.invert(image.getchannel(alpha))
    bands = [image.getchannel(colour) for colour in colours]
    for band in bands:
        band.paste(255, (0, 0), see_through)
    return bands[0] if len(bands) == 1 else Image.merge("RGB", bands)


def _encode(image: Image.Image, kind: str, **settings: int) -> bytes:
    # A fresh canvas carries no `info`, where Pillow keeps EXIF, comments and profiles that some encoders write back.
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    buffer = io.BytesIO()
    bare.save(buffer, kind, **settings)
    return buffer.getvalue()


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except _DECODER_ERRORS:
        # Damaged EXIF says nothing about the pixels: show the picture as it is stored.
        return 1


def _oriented_size(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    return (size[1], size[0]) if orientation in {5, 6, 7, 8} else size


def _cut(error: BaseException) -> str:
    return str(error)[:120] or type(error).__name__
