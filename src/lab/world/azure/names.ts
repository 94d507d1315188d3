import { invalidParameter, refuse } from './arm-error.js';

/** https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-reserved-resource-name */
const reservedWords =
  /^(azure|office|office365|onedrive|skype|visualstudio|microsoft|windows|xbox)$|^login|microsoft|windows/i;

/** Names of network resources: 1-80 word characters, dots and dashes. */
export function checkNetworkName(name: string): void {
  checkReserved(name);
  if (!/^\w$|^\w[\w.-]{0,78}\w$/.test(name)) {
    throw refuse(
      400,
      'InvalidResourceName',
      `Resource name ${name} is invalid. The name can be up to 80 characters long. It must begin with a word character, and it ` +
        "must end with a word character or with '_'. The name may contain word characters or '.', '-', '_'.",
    );
  }
}

/** Names of VMs (64 characters on Linux), disks and snapshots (80). */
export function checkComputeName(name: string, target: 'vmName' | 'diskName' | 'snapshotName'): void {
  checkReserved(name);
  const longest = target === 'vmName' ? 64 : 80;
  if (name.length > longest || !/^[A-Za-z0-9]([\w.-]*\w)?$/.test(name)) {
    throw invalidParameter(
      target,
      target === 'vmName'
        ? 'Linux host name cannot exceed 64 characters in length or contain the following characters: ' +
            '` ~ ! @ # $ % ^ & * ( ) = + _ [ ] { } \\ | ; : \' " , < > / ?.'
        : `The value '${name}' of parameter '${target}' is invalid.`,
    );
  }
}

function checkReserved(name: string): void {
  if (!reservedWords.test(name)) return;
  throw refuse(
    400,
    'ReservedResourceName',
    `The resource name '${name}' or a part of the name is a trademarked or reserved word. ` +
      'Refer to this document for more details - https://aka.ms/reservedresourcenames',
  );
}

/** Checks tags: at most 50, key 512, value 256 characters, no `<>%&\?/` in keys. */
export function checkTags(tags: Readonly<Record<string, string>>): void {
  const names = Object.keys(tags);
  if (names.length > 50) {
    throw refuse(400, 'TooManyTags', `The maximum number of tags is 50; ${names.length} were given.`);
  }
  for (const name of names) {
    if (name.length > 512 || /[<>%&\\?/]/.test(name)) {
      throw refuse(
        400,
        'InvalidTagNameCharacters',
        `The tag names '${name}' have reserved characters '<,>,%,&,\\,?,/' or control characters, or are longer than 512.`,
      );
    }
    if ((tags[name] ?? '').length > 256) {
      throw refuse(
        400,
        'TagValueTooLong',
        `Tag value too large. Following tag value '${name}' exceeded the maximum length of 256.`,
      );
    }
  }
}
