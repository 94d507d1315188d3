"""The disk of the stand-in Windows: a boot partition as Windows Setup leaves it, and one block that remembers."""
import gzip
import json
import os

DISK = '/dev/sda'
# Behind the boot partition (0x800 + 0x40000 sectors), where a Windows partition would begin.
STATE_AT = 0x41000 * 512
STATE_BYTES = 4096


def install(payload, wrote):
    """Writes the boot partition in pieces; wrote(share) after each."""
    total = os.path.getsize(payload)
    with open(payload, 'rb') as packed, gzip.open(packed) as source, open(DISK, 'r+b', buffering=0) as disk:
        while True:
            piece = source.read(1 << 20)
            if not piece:
                break
            disk.write(piece)
            wrote(min(1, packed.tell() / total))
        os.fsync(disk.fileno())


def read_state():
    with open(DISK, 'rb', buffering=0) as disk:
        disk.seek(STATE_AT)
        text = disk.read(STATE_BYTES).rstrip(b'\0')
    return json.loads(text) if text else {}


def write_state(state):
    block = json.dumps(state).encode().ljust(STATE_BYTES, b'\0')
    with open(DISK, 'r+b', buffering=0) as disk:
        disk.seek(STATE_AT)
        disk.write(block)
        os.fsync(disk.fileno())
