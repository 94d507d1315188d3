"""WAA's in-guest server: paths, shapes and quirks of vm/setup/server/main.py (WindowsAgentArena 6d39ed8)."""
import base64
import json
import re
import shlex
import socket
import threading
import urllib.parse

import commands
import screen

NOT_FOUND = ('404 Not Found: The requested URL was not found on the server. If you entered the URL manually please '
             'check your spelling and try again.')
TREE = ('<desktop xmlns:st="uri:deskat:state.at-spi.gnome.org" xmlns:cp="uri:deskat:component.at-spi.gnome.org">'
        '<pane name="Program Manager" st:visible="true" cp:screencoord="(0, 0)" cp:size="(%d, %d)"/>'
        '<listitem name="Recycle Bin" st:visible="true" cp:screencoord="(24, 24)" cp:size="(48, 48)"/>'
        '%s<button name="Start" st:visible="true" cp:screencoord="(570, 858)" cp:size="(28, 28)"/></desktop>')
WINDOW = '<window name="Untitled - Notepad %d" st:visible="true" cp:screencoord="(260, 120)" cp:size="(720, 450)"/>'


def as_json(value, status=200):
    return status, 'application/json', (json.dumps(value) + '\n').encode()


def as_text(value, status=200):
    return status, 'text/html; charset=utf-8', value.encode()


def wrapped(message):
    """Upstream's catch-all handler turns every HTTP error into a 500."""
    return as_json({'status': 'error', 'message': message}, 500)


class Server:
    """Serves until stop(); one thread a connection, every connection closed after its answer."""

    def __init__(self, windows):
        self.windows = windows
        self.world = commands.World(windows)
        self.listener = None

    def start(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(('0.0.0.0', 5000))
        listener.listen(16)
        self.listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def stop(self):
        listener, self.listener = self.listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            connection.settimeout(60)
            try:
                request = read_request(connection)
                if request:
                    status, kind, body = self.answer(*request)
                    head = ('HTTP/1.1 %d %s\r\nServer: Werkzeug/3.0.1 Python/3.10.0\r\nContent-Type: %s\r\n'
                            'Content-Length: %d\r\nConnection: close\r\n\r\n')
                    words = {200: 'OK', 400: 'BAD REQUEST', 404: 'NOT FOUND'}.get(status, 'ERROR')
                    connection.sendall((head % (status, words, kind, len(body))).encode() + body)
            except OSError:
                pass

    def answer(self, method, target, headers, body):
        path, _, query = target.partition('?')
        route = ROUTES.get(path)
        if route is None:
            return wrapped(NOT_FOUND)
        if method != route[0]:
            return wrapped('405 Method Not Allowed: The method is not allowed for the requested URL.')
        fields = {}
        if method == 'POST' and path not in FORMS and 'json' in headers.get('content-type', ''):
            try:
                fields = json.loads(body)
            except ValueError:
                return wrapped('400 Bad Request: The browser (or proxy) sent a request that this server could not '
                               'understand.')
        call = Call(urllib.parse.parse_qs(query), fields if isinstance(fields, dict) else {}, body, headers)
        try:
            return route[1](self, call)
        except Exception as error:  # upstream's catch-all
            return wrapped(str(error))


class Call:
    def __init__(self, query, fields, body, headers):
        self.query, self.fields, self.body, self.headers = query, fields, body, headers


def read_request(connection):
    data = b''
    while b'\r\n\r\n' not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b'\r\n\r\n')
    lines = head.decode('latin1').split('\r\n')
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(':') for line in lines[1:])}
    length = int(headers.get('content-length', '0'))
    while len(body) < length:
        more = connection.recv(65536)
        if not more:
            return None
        body += more
    method, target = lines[0].split(' ')[:2]
    return method, target, headers, body


def execute(server, call):
    command = call.fields.get('command', [])
    if isinstance(command, str):
        command = shlex.split(command)
    try:
        output, error, code = commands.run([str(word) for word in command], server.world)
    except commands.NoSuchProgram as missing:
        if call.fields.get('shell') is True:
            return as_json({'status': 'success', 'output': '', 'error': str(missing), 'returncode': 1})
        raise
    return as_json({'status': 'success', 'output': output, 'error': error, 'returncode': code})


def accessibility(server, call):
    if call.query.get('backend', ['win32'])[0] not in ('win32', 'uia'):
        return as_text('Invalid backend specified', 400)
    windows = ''.join(WINDOW % (number + 1) for number in range(server.windows.open_windows))
    return as_json({'AT': TREE % (*screen.size(), windows)})


