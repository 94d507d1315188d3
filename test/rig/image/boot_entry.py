"""Writes the EFI load option of Windows Boot Manager. Layout: UEFI 2.10, 3.1.3 EFI_LOAD_OPTION and 10.3.5 media paths."""
import struct
import sys
import uuid

partition, target = sys.argv[1:]
description = 'Windows Boot Manager'.encode('utf-16le') + b'\0\0'
guid = uuid.UUID(partition).bytes_le
drive = struct.pack('<BBHIQQ16sBB', 4, 1, 42, 1, 0x800, 0x40000, guid, 2, 2)
path = '\\EFI\\Microsoft\\Boot\\bootmgfw.efi'.encode('utf-16le') + b'\0\0'
file = struct.pack('<BBH', 4, 4, 4 + len(path)) + path
end = struct.pack('<BBH', 0x7F, 0xFF, 4)
device = drive + file + end
with open(target, 'wb') as entry:
    entry.write(struct.pack('<IH', 1, len(device)) + description + device)
