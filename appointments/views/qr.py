import segno


def qr_code(text):
    """A QR code as a picture of its own, dark on light in every colour scheme."""
    code = segno.make_qr(text, error="m")
    return code.svg_data_uri(scale=4, border=3, light="#fff")