def observation(_server, _call):
    width, height = screen.size()
    return as_json({
        'status': 'success', 'image': base64.b64encode(screen.png()).decode(), 'window_title': 'Program Manager',
        'rect': [0, 0, width, height], 'window_names_str': '', 'computer_clipboard': '', 'human_input': '',
    })


def upload(server, call):
    form = call.body.decode('latin1')
    path = re.search(r'name="file_path"\r\n\r\n(.*?)\r\n', form)
    if not path or 'name="file_data"' not in form:
        return as_json({'error': 'file_path and file_data are required'}, 400)
    server.world.files[path.group(1)] = form
    return as_text('File Uploaded')


def file(server, call):
    path = urllib.parse.parse_qs(call.body.decode('latin1')).get('file_path', [''])[0]
    if not path:
        return as_json({'error': 'file_path is required'}, 400)
    if path in server.world.files:
        return 200, 'application/octet-stream', server.world.files[path].encode('latin1')
    return as_json({'error': 'File not found'}, 404)


def create_file(server, call):
    path = call.fields.get('path')
    if not path:
        return as_json({'status': 'error', 'message': 'Path not supplied!'}, 400)
    server.world.files[path] = str(call.fields.get('content', ''))
    return as_json({'status': 'success', 'message': 'File created successfully'})


def file_exists(server, call):
    path = '%s\\%s' % (call.fields.get('path', '').rstrip('\\'), call.fields.get('file_name', ''))
    if path in server.world.files or server.windows.has_file(path):
        return as_json({'status': 'success', 'message': 'File exists'})
    return as_json({'status': 'error', 'message': 'File does not exist'}, 400)


def launch(server, call):
    if 'command' not in call.fields:
        return as_text('Empty command to launch.', 400)
    server.windows.open_window()
    return as_text('%s launched successfully' % json.dumps(call.fields['command']))


def close_all(server, _call):
    server.windows.close_all()
    return as_text('All windows closed successfully.')


def open_file(server, call):
    path = call.fields.get('path')
    if not path:
        return as_text('Path not supplied!', 400)
    if path not in server.world.files:
        return as_text('File not found: %s' % path, 404)
    server.windows.open_window()
    return as_text('File opened successfully')


def activate_window(_server, call):
    name = call.fields.get('window_name')
    return as_text('Window %s not found (empty results)' % name, 404) if name else as_text('window_name required', 400)


def shut_down(server, _call):
    threading.Timer(2, server.windows.shut_down).start()
    return as_json({'status': 'Shutdown started successfully', 'message': 'Shutdown started successfully'})


def screen_size(_server, _call):
    width, height = screen.size()
    return as_json({'width': width, 'height': height})


def saying_no(message):
    return lambda _server, _call: as_json({'status': 'error', 'message': message}, 400)


FORMS = {'/file', '/setup/upload'}
ROUTES = {
    '/probe': ('GET', lambda *_: as_json({'status': 'Probe successful', 'message': 'Service is operational'})),
    '/platform': ('GET', lambda *_: as_text('Windows')),
    '/screenshot': ('GET', lambda *_: (200, 'image/png', screen.png())),
    '/accessibility': ('GET', accessibility),
    '/obs_winagent': ('GET', observation),
    '/terminal': ('GET', lambda *_: as_text('Currently not implemented for platform Windows-10-10.0.26200-SP0.', 500)),
    '/execute': ('POST', execute),
    '/setup/execute': ('POST', execute),
    '/screen_size': ('POST', screen_size),
    '/setup/close_all': ('POST', close_all),
    '/setup/clear_task_files': (
        'POST', lambda *_: as_text('No task files to clear from C:\\Users\\Docker\\Downloads')),
    '/setup/upload': ('POST', upload),
    '/setup/create_file': ('POST', create_file),
    '/setup/launch': ('POST', launch),
    '/setup/open_file': ('POST', open_file),
    '/setup/activate_window': ('POST', activate_window),
    '/file': ('POST', file),
    '/file_exists': ('POST', file_exists),
    '/folder_exists': ('POST', saying_no('Folder does not exist')),
    '/check_if_timer_started': ('POST', saying_no('Timer not found')),
    '/check_if_world_clock_exists': ('POST', saying_no('World clock not found')),
    '/revert_to_snapshot': ('POST', lambda *_: as_json({'error': 'Restore snapshot no implemented'}, 501)),
    '/shutdown': ('POST', shut_down),
}
