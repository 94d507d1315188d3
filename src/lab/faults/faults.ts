/** Every fault the lab can inject: where it strikes and what a user then sees. Listed by `waa lab faults`. */
export const faults = {
  'azure-sku-unavailable': {
    layer: 'azure',
    strikes: 'at VM create',
    effect: 'ARM refuses the size with SkuNotAvailable',
  },
  'azure-quota-exceeded': {
    layer: 'azure',
    strikes: 'at VM create',
    effect: 'ARM refuses with OperationNotAllowed, vCPU quota',
  },
  'azure-throttled': { layer: 'azure', strikes: 'at any ARM call', effect: '429 with Retry-After' },
  'azure-allocation-failed': {
    layer: 'azure',
    strikes: 'while the VM is created',
    effect: 'the operation ends Failed with AllocationFailed',
  },
  'vm-ssh-refused': { layer: 'vm', strikes: 'at boot', effect: 'sshd starts three minutes late; port 22 refuses' },
  'vm-ssh-dropped': {
    layer: 'vm',
    strikes: 'during a command',
    effect: 'the connection is reset in the middle of a command',
  },
  'vm-cloud-init-failed': {
    layer: 'vm',
    strikes: 'during cloud-init',
    effect: 'apt fails; cloud-init ends with error, no Docker',
  },
  'vm-kvm-missing': { layer: 'vm', strikes: 'at boot', effect: '/dev/kvm does not exist' },
  'docker-daemon-stopped': { layer: 'docker', strikes: 'after Docker was ready', effect: 'docker.service is stopped' },
  'docker-pull-rate-limited': { layer: 'docker', strikes: 'at image pull', effect: 'toomanyrequests from Docker Hub' },
  'docker-disk-full': {
    layer: 'docker',
    strikes: 'during image pull',
    effect: 'no space left on device; clutter fills the data disk',
  },
  'qemu-exit-88': {
    layer: 'qemu',
    strikes: 'at container start',
    effect: 'dockur ends with exit code 88: no KVM inside the container',
  },
  'windows-iso-missing': {
    layer: 'windows',
    strikes: 'at container start',
    effect: 'WAA\'s entry loops on "ISO file not found"',
  },
  'windows-install-stalled': {
    layer: 'windows',
    strikes: 'during Windows setup',
    effect: 'the disk stops being written, the screen stands still',
  },
  'windows-black-screen': { layer: 'windows', strikes: 'at Windows boot', effect: 'QEMU runs, the screen stays black' },
  'windows-reboot-loop': {
    layer: 'windows',
    strikes: 'at Windows boot',
    effect: 'Windows restarts again and again before the desktop',
  },
  'windows-blue-screen': { layer: 'windows', strikes: 'during a task', effect: 'Windows stops with a blue screen' },
  'server-never-up': { layer: 'server', strikes: 'at logon', effect: 'nothing listens on port 5000' },
  'server-500': { layer: 'server', strikes: 'when the server answers', effect: 'every call but /probe answers 500' },
  'server-ends': {
    layer: 'server',
    strikes: 'during a task',
    effect: 'the WAA server ends; nothing listens on port 5000 until Windows starts again',
  },
  'server-breaks': {
    layer: 'server',
    strikes: 'during a task',
    effect: 'from then on every call but /probe answers 500, until Windows starts again',
  },
  'client-model-key-invalid': { layer: 'client', strikes: 'at a model call', effect: '401 invalid_api_key' },
  'client-task-hangs': { layer: 'client', strikes: 'during a task', effect: 'run.py never ends' },
  'qemu-container-killed': { layer: 'qemu', strikes: 'during a task', effect: 'the container is killed with SIGKILL' },
} as const;

export type FaultId = keyof typeof faults;
export const faultIds = Object.keys(faults) as readonly FaultId[];
