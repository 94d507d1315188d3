import * as z from 'zod';
import { fail, WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { ResourceRef } from './arm.js';
import type { ArmSession } from './session.js';
import { DISKS_API } from './snapshots.js';

/** The api-version in which each type that stands beside a VM is deleted. */
const API_VERSIONS: Readonly<Record<string, string>> = {
  'microsoft.network/networkinterfaces': '2025-05-01',
  'microsoft.network/publicipaddresses': '2025-05-01',
  'microsoft.compute/disks': DISKS_API,
  'microsoft.compute/snapshots': DISKS_API,
  'microsoft.devtestlab/schedules': '2018-09-15',
};

/**
 * Asks for the deletion of one interface, address, disk, snapshot or schedule; a listing tells when it is gone. One that is gone
 * already is fine.
 */
export async function deleteResource(
  session: ArmSession,
  { id, type }: ResourceRef,
  deadline: Deadline,
): Promise<void> {
  const version = API_VERSIONS[type.toLowerCase()];
  if (version === undefined) throw fail('BUG', { what: `resources of type ${type} are not deleted one by one` });
  try {
    await session.raw('DELETE', `${id}?api-version=${version}`, z.unknown(), deadline);
  } catch (error) {
    if (!(error instanceof WaaError) || error.code !== 'AZURE_NOT_FOUND') throw error;
  }
}
