import type { ContainerProcess, ContainerProcessContext } from '../contracts.js';
import type { ScreenPainter } from '../guest/screens.js';
import type { Simulation } from '../simulation.js';
import { dialectOf, error, info, isComplaint } from './dialect.js';
import { execInside, type ExecOutcome } from './exec-inside.js';
import { filesInside } from './files-inside.js';
import type { PowerOffReason } from './hardware.js';
import { hostLines, kvmVerdict } from './host-checks.js';
import { setUpNetwork } from './network.js';
import { prepareMedia, type Preparation } from './prepare-media.js';
import { play, type Script } from './script.js';
import { refusalAt, settingsOf, type Stage } from './settings.js';
import { openStorage } from './storage.js';
import { createVirtualPc, type VirtualPc } from './virtual-pc.js';

export interface DockurProcessOptions {
  readonly simulation: Simulation;
  readonly image: string;
  readonly context: ContainerProcessContext;
  readonly painter: ScreenPainter;
  /** Programs in the image beside dockur's own; asked first. */
  readonly programs: (
    argv: readonly string[],
    stdin: string,
    context: ContainerProcessContext,
  ) => ExecOutcome | undefined;
}

/** Ends the script of the main process with an exit code. */
class Ended extends Error {
  constructor(readonly exitCode: number) {
    super(`exit ${exitCode}`);
  }
}

/** Seconds of dockur >= 6.0: TIMEOUT 105 leaves 100 for Windows; QEMU gets SIGTERM five before the end. */
const STOP_S = { windows: 100, setup: 10, termBefore: { windows: 5, setup: 3 } } as const;

