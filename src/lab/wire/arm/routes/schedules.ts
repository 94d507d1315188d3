import * as z from 'zod';
import { envelope, readOnly } from '../../../world/azure/bodies/common.js';
import { deleteSchedule, putSchedule } from '../../../world/azure/schedules.js';
import { groupOf, listOf, resourceAt } from '../../../world/azure/state.js';
import { parseBody } from '../bodies.js';
import { pageOf, param, placeOf, type Route } from '../context.js';
import { renderSchedule } from '../render/resources.js';

const type = 'Microsoft.DevTestLab/schedules';
const base = '/subscriptions/{subscription}/resourceGroups/{group}/providers';
const path = `${base}/${type}/{name}`;

const scheduleBody = z.strictObject({
  ...envelope,
  properties: z.strictObject({
    status: z.enum(['Enabled', 'Disabled']),
    taskType: z.literal('ComputeVmShutdownTask'),
    dailyRecurrence: z.strictObject({ time: z.string() }),
    timeZoneId: z.string(),
    targetResourceId: z.string(),
    notificationSettings: z.record(z.string(), z.unknown()).optional(),
    createdDate: readOnly,
    provisioningState: readOnly,
    uniqueIdentifier: readOnly,
  }),
});

/** Auto-shutdown of VMs. A PUT always answers 201, a deletion 200. */
export const scheduleRoutes: readonly Route[] = [
  {
    method: 'PUT',
    path,
    type,
    action: `${type}/write`,
    handle(context) {
      const { location, tags, properties } = parseBody(context.request, scheduleBody, 'arm');
      const { dailyRecurrence, status, taskType, timeZoneId, targetResourceId, notificationSettings } = properties;
      const { resource } = putSchedule(context.azure, placeOf(context), {
        location,
        tags: tags ?? {},
        properties: {
          status,
          taskType,
          time: dailyRecurrence.time,
          timeZoneId,
          targetResourceId,
          notificationSettings,
        },
      });
      return { status: 201, body: renderSchedule(resource) };
    },
  },
  {
    method: 'GET',
    path,
    type,
    action: `${type}/read`,
    handle: (context) => ({ status: 200, body: renderSchedule(resourceAt(context.azure, type, placeOf(context))) }),
  },
  {
    method: 'DELETE',
    path,
    type,
    action: `${type}/delete`,
    handle: (context) => ({ status: deleteSchedule(context.azure, placeOf(context)) ? 200 : 204 }),
  },
  {
    method: 'GET',
    path: `${base}/${type}`,
    type,
    action: `${type}/read`,
    handle(context) {
      const group = groupOf(context.azure, param(context, 'group')).name;
      return pageOf(context, listOf(context.azure, type, group).map(renderSchedule));
    },
  },
  {
    method: 'GET',
    path: `/subscriptions/{subscription}/providers/${type}`,
    type,
    action: `${type}/read`,
    handle: (context) => pageOf(context, listOf(context.azure, type).map(renderSchedule)),
  },
];
