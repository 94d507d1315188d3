import { invalidParameter, refuse } from './arm-error.js';
import type { VmBody } from './bodies/compute.js';
import type { SecurityType } from './model.js';
import type { AzureState } from './state.js';

export interface OsSettings {
  readonly adminUser: string;
  readonly sshPublicKeys: readonly string[];
  /** Decoded. */
  readonly customData: string;
}

/** Names Azure refuses on Linux as well. https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update#osprofile */
const disallowedUsers = new Set(
  (
    'administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2 aspnet backup console david guest ' +
    'john owner root server sql support support_388945a0 sys test2 test3 user4 user5'
  ).split(' '),
);

const missing = (target: string) => invalidParameter(target, `Required parameter '${target}' is missing (null).`);

/** Checks `osProfile` of a VM made from an image, and takes from it what the machine needs. */
export function readOsProfile(profile: VmBody['properties']['osProfile']): OsSettings {
  if (!profile) throw missing('osProfile');
  const { adminUsername, computerName, customData, linuxConfiguration, adminPassword } = profile;
  if (computerName === undefined || computerName === '') throw missing('osProfile.computerName');
  if (computerName.length > 64 || /[\s~!@#$%^&*()=+_[\]{}\\|;:'",<>/?]/.test(computerName)) {
    throw invalidParameter(
      'osProfile.computerName',
      'Linux host name cannot exceed 64 characters in length or contain special characters.',
    );
  }
  if (adminUsername === undefined || adminUsername === '') throw missing('osProfile.adminUsername');
  if (
    adminUsername.length > 64 ||
    !/^[A-Za-z_][\w.-]*$/.test(adminUsername) ||
    disallowedUsers.has(adminUsername.toLowerCase())
  ) {
    throw invalidParameter('adminUsername', 'The Admin Username specified is not allowed.');
  }
  const keys = linuxConfiguration?.ssh?.publicKeys ?? [];
  const passwordAllowed = linuxConfiguration?.disablePasswordAuthentication !== true && adminPassword !== undefined;
  if (keys.length === 0 && !passwordAllowed) {
    throw invalidParameter(
      'linuxConfiguration',
      'Authentication using either SSH or by user name and password must be enabled in Linux profile.',
    );
  }
  for (const key of keys) {
    if (key.path !== undefined && key.path !== `/home/${adminUsername}/.ssh/authorized_keys`) {
      throw invalidParameter(
        'linuxConfiguration.ssh.publicKeys.path',
        'Destination path for SSH public keys is currently limited to its default value ' +
          `/home/${adminUsername}/.ssh/authorized_keys due to a known issue in Linux provisioning agent.`,
      );
    }
    if (!isAcceptedKey(key.keyData)) throw invalidParameter('linuxConfiguration.ssh.publicKeys.keyData');
  }
  const sshPublicKeys = keys.map((key) => key.keyData.trim());
  return { adminUser: adminUsername, sshPublicKeys, customData: decodeCustomData(customData) };
}

/** RSA from 2048 bits, or Ed25519. https://learn.microsoft.com/azure/virtual-machines/linux/mac-create-ssh-keys */
function isAcceptedKey(text: string): boolean {
  const [kind, base64 = ''] = text.trim().split(/\s+/);
  const blob = Buffer.from(base64, 'base64');
  const fields: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length;) {
    const length = blob.readUInt32BE(at);
    if (at + 4 + length > blob.length) return false;
    fields.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (fields[0]?.toString('latin1') !== kind) return false;
  if (kind === 'ssh-ed25519') return fields[1]?.length === 32;
  // The modulus has a leading zero byte, so 2048 bits are 257 bytes.
  return kind === 'ssh-rsa' && (fields[2]?.length ?? 0) >= 257;
}

function decodeCustomData(text: string | undefined): string {
  if (text === undefined) return '';
  if (text.length > 87_380 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw invalidParameter(
      'customData',
      'Custom data in OSProfile must be in Base64 encoding and with a maximum length of 87380 characters.',
    );
  }
  return Buffer.from(text, 'base64').toString('utf8');
}

/** First api-version in which `Standard` needs no feature registration. */
const standardIsFirstClassSince = '2025-11-01';

/** Checks `securityProfile`; what is not set is Standard, or Trusted Launch where the subscription made that its default. */
export function readSecurity(
  state: AzureState,
  profile: VmBody['properties']['securityProfile'],
  generation: 'V1' | 'V2',
  apiVersion: string,
): SecurityType {
  const registered = (feature: string): boolean =>
    state.features.get(`microsoft.compute/${feature.toLowerCase()}`) === 'Registered';
  const modern = apiVersion >= standardIsFirstClassSince;
  const asked = profile?.securityType;
  if (asked === 'Standard' && !modern && !registered('UseStandardSecurityType')) {
    throw refuse(400, 'InvalidParameter', 'The value of parameter securityProfile.securityType is invalid.', {
      target: 'securityProfile.securityType',
      innererror: { internalErrorCode: 'ParameterValueInvalid' },
    });
  }
  if (profile?.encryptionAtHost === true && !registered('EncryptionAtHost')) {
    throw invalidParameter(
      'securityProfile.encryptionAtHost',
      "The property 'securityProfile.encryptionAtHost' is not valid because the 'Microsoft.Compute/EncryptionAtHost' feature is " +
        'not enabled for this subscription.',
    );
  }
  const fallback =
    modern && generation === 'V2' && registered('TrustedLaunchByDefaultPreview') ? 'TrustedLaunch' : 'Standard';
  const type = asked ?? fallback;
  if (profile?.uefiSettings && type === 'Standard') {
    throw refuse(400, 'BadRequest', "Use of UEFI settings is not supported when security type is 'Standard'.");
  }
  if (type === 'ConfidentialVM') {
    throw refuse(400, 'BadRequest', "The VM size does not support the security type 'ConfidentialVM'.");
  }
  if (type === 'TrustedLaunch' && generation === 'V1') {
    throw refuse(400, 'BadRequest', "Security type 'TrustedLaunch' needs an image of Hypervisor Generation '2'.");
  }
  return type;
}
