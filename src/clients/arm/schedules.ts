import * as z from 'zod';
import { WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { Tags } from './arm.js';
import { shutdownScheduleName } from './resource-names.js';
import type { ArmSession } from './session.js';

/** The only version of Microsoft.DevTestLab/schedules that takes compute shutdown tasks. */
const SCHEDULES_API = '2018-09-15';

const scheduleSchema = z.object({
  properties: z.object({
    status: z.string().optional(),
    timeZoneId: z.string().optional(),
    dailyRecurrence: z.object({ time: z.string() }).optional(),
  }),
});

function schedulePath(subscriptionId: string, group: string, vmName: string): string {
  const name = shutdownScheduleName(vmName);
  return `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.DevTestLab/schedules/${name}?api-version=${SCHEDULES_API}`;
}

/** Sets the once-a-day deallocation of a VM. `timeUtc` is `HHMM`; Azure may be minutes late. Its tags are replaced. */
export async function putShutdownSchedule(
  session: ArmSession,
  subscriptionId: string,
  group: string,
  vmName: string,
  region: string,
  { timeUtc, tags }: { readonly timeUtc: string; readonly tags: Tags },
  deadline: Deadline,
): Promise<void> {
  const vmId = `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${vmName}`;
  await session.raw('PUT', schedulePath(subscriptionId, group, vmName), scheduleSchema, deadline, {
    location: region,
    tags: { ...tags },
    properties: {
      status: 'Enabled',
      taskType: 'ComputeVmShutdownTask',
      dailyRecurrence: { time: timeUtc },
      timeZoneId: 'UTC',
      targetResourceId: vmId,
      notificationSettings: { status: 'Disabled', timeInMinutes: 30 },
    },
  });
}

/** `HHMM` UTC of the enabled schedule, undefined when there is none. */
export async function getShutdownSchedule(
  session: ArmSession,
  subscriptionId: string,
  group: string,
  vmName: string,
  deadline: Deadline,
): Promise<string | undefined> {
  try {
    const { properties } = await session.raw(
      'GET',
      schedulePath(subscriptionId, group, vmName),
      scheduleSchema,
      deadline,
    );
    return properties.status === 'Disabled' ? undefined : properties.dailyRecurrence?.time;
  } catch (error) {
    if (error instanceof WaaError && error.code === 'AZURE_NOT_FOUND') return undefined;
    throw error;
  }
}
