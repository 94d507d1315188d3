"""Paints what Windows would show, as far as a program can tell from a screendump; reads the screen back as PNG."""
import struct
import zlib

FB = '/dev/fb0'
SETUP_PURPLE = (0x18, 0x00, 0x52)
CRASH_BLUE = (0x00, 0x78, 0xD7)
WHITE = (255, 255, 255)


def _number(name):
    with open('/sys/class/graphics/fb0/' + name) as file:
        return file.read().strip()


def size():
    width, height = _number('virtual_size').split(',')
    return int(width), int(height)


def _pixels(colour, count):
    red, green, blue = colour
    return bytes((blue, green, red, 255)) * count


class Canvas:
    """Rows of the screen; boxes are drawn by whole rows, because pixel by pixel would take an emulated CPU minutes."""

    def __init__(self, colour=(0, 0, 0)):
        self.width, self.height = size()
        self.rows = [bytearray(_pixels(colour, self.width)) for _ in range(self.height)]

    def box(self, left, top, width, height, colour):
        x = int(left * self.width)
        piece = _pixels(colour, max(1, int(width * self.width)))
        first = int(top * self.height)
        for y in range(first, min(self.height, first + max(1, int(height * self.height)))):
            self.rows[y][x * 4:x * 4 + len(piece)] = piece

    def show(self):
        stride = int(_number('stride'))
        with open(FB, 'r+b', buffering=0) as fb:
            fb.write(b''.join(bytes(row).ljust(stride, b'\0') for row in self.rows))


def black():
    Canvas().show()


def spinner(turn):
    canvas = Canvas()
    for dot in range(6):
        canvas.box(0.47 + dot * 0.012, 0.62, 0.006, 0.01 + 0.003 * ((dot + turn) % 3), WHITE)
    canvas.show()


def setup(percent):
    canvas = Canvas(SETUP_PURPLE)
    canvas.box(0.35, 0.4, 0.3, 0.03, WHITE)
    canvas.box(0.35, 0.5, 0.3, 0.02, (0x50, 0x40, 0x80))
    canvas.box(0.35, 0.5, 0.003 * percent, 0.02, (0x00, 0xB7, 0xC3))
    canvas.show()


def blue_screen():
    canvas = Canvas(CRASH_BLUE)
    canvas.box(0.1, 0.25, 0.05, 0.12, WHITE)
    canvas.box(0.1, 0.45, 0.4, 0.02, WHITE)
    canvas.box(0.1, 0.7, 0.08, 0.12, WHITE)
    canvas.show()


def desktop(windows):
    """A two-way gradient, icons, one box a window, a light taskbar."""
    canvas = Canvas()
    columns = 72
    block = -(-canvas.width // columns)
    band = -(-canvas.height // 60)
    for first in range(0, canvas.height, band):
        down = first / canvas.height
        row = bytearray()
        for column in range(columns):
            across = column / columns
            glow = max(0.0, 1 - 3 * ((across - 0.5) ** 2 + (down - 0.5) ** 2))
            row += _pixels((int(20 + 110 * glow * across), int(60 + 130 * glow), int(130 + 120 * glow * down)), block)
        for y in range(first, min(canvas.height, first + band)):
            canvas.rows[y] = bytearray(row[:canvas.width * 4])
    for icon in range(4):
        canvas.box(0.02, 0.03 + icon * 0.11, 0.035, 0.055, (230, 180 - icon * 40, 60 + icon * 50))
    for number in range(windows):
        canvas.box(0.18 + number * 0.04, 0.13 + number * 0.055, 0.5, 0.5, (250, 250, 250))
        canvas.box(0.18 + number * 0.04, 0.13 + number * 0.055, 0.5, 0.035, (32, 96, 168))
    canvas.box(0, 0.947, 1, 0.053, (238, 243, 250))
    for icon in range(6):
        canvas.box(0.4 + icon * 0.035, 0.958, 0.02, 0.03, (0, 95 + icon * 20, 184))
    canvas.show()


def png():
    """The screen as it is now."""
    width, height = size()
    stride = int(_number('stride'))
    with open(FB, 'rb') as fb:
        raw = fb.read(stride * height)
    lines = bytearray()
    for y in range(height):
        row = raw[y * stride:y * stride + width * 4]
        line = bytearray(width * 3)
        line[0::3], line[1::3], line[2::3] = row[2::4], row[1::4], row[0::4]
        lines += b'\0' + line
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    head = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'IDAT', zlib.compress(bytes(lines), 1)) + chunk(b'IEND', b'')