/** The main process of a dockur container, from its banner to QEMU's end. */
export function createDockurProcess(options: DockurProcessOptions): ContainerProcess {
  const { simulation, context, image } = options;
  const { env, machine } = context;
  const dialect = dialectOf(image, env);
  const settings = settingsOf(env, machine.spec.cpuCores);
  const files = filesInside(context);
  const storagePath = context.hostPath(settings.storage) ?? `/var/lib/docker/volumes/${context.containerId}/_data`;
  const storage = openStorage(machine, storagePath);
  /** WAA's own images start a shell as PID 1 and dockur behind it, so a signal does not reach dockur. */
  const wrapped = /winarena(?!.*waa-auto)/.test(image);
  let page: string | undefined = '';
  let pc: VirtualPc | undefined;
  let userMode = settings.network === 'user';
  let stopMain = (): void => undefined;
  let stopping = false;
  let ended = false;

  const say = (text: string): void => context.log(text);
  const complain = (text: string): void => context.log(text, 'stderr');
  /** dockur's errors and warnings go to standard error, the rest to standard output. */
  const tell = (text: string): void => (isComplaint(text) ? complain(text) : say(text));
  const show = (text: string): void => {
    page = `<p class="loading">${text}</p>`;
    files.write('/run/shm/msg.html', page);
  };
  const exit = (code: number): void => {
    if (ended) return;
    ended = true;
    stopMain();
    pc?.destroy();
    pc = undefined;
    context.exit(code);
  };
  const refuseAt = (stage: Stage): void => {
    const refusal = refusalAt(stage, env, dialect.version);
    if (!refusal) return;
    for (const text of refusal.errors) complain(error(text));
    throw new Ended(refusal.exitCode);
  };

  function* main(): Script {
    files.write(dialect.version === '5.14' ? '/run/version' : '/etc/version', `${dialect.version}\n`);
    show('Starting Windows for Docker');
    say(
      `❯ Starting Windows for Docker v${dialect.version}...\n❯ For support visit https://github.com/dockur/windows\n`,
    );
    yield 400;
    if (simulation.faults.strikes('windows-iso-missing', machine.spec.name)) yield* waitForIsoForEver();
    if (env['STORAGE'] !== undefined && context.hostPath(env['STORAGE']) === undefined) {
      complain(error(`Storage folder (${env['STORAGE']}) not found!`));
      throw new Ended(13);
    }
    refuseAt('init');
    for (const text of hostLines(env, machine, settings, dialect, storage.freeBytes)) tell(text);
    const kvm = kvmVerdict(simulation, context, settings.kvm);
    for (const text of kvm.texts) complain(text);
    if (!kvm.usable) throw new Ended(88);
    yield 600;
    refuseAt('media');
    const preparation: Preparation = {
      simulation,
      storage,
      settings,
      dialect,
      say,
      complain,
      show,
      refuseAt,
      exit: (code) => new Ended(code),
    };
    const hasDvd = yield* prepareMedia(preparation);
    show('Initializing network');
    refuseAt('network');
    yield 1500;
    const net = setUpNetwork({ simulation, context, dialect, storage, files, userMode });
    userMode = net.userMode;
    for (const text of net.texts) tell(text);
    yield* bootQemu(hasDvd);
  }

  /** WAA's entry_setup.sh has no upper bound: it waits for a server that can never come. */
  function* waitForIsoForEver(): Script {
    for (;;) {
      complain('ISO file not found\n');
      say('Waiting for a response from the windows server. This might take a while...\n');
      yield 5000;
    }
  }

  function* bootQemu(hasDvd: boolean): Script {
    show('Configuring boot');
    if (machine.spec.nestedVirtualization) say(info('Nested Hyper-V virtualization detected..'));
    yield 800;
    say(info(`Booting Windows using QEMU v${dialect.qemuVersion}...`));
    page = undefined;
    files.remove('/run/shm/msg.html');
    pc = createVirtualPc({
      simulation,
      storage,
      settings,
      hasDvd,
      painter: options.painter,
      machineName: machine.spec.name,
      kvm: settings.kvm,
      watchesBoot: dialect.version !== '5.14',
      qmpSocket: settings.qmpSocket === undefined ? undefined : context.hostPath(settings.qmpSocket),
      serial: (line) => say(`${line}\n`),
      writeInside: (path, content) => files.write(path, content),
      off: onPowerOff,
    });
    yield dialect.version === '5.14' ? 30_000 : 9000;
    say(`\n${info('Windows started successfully, visit http://127.0.0.1:8006/ to view the screen...')}`);
  }

  /** dockur's finish(): the marker is written only after an exit by Windows itself, with the firmware's disk entry seen. */
  function onPowerOff(reason: PowerOffReason): void {
    pc = undefined;
    if (reason === 'not-bootable') complain(error('Windows could not boot, terminating...'));
    else if (storage.windows?.stage === 'installed') storage.finish(dialect.version);
    say('\n❯ Shutdown completed!\n');
    exit(stopping && dialect.version !== '5.14' ? 143 : 0);
  }

  function* shutDown(): Script {
    say(`\n${info(dialect.sigterm)}`);
    if (!pc) {
      yield 500;
      say('\n❯ Shutdown completed!\n');
      exit(143);
      return;
    }
    const inSetup = !pc.obeysAcpi && !storage.marked;
    if (inSetup) say(info(dialect.setupIgnoresAcpi));
    pc.qemu.powerdown();
    const limit = inSetup ? STOP_S.setup : STOP_S.windows;
    const termAt = limit - (inSetup ? STOP_S.termBefore.setup : STOP_S.termBefore.windows);
    for (let second = 1; second < termAt; second += 1) {
      say(info(`Waiting for Windows to shut down... (${second}/${limit})`));
      yield 1000;
    }
    say(info(`Windows is still running, sending SIGTERM... (${termAt}/${limit})`));
    yield 1000;
    say('qemu-system-x86_64: terminating on signal 15 from pid 7 (bash)\n\n❯ Shutdown completed!\n');
    exit(dialect.version === '5.14' ? 0 : 143);
  }

  /** A refused environment ends the script by an exception; everything else is ours and must not be hidden. */
  function* guarded(script: Script): Script {
    try {
      yield* script;
    } catch (reason) {
      if (!(reason instanceof Ended)) throw reason;
      exit(reason.exitCode);
    }
  }

  const reachable = (port: string): boolean => !userMode || (env['USER_PORTS'] ?? '').split(',').includes(port);
  return {
    start() {
      stopMain = play(simulation, guarded(main()));
    },
    signal() {
      if (wrapped || stopping || ended) return;
      stopping = true;
      if (!pc) stopMain();
      stopMain = play(simulation, shutDown());
    },
    kill() {
      ended = true;
      stopMain();
      pc?.destroy();
      pc = undefined;
    },
    exec: (argv, stdin) =>
      options.programs(argv, stdin, context) ??
      execInside(argv, files, pc?.session.server === 'up' ? pc.guest : undefined, {
        machine,
        hostName: context.containerId.slice(0, 12),
        user: 'root',
        workingDirectory: '/',
        epochMs: simulation.now,
        environment: { HOSTNAME: context.containerId.slice(0, 12), HOME: '/root', ...env },
        list: files.list,
      }),
    ports: {
      get statusPage() {
        return ended ? undefined : page;
      },
      get guest() {
        return pc && pc.session.server !== 'refused' && reachable('5000') ? pc.guest : undefined;
      },
    },
    get qemu() {
      return pc?.qemu;
    },
  };
}
