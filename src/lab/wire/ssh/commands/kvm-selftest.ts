import type { RemoteCommand } from '../remote-command.js';
import { answer } from './answer.js';

/** kvm-selftest.sh: in the lab, a /dev/kvm that exists works. */
export const kvmSelftest: RemoteCommand = async (call) => {
  const { spec } = call.machine;
  if (call.machine.readFile('/dev/kvm'))
    return answer(call, { usable: true, reason: 'ok', detail: 'KVM API 12 ran a guest' });
  const hasFlag = spec.nestedVirtualization && spec.securityType === 'Standard';
  const detail = hasFlag
    ? '/dev/kvm does not exist although the CPU shows vmx or svm'
    : '/dev/kvm does not exist and the CPU shows neither vmx nor svm';
  return answer(call, { usable: false, reason: hasFlag ? 'missing' : 'no-cpu-flag', detail });
};
