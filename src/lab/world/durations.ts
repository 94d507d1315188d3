export interface DurationRange {
  readonly minMs: number;
  readonly maxMs: number;
}

const between = (minSeconds: number, maxSeconds: number): DurationRange => ({
  minMs: minSeconds * 1000,
  maxMs: maxSeconds * 1000,
});

/**
 * How long things take, in lab time. Azure rows: provisioning times seen on the wire and in Azure's threads; Windows and
 * dockur rows: field reports of dockur/windows and Windows Agent Arena; task row: WAA runs with gpt-4o, 15 steps.
 */
export const realisticDurations = {
  'azure.network': between(2, 6),
  'azure.vm.create': between(60, 120),
  'azure.vm.start': between(20, 60),
  'azure.vm.deallocate': between(30, 90),
  'azure.vm.restart': between(20, 60),
  'azure.vm.delete': between(20, 60),
  'azure.group.delete': between(90, 240),
  'azure.schedule.put': between(2, 6),
  'azure.provider.register': between(30, 120),
  'vm.boot': between(15, 30),
  'vm.cloud-init': between(60, 150),
  'vm.shutdown': between(5, 15),
  'docker.daemon.start': between(2, 6),
  'docker.image.pull': between(300, 600),
  'docker.build.copy': between(2, 40),
  'docker.build.run': between(20, 60),
  'docker.container.start': between(1, 3),
  'dockur.iso.download': between(180, 360),
  'dockur.media.prepare': between(20, 60),
  'windows.setup.copy': between(300, 480),
  'windows.setup.reboot': between(20, 40),
  'windows.setup.specialize': between(180, 300),
  'windows.setup.apps': between(240, 420),
  'windows.boot': between(45, 100),
  'windows.shutdown': between(15, 40),
  'server.start': between(10, 30),
  'task.run': between(120, 900),
  'task.set-up': between(15, 40),
  'network.round-trip': between(0.02, 0.08),
} as const satisfies Record<string, DurationRange>;

export type DurationName = keyof typeof realisticDurations;
export type Durations = Readonly<Record<DurationName, DurationRange>>;
