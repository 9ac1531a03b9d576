"""A QR code of an address, as an SVG that prints in any size."""

import io

import segno


def svg(address: str) -> bytes:
    """Black on white whatever stands around it; a quarter of it may be stained."""
    file = io.BytesIO()
    segno.make(address, error="q", micro=False).save(
        file, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    return file.getvalue()
