"""The stand-in Windows: Setup from the DVD, the first boots from disk, then a desktop with WAA's server."""
import os
import signal
import subprocess
import sys
import time
import uuid

sys.path.insert(0, '/guest')
import disk
import screen

BOOT_VARIABLES = '/sys/firmware/efi/efivars/%s-8be4df61-93ca-11d2-aa0d-00e098032b8c'
# Non-volatile, boot service access, run-time access.
ATTRIBUTES = b'\x07\0\0\0'
# Applications that setup.ps1 installs, as far as anybody looks for them.
APPS = (
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
    'C:\\Users\\Docker\\caddy_windows_amd64.exe',
    'C:\\Program Files\\LibreOffice\\program\\scalc.exe',
    'C:\\Program Files\\LibreOffice\\program\\swriter.exe',
    'C:\\Program Files\\VideoLAN\\VLC\\vlc.exe',
    'C:\\Users\\Docker\\AppData\\Local\\Programs\\Microsoft VS Code\\Code.exe',
)
# Tells one installation from the next.
INSTALLATION = 'C:\\Windows\\installation.txt'


class Windows:
    def __init__(self, state):
        self.state = state
        self.open_windows = 0
        self.server = None

    def start(self):
        screen.desktop(0)
        network()
        import server
        self.server = server.Server(self)
        self.server.start()

    def has_file(self, path):
        return path in APPS or path == INSTALLATION

    def read_file(self, path):
        return '%(id)s %(boots)d\r\n' % self.state if path == INSTALLATION else ''

    def open_window(self):
        self.open_windows += 1
        screen.desktop(min(4, self.open_windows))

    def close_all(self):
        if self.open_windows:
            self.open_windows = 0
            screen.desktop(0)

    def stop_server(self):
        self.server.stop()

    def restart_server(self):
        self.server.stop()
        self.server.start()

    def shut_down(self, *_):
        self.server.stop()
        screen.black()
        disk.write_state({**self.state, 'dirty': False})
        power('poweroff')

    def reboot(self):
        disk.write_state({**self.state, 'dirty': False})
        power('reboot')

    def crash(self):
        screen.blue_screen()
        with open('/proc/sysrq-trigger', 'w') as trigger:
            trigger.write('c')


def power(action):
    os.sync()
    subprocess.run(['/bin/busybox', action, '-f'], check=False)
    time.sleep(60)


def network():
    subprocess.run(['/bin/ip', 'link', 'set', 'eth0', 'up'], check=False)
    subprocess.run(['/bin/udhcpc', '-i', 'eth0', '-s', '/guest/dhcp', '-n', '-q', '-t', '10'],
                   check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def set_up():
    """What Windows Setup does from the DVD: fills the disk, leaves a boot entry, restarts."""
    shown = -1

    def wrote(share):
        nonlocal shown
        if int(share * 4) > shown:
            shown = int(share * 4)
            screen.setup(shown * 25)

    wrote(0)
    disk.install('/guest/disk.gz', wrote)
    disk.write_state({'id': uuid.uuid4().hex, 'stage': 'copied', 'boots': 0, 'dirty': False})
    with open('/guest/boot-entry', 'rb') as entry:
        write_variable('Boot0004', entry.read())
    write_variable('BootOrder', b'\x04\0')
    power('reboot')


def write_variable(name, content):
    path = BOOT_VARIABLES % name
    if os.path.exists(path):
        # The kernel protects variables it does not know to be harmless.
        subprocess.run(['/bin/chattr', '-i', path], check=False)
    with open(path, 'wb', buffering=0) as variable:
        variable.write(ATTRIBUTES + content)


def main():
    if 'phase=setup' in open('/proc/cmdline').read():
        set_up()
        return
    state = disk.read_state()
    if state['stage'] == 'copied':
        # "Getting devices ready": black with a spinner, then one more restart.
        for turn in range(2):
            screen.spinner(turn)
            time.sleep(1)
        disk.write_state({**state, 'stage': 'installed'})
        power('reboot')
    state = {**state, 'boots': state['boots'] + 1, 'dirty': True}
    disk.write_state(state)
    windows = Windows(state)
    signal.signal(signal.SIGTERM, windows.shut_down)
    with open('/run-guest.pid', 'w') as file:
        file.write(str(os.getpid()))
    windows.start()
    # Its log has a place of its own, without which it does not start.
    subprocess.Popen(['/bin/acpid', '-f', '-c', '/etc/acpi', '-l', '/dev/null'],
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
