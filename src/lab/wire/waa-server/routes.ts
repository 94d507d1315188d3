import type { Guest } from '../../world/contracts.js';

/** What a handler returns; exactly one of json, png and text. */
export interface GuestAnswer {
  readonly status: number;
  readonly json?: unknown;
  readonly png?: Buffer;
  readonly text?: string;
}

export interface GuestCall {
  readonly query: URLSearchParams;
  readonly json: Readonly<Record<string, unknown>>;
  readonly raw: Buffer;
  readonly contentType: string;
}

type Handler = (guest: Guest, call: GuestCall) => GuestAnswer;

const ok = (json: unknown): GuestAnswer => ({ status: 200, json });
const text = (body: string, status = 200): GuestAnswer => ({ status, text: body });
const failed = (message: string): GuestAnswer => ({ status: 500, json: { status: 'error', message } });
const textField = (call: GuestCall, name: string): string | undefined => {
  const value = call.json[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** Splits like Python's shlex for the simple commands that reach the server as one string. */
function splitCommand(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

const execute: Handler = (guest, call) => {
  const raw = call.json['command'];
  const command = typeof raw === 'string' ? splitCommand(raw) : Array.isArray(raw) ? raw.map(String) : [];
  if (command.length === 0) return failed('list index out of range');
  const { output, error, returnCode } = guest.execute(command);
  // Python's Popen raises for a program that does not exist; only a shell would turn that into a return code.
  if (error.startsWith('[WinError 2]') && call.json['shell'] !== true) return failed(error);
  return ok({ status: 'success', output, error, returncode: returnCode });
};

const accessibility: Handler = (guest, call) => {
  const backend = call.query.get('backend') ?? 'win32';
  return backend === 'uia' || backend === 'win32'
    ? ok({ AT: guest.accessibilityTree() })
    : text('Invalid backend specified', 400);
};

const observation: Handler = (guest) =>
  ok({
    status: 'success',
    image: guest.screenshot().toString('base64'),
    window_title: 'Program Manager',
    rect: [0, 0, guest.screen.width, guest.screen.height],
    window_names_str: '',
    computer_clipboard: '',
    human_input: '',
  });

/** `/file` reads a form field, not JSON; the answer of the emulated Windows is that it has no such file. */
const file: Handler = (_guest, call) =>
  new URLSearchParams(call.raw.toString('utf8')).get('file_path')
    ? { status: 404, json: { error: 'File not found' } }
    : { status: 400, json: { error: 'file_path is required' } };

const upload: Handler = (_guest, call) => {
  const form = call.contentType.startsWith('multipart/form-data') ? call.raw.toString('latin1') : '';
  return form.includes('name="file_path"') && form.includes('name="file_data"')
    ? text('File Uploaded')
    : { status: 400, json: { error: 'file_path and file_data are required' } };
};

/** A yes-or-no question about the guest: 200 is yes, 400 is no (upstream's way, not an error). */
const no =
  (message: string): Handler =>
  () => ({ status: 400, json: { status: 'error', message } });

/** Endpoints that read a form and never look at JSON. */
export const formPaths: ReadonlySet<string> = new Set(['/file', '/setup/upload']);

/** Every endpoint the lab answers, by path and method. Source: upstream `vm/setup/server/main.py` at 6d39ed8. */
export const guestRoutes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/probe': { GET: () => ok({ status: 'Probe successful', message: 'Service is operational' }) },
  '/platform': { GET: () => text('Windows') },
  '/screenshot': { GET: (guest) => ({ status: 200, png: guest.screenshot() }) },
  '/accessibility': { GET: accessibility },
  '/obs_winagent': { GET: observation },
  '/terminal': { GET: () => text('Currently not implemented for platform Windows-10-10.0.22631-SP0.', 500) },
  '/execute': { POST: execute },
  '/setup/execute': { POST: execute },
  '/screen_size': { POST: (guest) => ok({ width: guest.screen.width, height: guest.screen.height }) },
  '/setup/close_all': {
    POST: (guest) => {
      guest.closeAll();
      return text('All windows closed successfully.');
    },
  },
  '/setup/clear_task_files': { POST: () => text('No task files to clear from C:\\Users\\Docker\\Downloads') },
  '/setup/upload': { POST: upload },
  '/setup/launch': {
    POST: (_guest, call) => {
      const command = call.json['command'];
      return command === undefined
        ? text('Empty command to launch.', 400)
        : text(`${JSON.stringify(command)} launched successfully`);
    },
  },
  '/setup/open_file': {
    POST: (_guest, call) => {
      const path = textField(call, 'path');
      return path === undefined ? text('Path not supplied!', 400) : text(`File not found: ${path}`, 404);
    },
  },
  '/setup/activate_window': {
    POST: (_guest, call) => {
      const name = textField(call, 'window_name');
      return name === undefined
        ? text('window_name required', 400)
        : text(`Window ${name} not found (empty results)`, 404);
    },
  },
  '/file': { POST: file },
  '/file_exists': { POST: no('File does not exist') },
  '/folder_exists': { POST: no('Folder does not exist') },
  '/check_if_timer_started': { POST: no('Timer not found') },
  '/check_if_world_clock_exists': { POST: no('World clock not found') },
  '/revert_to_snapshot': { POST: () => ({ status: 501, json: { error: 'Restore snapshot no implemented' } }) },
  '/shutdown': {
    POST: (guest) => {
      guest.shutdown();
      return ok({ status: 'Shutdown started successfully', message: 'Shutdown started successfully' });
    },
  },
};
