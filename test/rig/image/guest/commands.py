"""The few commands that health checks and tests run in Windows, answered as Windows answers them."""
import re
import subprocess
import threading

EOL = '\r\n'


class NoSuchProgram(Exception):
    pass


class World:
    """What commands may see and do. `windows` is the stand-in Windows of guest.py."""

    def __init__(self, windows):
        self.windows = windows
        self.files = {}


def run(command, world):
    """(output, error, returncode)"""
    program = re.split(r'[\\/]', command[0].lower())[-1]
    if program.endswith('.exe'):
        program = program[:-4]
    handler = PROGRAMS.get(program)
    if handler is None:
        raise NoSuchProgram("[WinError 2] The system cannot find the file specified: '%s'" % command[0])
    return handler(command[1:], world)


def python(args, _world):
    done = subprocess.run(['/bin/python3', '-S', '-E', *args], capture_output=True, text=True, timeout=120)
    return done.stdout, done.stderr, done.returncode


def powershell(args, world):
    at = [i for i, arg in enumerate(args) if re.fullmatch(r'-c(ommand)?', arg, re.I)]
    script = ' '.join(args[at[0] + 1:] if at else [arg for arg in args if not arg.startswith('-')])
    if re.search(r'Invoke-WebRequest|\biwr\b', script, re.I):
        return '', "Invoke-WebRequest : The remote name could not be resolved: 'raw.githubusercontent.com'", 1
    tested = re.findall(r"Test-Path\s+(?:-(?:Literal)?Path\s+)?(?:'([^']+)'|\"([^\"]+)\"|(\S+))", script, re.I)
    if tested:
        answers = ['True' if world.windows.has_file(''.join(path)) else 'False' for path in tested]
        return EOL.join(answers) + EOL, '', 0
    name = (script.split() or [''])[0]
    return '', "%s : The term '%s' is not recognized as the name of a cmdlet." % (name, name), 1


def cmd(args, world):
    line = ' '.join(args[1:] if args and args[0].lower() == '/c' else args)
    if line.lower() == 'ver':
        return EOL + 'Microsoft Windows [Version 10.0.26200.6584]' + EOL, '', 0
    if line.lower().startswith('echo '):
        return line[5:] + EOL, '', 0
    if 'schtasks' in line and '/run' in line:
        threading.Timer(2, world.windows.restart_server).start()
        return '', '', 0
    shown = re.fullmatch(r'type (\S+)', line, re.I)
    if shown and world.windows.has_file(shown.group(1)):
        return world.windows.read_file(shown.group(1)), '', 0
    return '', "'%s' is not recognized as an internal or external command," % line.split(' ')[0], 1


def shutdown(args, world):
    flags = [arg.lower() for arg in args]
    action = world.windows.reboot if '/r' in flags else world.windows.shut_down
    threading.Timer(2, action).start()
    return '', '', 0


def taskkill(args, world):
    """`taskkill /f /im python.exe` ends the WAA server; `/im svchost.exe` is a stop error, as in Windows."""
    image = args[-1].lower() if args else ''
    if image == 'python.exe':
        threading.Timer(0.5, world.windows.stop_server).start()
        return 'SUCCESS: The process "python.exe" has been terminated.' + EOL, '', 0
    if image == 'svchost.exe':
        threading.Timer(0.5, world.windows.crash).start()
        return 'SUCCESS: The process "svchost.exe" has been terminated.' + EOL, '', 0
    return '', 'ERROR: The process "%s" not found.' % image, 128


def whoami(_args, _world):
    return 'waa\\docker' + EOL, '', 0


PROGRAMS = {
    'python': python,
    'powershell': powershell,
    'pwsh': powershell,
    'cmd': cmd,
    'shutdown': shutdown,
    'taskkill': taskkill,
    'whoami': whoami,
}
