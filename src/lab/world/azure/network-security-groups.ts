import { refuse } from './arm-error.js';
import type { NsgBody, SecurityRuleProperties } from './bodies/network.js';
import type { NetworkSecurityGroup, SecurityRule } from './model.js';
import { checkNetworkName, checkTags } from './names.js';
import { beginNetworkDelete, checkIdle, equalIds, settle } from './network-writes.js';
import type { Operation } from './operations.js';
import { checkRules } from './security-rules.js';
import type { AzureState, Place, Written } from './state.js';
import { add, findAt, listOf, newTracked, placeLocation, resourceAt, writableGroup } from './state.js';

const type = 'Microsoft.Network/networkSecurityGroups';

/** Creates an NSG or replaces its rules and tags. */
export function putNsg(state: AzureState, place: Place, body: NsgBody): Written<NetworkSecurityGroup> {
  writableGroup(state, place.group);
  checkNetworkName(place.name);
  const location = placeLocation(state, type, place, body.location);
  const tags = body.tags ?? {};
  checkTags(tags);
  const rules = (body.properties?.securityRules ?? []).map(({ name, properties }) => ({ name, properties }));
  checkRules(rules);
  const existing = findAt(state, type, place);
  checkIdle(existing);
  const nsg: NetworkSecurityGroup = existing ?? { ...newTracked(state, type, place, location, tags), rules };
  if (!existing) add(state, nsg);
  nsg.rules = rules;
  nsg.tags = tags;
  return { resource: nsg, created: !existing, operation: settle(state, nsg, !existing) };
}

/** Creates or replaces one rule. */
export function putRule(
  state: AzureState,
  place: Place,
  name: string,
  properties: SecurityRuleProperties,
): Written<SecurityRule> {
  writableGroup(state, place.group);
  checkNetworkName(name);
  const nsg = resourceAt(state, type, place);
  const others = nsg.rules.filter((rule) => rule.name.toLowerCase() !== name.toLowerCase());
  const rule = { name, properties };
  checkRules([...others, rule]);
  checkIdle(nsg);
  const created = others.length === nsg.rules.length;
  nsg.rules = [...others, rule];
  return { resource: rule, created, operation: settle(state, nsg, false) };
}

/** Removes one rule; undefined when there is none. */
export function deleteRule(state: AzureState, place: Place, name: string): Operation | undefined {
  writableGroup(state, place.group);
  const nsg = findAt(state, type, place);
  const kept = nsg?.rules.filter((rule) => rule.name.toLowerCase() !== name.toLowerCase());
  if (!nsg || !kept || kept.length === nsg.rules.length) return undefined;
  checkIdle(nsg);
  nsg.rules = kept;
  return settle(state, nsg, false);
}

/** Begins to delete an NSG; undefined when there is none. Refused while a subnet or a NIC uses it. */
export function deleteNsg(state: AzureState, place: Place): Operation | undefined {
  writableGroup(state, place.group);
  const nsg = findAt(state, type, place);
  if (!nsg) return undefined;
  const users = nsgUsers(state, nsg.id);
  const ids = [...users.nics, ...users.subnets];
  if (ids.length > 0) {
    throw refuse(
      400,
      'InUseNetworkSecurityGroupCannotBeDeleted',
      `Network security group ${nsg.id} cannot be deleted because it is in use by the following resources: ${ids.join(', ')}. ` +
        'In order to remove the Network security group, remove the association with the resource(s). ' +
        'To learn how to do this, see aka.ms/deletensg.',
    );
  }
  return beginNetworkDelete(state, nsg);
}

/** Ids of the NICs and subnets that use an NSG. */
export function nsgUsers(
  state: AzureState,
  id: string,
): { readonly nics: readonly string[]; readonly subnets: readonly string[] } {
  return {
    nics: listOf(state, 'Microsoft.Network/networkInterfaces')
      .filter((nic) => equalIds(nic.properties.networkSecurityGroup?.id, id))
      .map((nic) => nic.id),
    subnets: listOf(state, 'Microsoft.Network/virtualNetworks').flatMap((vnet) =>
      vnet.subnets
        .filter((subnet) => equalIds(subnet.properties.networkSecurityGroup?.id, id))
        .map((subnet) => `${vnet.id}/subnets/${subnet.name}`),
    ),
  };
}
