"""Adapts what was taken from windowsarena/winarena (upstream 6d39ed8). Run once, while the image is built.

    patch-upstream.py ROOT

Every patch names what it expects to find and how often; anything else ends the build, so that a changed upstream is seen
on the day it changes and not in a benchmark's scores. Python 3.9, standard library only.
"""
import json
import pathlib
import sys

SHARE = "\\\\host.lan\\Data"
OEM = "C:\\oem"

# Upstream's three mirrors serve 24.8.2 only as long as it is current; the archive keeps every build.
LIBREOFFICE = (
    "https://downloadarchive.documentfoundation.org/libreoffice/old/24.8.2.1/win/x86_64/"
    "LibreOffice_24.8.2.1_Win_x86-64.msi"
)

SERVER_SECTION = "# - Windows Arena Server Setup"
# Before the server can answer: see waa-setup.ps1.
CHECK_APPS = (
    "if (-not (& \"$scriptFolder\\waa-inventory.ps1\") -and $env:WAA_LAST_PASS -ne '1') { exit 3 }\n\n" + SERVER_SECTION
)

# (file below ROOT, expected text, replacement). Each text stands there exactly once.
REPLACEMENTS = [
    ("oem/setup.ps1", SERVER_SECTION, CHECK_APPS),
    # The client's own limit is ten minutes, longer than a whole task may take.
    (
        "client/mm_agents/navi/gpt/gpt4v_oai.py",
        "openai.OpenAI(api_key=self.api_key)",
        "openai.OpenAI(api_key=self.api_key, timeout=120.0)",
    ),
    # Upstream never chooses Azure's model client.
    (
        "client/run.py",
        'server="oai",',
        'server="azure" if os.environ.get("AZURE_ENDPOINT") else "oai",',
    ),
]


def stop(text):
    sys.exit("patch-upstream: " + text)


def read(path):
    try:
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        stop(f"{path}: {error.strerror}: this is not the image that was expected")


def write(path, text, newline="\n"):
    with open(path, "w", encoding="utf-8", newline=newline) as file:
        file.write(text)


def main(root):
    # The published image was built with C:\oem in place of the share; an image built for development was not.
    for name in ("setup.ps1", "on-logon.ps1"):
        path = root / "oem" / name
        write(path, read(path).replace(SHARE, OEM))

    for name, expected, replacement in REPLACEMENTS:
        path = root / name
        text = read(path)
        if replacement in text:
            continue
        if text.count(expected) != 1:
            stop(f"{path}: expected once, found {text.count(expected)} times: {expected}")
        write(path, text.replace(expected, replacement))

    path = root / "oem" / "tools_config.json"
    tools = json.loads(read(path))
    mirrors = tools.get("LibreOffice", {}).get("mirrors")
    if not mirrors:
        stop(f"{path}: no mirrors of LibreOffice")
    if LIBREOFFICE not in mirrors:
        mirrors.append(LIBREOFFICE)
    write(path, json.dumps(tools, indent=4) + "\n")

    if not (root / "oem" / "server" / "main.py").is_file():
        stop("oem/server/main.py is missing")

    # cmd.exe reads batch files with its own line ends only.
    for path in (root / "oem").glob("*.bat"):
        write(path, read(path), newline="\r\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        stop("usage: patch-upstream.py ROOT")
    main(pathlib.Path(sys.argv[1]))
