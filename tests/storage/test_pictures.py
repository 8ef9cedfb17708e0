import io
import random
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from labeler.storage import pictures
from labeler.storage.pictures import UnreadableImageError, content_type, read_size, render
from tests.storage.pictures import decoded, encoded, gradient

KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
RED, BLUE = (255, 0, 0), (0, 0, 255)


def near(image: Image.Image, place: tuple[int, int], colour: tuple[int, int, int], by: int = 12) -> bool:
    found = image.convert("RGB").getpixel(place)
    assert isinstance(found, tuple)
    return all(abs(a - b) <= by for a, b in zip(found, colour, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_every_allowed_format_is_read(kind: str) -> None:
    copies = render(encoded(gradient(40, 30), kind))
    assert (copies.width, copies.height, copies.thumb) == (40, 30, None)
    assert decoded(copies.display).size == (40, 30)


@pytest.mark.parametrize("kind", ["PPM", "ICO", "PCX", "TGA", "JPEG2000", "EPS", "PDF"])
def test_other_formats_are_refused(kind: str) -> None:
    with pytest.raises(UnreadableImageError, match="Not a PNG, JPEG"):
        render(encoded(gradient(32, 32), kind))


@pytest.mark.parametrize(
    "data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"GIF", b"\x89PNG", b"hello"]
)
def test_what_is_no_image_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableImageError):
        render(data)


def test_nothing_is_refused_in_its_own_words() -> None:
    with pytest.raises(UnreadableImageError, match="The file is empty"):
        render(b"")


def test_a_small_picture_is_kept_to_the_pixel() -> None:
    image = gradient(60, 50)
    assert decoded(render(encoded(image)).display).convert("RGB").tobytes() == image.tobytes()


@pytest.mark.parametrize(
    ("size", "display", "thumb"),
    [
        ((257, 100), (257, 100), (256, 100)),
        ((1600, 800), (1600, 800), (256, 128)),
        ((3200, 800), (1600, 400), (256, 64)),
        ((40, 3000), (21, 1600), (3, 256)),
        ((5000, 1), (1600, 1), (256, 1)),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_large_picture_is_fitted(
    kind: str, size: tuple[int, int], display: tuple[int, int], thumb: tuple[int, int]
) -> None:
    copies = render(encoded(gradient(*size), kind))
    assert (copies.width, copies.height) == size
    assert decoded(copies.display).size == display
    assert copies.thumb is not None
    assert decoded(copies.thumb).size == thumb


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("kind", "scale"), [("JPEG", 1), ("JPEG", 50), ("WEBP", 1), ("PNG", 1), ("TIFF", 1)])
def test_orientation_is_applied_once(kind: str, scale: int, orientation: int) -> None:
    upright = Image.new("RGB", (60 * scale, 40 * scale), BLUE)
    upright.paste(RED, (0, 0, 30 * scale, 20 * scale))
    back = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
    stored = upright.transpose(pictures._TURNS[back[orientation]]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    copies = render(encoded(stored, kind, exif=exif))
    assert (copies.width, copies.height) == (60 * scale, 40 * scale)
    assert read_size(encoded(stored, kind, exif=exif)) == (60 * scale, 40 * scale)
    shown = decoded(copies.display)
    assert (shown.width > shown.height, 0x0112 in shown.getexif()) == (True, False)
    assert near(shown, (shown.width // 8, shown.height // 8), RED)
    assert near(shown, (shown.width * 7 // 8, shown.height * 7 // 8), BLUE)


@pytest.mark.parametrize("edge", [50, 400])
def test_nothing_but_pixels_is_kept(edge: int) -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET words"
    exif.get_ifd(0x8825)[1] = "SECRET place"
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("Comment", "SECRET <script>")
    chunks.add_itxt("XML:com.adobe.xmp", "SECRET xmp")
    for data in (
        encoded(gradient(edge, edge), "JPEG", exif=exif, comment=b"SECRET", icc_profile=b"SECRET" * 30),
        encoded(gradient(edge, edge), "PNG", exif=exif, pnginfo=chunks),
        encoded(gradient(edge, edge), "PNG") + b"<script>SECRET</script>",
        encoded(gradient(edge, edge), "WEBP", exif=exif, xmp=b"SECRET"),
        encoded(gradient(edge, edge), "GIF", comment=b"SECRET"),
    ):
        assert b"SECRET" in data
        copies = render(data)
        for copy in (copies.display, copies.thumb or b""):
            assert b"SECRET" not in copy
            assert b"Exif" not in copy


def test_the_first_frame_and_the_first_page_are_taken() -> None:
    frames = [Image.new("RGB", (20, 20), RED), Image.new("RGB", (20, 20), BLUE)]
    for kind in ("GIF", "TIFF", "WEBP", "PNG"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        assert near(decoded(render(data).display), (10, 10), RED)


@pytest.mark.parametrize("edge", [20, 400, 7000])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_laid_on_white(mode: str, edge: int) -> None:
    image = Image.new("RGBA", (edge, 50), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, edge // 2, 50))
    copies = render(encoded(image.convert(mode) if mode != "P" else image.quantize(4), "PNG"))
    shown = decoded(copies.display)
    assert near(shown, (shown.width // 4, 5), (0, 0, 0))
    assert near(shown, (shown.width * 3 // 4, 5), (255, 255, 255))


@pytest.mark.parametrize(("mode", "kind"), [
    ("1", "PNG"), ("L", "PNG"), ("P", "PNG"), ("CMYK", "JPEG"), ("L", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "TIFF"),
])  # fmt: skip
def test_every_mode_of_colour_is_shown(mode: str, kind: str) -> None:
    image = Image.new("L", (20, 20), 255)
    image.paste(0, (0, 0, 10, 20))
    shown = decoded(render(encoded(image.convert("RGB").convert(mode), kind)).display)
    assert near(shown, (3, 10), (0, 0, 0))
    assert near(shown, (16, 10), (255, 255, 255))


@pytest.mark.parametrize(("mode", "kind"), [("I;16", "PNG"), ("I;16", "TIFF"), ("I", "TIFF"), ("F", "TIFF")])
def test_deep_greys_are_spread_over_what_a_screen_shows(mode: str, kind: str) -> None:
    image = Image.new("I" if mode == "I;16" else mode, (20, 20), 1000)
    image.paste(3000, (0, 0, 10, 20))
    shown = decoded(render(encoded(image.convert(mode), kind)).display)
    assert near(shown, (3, 10), (255, 255, 255))
    assert near(shown, (16, 10), (0, 0, 0))
    flat = decoded(render(encoded(Image.new("I", (5, 5), 700).convert(mode), kind)).display)
    assert near(flat, (2, 2), (0, 0, 0))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("edge", [64, 300])
def test_a_cut_off_image_is_refused(kind: str, edge: int) -> None:
    data = encoded(gradient(edge, edge), kind)
    with pytest.raises(UnreadableImageError):
        render(data[: len(data) // 2])


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises more than anybody should decode."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("width", "height"), [(7072, 7072), (10_000, 10_000), (50_000, 50_000), (2**31 - 1, 2**31 - 1)]
)
def test_too_many_pixels_are_refused_from_the_header(width: int, height: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("decoded"))
    with pytest.raises(UnreadableImageError, match="50,000,000"):
        render(bomb(width, height))


def test_a_webp_is_refused_sooner_as_its_decoder_takes_more_memory() -> None:
    with pytest.raises(UnreadableImageError, match="20,000,000"):
        render(encoded(Image.new("L", (5000, 4001)), "WEBP", lossless=True, method=0, quality=0))


def test_a_text_chunk_that_unpacks_without_end_is_refused() -> None:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("Comment", "x" * 80_000_000, zip=True)
    with pytest.raises(UnreadableImageError):
        render(encoded(gradient(20, 20), "PNG", pnginfo=chunks))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_does_not_cost_the_picture() -> None:
    data = encoded(gradient(40, 30), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\x12\x01" * 20)
    assert (render(data).width, read_size(data)) == (40, (40, 30))


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_bytes_are_shown_or_refused_and_nothing_else(kind: str) -> None:
    rng = random.Random(kind)
    exif = Image.Exif()
    exif[0x0112] = 6
    good = encoded(gradient(48, 40), kind, **({"exif": exif} if kind in {"JPEG", "PNG", "WEBP", "TIFF"} else {}))
    refused = 0
    for _ in range(150):
        data = bytearray(good)
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(min(len(data), 400) if rng.random() < 0.7 else len(data))] = rng.randrange(256)
        try:
            render(bytes(data))
        except UnreadableImageError:
            refused += 1
    assert refused > 0


def test_the_type_of_a_copy_is_told_by_its_first_bytes() -> None:
    small, large = render(encoded(gradient(20, 20))), render(encoded(gradient(300, 300)))
    assert (content_type(small.display), content_type(large.display)) == ("image/webp", "image/jpeg")
    assert [Image.open(io.BytesIO(copy)).format for copy in (small.display, large.display)] == ["WEBP", "JPEG"]
