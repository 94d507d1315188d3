import * as z from 'zod';
import type { Engine, Exec } from '../../world/docker/engine.js';
import { EngineError, notRunning } from '../../world/docker/engine-error.js';
import { containerOf } from './container-routes.js';
import { parseJson } from './create-body.js';
import { MULTIPLEXED, RAW, frame } from './log-routes.js';
import { route, type Call, type Route } from './route.js';

const createBody = z.object({
  Cmd: z.union([z.array(z.string()), z.string().transform((word) => [word])]).nullish(),
  Tty: z.boolean().nullish(),
  AttachStdin: z.boolean().nullish(),
  AttachStdout: z.boolean().nullish(),
  AttachStderr: z.boolean().nullish(),
});
const startBody = z.object({ Detach: z.boolean().nullish(), Tty: z.boolean().nullish() });

/** /containers/{id}/exec and /exec/*. Programs run at once in the lab: their time is the caller's. */
export function execRoutes(execs: Map<string, Exec>): readonly Route[] {
  const find = ({ params }: Call): Exec => {
    const exec = execs.get(params['id'] ?? '');
    if (!exec) throw new EngineError(404, `No such exec instance: ${params['id'] ?? ''}`);
    return exec;
  };
  return [
    route('POST /containers/{id}/exec', (call) => {
      const container = containerOf(call);
      const body = parseJson(call.body, createBody);
      const argv = body.Cmd ?? [];
      if (argv.length === 0) throw new EngineError(400, 'No exec command specified');
      if (container.state !== 'running') throw notRunning(container.id);
      const id = call.engine.core.simulation.randomHex(64);
      execs.set(id, {
        id,
        argv,
        containerId: container.id,
        tty: body.Tty ?? false,
        attachStdin: body.AttachStdin ?? false,
        attachStdout: body.AttachStdout ?? false,
        attachStderr: body.AttachStderr ?? false,
        started: false,
        exitCode: undefined,
      });
      call.reply.json(201, { Id: id });
    }),
    route('POST /exec/{id}/start', (call) => {
      const exec = find(call);
      const { Detach } = call.body.length === 0 ? { Detach: false } : parseJson(call.body, startBody);
      if (exec.started) throw new EngineError(409, `exec command ${exec.id} is already running`);
      if (!call.engine.runner.processOf(exec.containerId)) throw notRunning(exec.containerId);
      exec.started = true;
      if (Detach) {
        run(call.engine, exec, '');
        call.reply.empty(200);
        return;
      }
      const stream = call.reply.hijack(exec.tty ? RAW : MULTIPLEXED);
      const finish = (stdin: string): void => {
        const { stdout, stderr } = run(call.engine, exec, stdin);
        if (exec.attachStdout && stdout !== '') stream.write(frame('stdout', stdout, exec.tty));
        if (exec.attachStderr && stderr !== '') stream.write(frame('stderr', stderr, exec.tty));
        stream.end();
      };
      if (exec.attachStdin) stream.collectInput(finish);
      else finish('');
    }),
    route('POST /exec/{id}/resize', (call) => {
      find(call);
      call.reply.empty(200);
    }),
    route('GET /exec/{id}/json', (call) => {
      const exec = find(call);
      call.reply.json(200, {
        ID: exec.id,
        Running: exec.started && exec.exitCode === undefined,
        ExitCode: exec.exitCode ?? null,
        ProcessConfig: { tty: exec.tty, entrypoint: exec.argv[0], arguments: exec.argv.slice(1), privileged: false },
        OpenStdin: exec.attachStdin,
        OpenStderr: exec.attachStderr,
        OpenStdout: exec.attachStdout,
        CanRemove: exec.exitCode !== undefined,
        ContainerID: exec.containerId,
        DetachKeys: '',
        Pid: exec.exitCode === undefined ? 0 : 4242,
      });
    }),
  ];
}

function run(engine: Engine, exec: Exec, stdin: string): { stdout: string; stderr: string } {
  const result = engine.runner.processOf(exec.containerId)?.exec(exec.argv, stdin);
  if (result) {
    exec.exitCode = result.exitCode;
    return result;
  }
  // The words of runc, written to the stream with exit code 127 (126 before Docker 25).
  exec.exitCode = 127;
  const program = exec.argv[0] ?? '';
  const reason = program.startsWith('/')
    ? `stat ${program}: no such file or directory`
    : 'executable file not found in $PATH';
  const words = 'OCI runtime exec failed: exec failed: unable to start container process: ';
  return { stdout: `${words}exec: "${program}": ${reason}: unknown\r\n`, stderr: '' };
}
