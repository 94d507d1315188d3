import type { Resource, ResourceGroup, Schedule } from '../../../world/azure/model.js';
import { envelopeOf } from './envelope.js';

/** A resource group as ARM answers. */
export const renderGroup = (group: ResourceGroup) => ({
  id: group.id,
  name: group.name,
  type: 'Microsoft.Resources/resourceGroups',
  location: group.location,
  tags: group.tags,
  properties: { provisioningState: group.provisioningState },
});

/** A row of ARM's own list of resources; the times only when asked for with `$expand`. */
export function renderListed(resource: Resource, expand: string) {
  const wanted = expand.toLowerCase();
  return {
    ...envelopeOf(resource),
    ...('sku' in resource ? { sku: { name: resource.sku } } : {}),
    ...('managedBy' in resource && resource.managedBy !== undefined ? { managedBy: resource.managedBy } : {}),
    ...('zones' in resource && resource.zones ? { zones: resource.zones } : {}),
    ...(wanted.includes('createdtime') ? { createdTime: new Date(resource.createdAt).toISOString() } : {}),
    ...(wanted.includes('changedtime') ? { changedTime: new Date(resource.changedAt).toISOString() } : {}),
    ...(wanted.includes('provisioningstate') ? { provisioningState: resource.provisioningState } : {}),
  };
}

/** DevTestLab writes its ids in lower case. */
export const renderSchedule = (schedule: Schedule) => ({
  ...envelopeOf(schedule),
  id: schedule.id.toLowerCase(),
  type: 'microsoft.devtestlab/schedules',
  properties: {
    status: schedule.properties.status,
    taskType: schedule.properties.taskType,
    dailyRecurrence: { time: schedule.properties.time },
    timeZoneId: schedule.properties.timeZoneId,
    targetResourceId: schedule.properties.targetResourceId,
    ...(schedule.properties.notificationSettings
      ? { notificationSettings: schedule.properties.notificationSettings }
      : {}),
    createdDate: new Date(schedule.createdAt).toISOString(),
    provisioningState: 'Succeeded',
    uniqueIdentifier: schedule.guid,
  },
});
