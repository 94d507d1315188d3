import {
  nicBody,
  nsgBody,
  publicIpBody,
  securityRuleBody,
  subnetBody,
  vnetBody,
} from '../../../world/azure/bodies/network.js';
import type { ResourceOf } from '../../../world/azure/model.js';
import type { NetworkResource } from '../../../world/azure/network-writes.js';
import { deleteNsg, deleteRule, putNsg, putRule } from '../../../world/azure/network-security-groups.js';
import { deleteNic, putNic } from '../../../world/azure/network-interfaces.js';
import { deletePublicIp, putPublicIp } from '../../../world/azure/public-ips.js';
import type { Written } from '../../../world/azure/state.js';
import { resourceAt } from '../../../world/azure/state.js';
import { deleteSubnet, deleteVnet, putSubnet, putVnet } from '../../../world/azure/virtual-networks.js';
import { acceptedReply, putReply } from '../async-replies.js';
import { parseBody } from '../bodies.js';
import { checkPreconditions } from '../preconditions.js';
import { pageOf, param, placeOf, type ArmContext, type Route } from '../context.js';
import { checkJoin, idsAt } from '../rbac.js';
import { networkEtag } from '../render/envelope.js';
import { renderNic, renderNsg, renderPublicIp, renderRule, renderSubnet, renderVnet } from '../render/network.js';
import { refuse } from '../../../world/azure/arm-error.js';
import { pathOf, trackedResourceRoutes, type TrackedResource } from './tracked-resource.js';

type NetworkType = NetworkResource['type'];

interface Kind<T extends NetworkType> extends TrackedResource<T> {
  put(context: ArmContext): Written<ResourceOf<T>>;
}

/** PUT, GET, DELETE and the two lists of one type of network resource. */
function crud<T extends NetworkType>(kind: Kind<T>): readonly Route[] {
  const { type } = kind;
  return [
    {
      method: 'PUT',
      path: `${pathOf(type)}/{name}`,
      type,
      action: `${type}/write`,
      handle(context) {
        checkPreconditions(context, type, networkEtag);
        const written = kind.put(context);
        return putReply(context, written, kind.render(context.azure, written.resource));
      },
    },
    ...trackedResourceRoutes({ ...kind, headers: (resource) => ({ etag: networkEtag(resource) }) }),
  ];
}

const nsgType = 'Microsoft.Network/networkSecurityGroups';
const vnetType = 'Microsoft.Network/virtualNetworks';
const childOf = (type: string, child: string): string => `${pathOf(type)}/{name}/${child}/{child}`;
const missing = (context: ArmContext, type: string) =>
  refuse(
    404,
    'NotFound',
    `Resource ${param(context, 'child')} of type ${type} in ${param(context, 'name')} not found.`,
  );

const ruleRoutes: readonly Route[] = [
  {
    method: 'PUT',
    path: childOf(nsgType, 'securityRules'),
    type: nsgType,
    action: `${nsgType}/securityRules/write`,
    handle(context) {
      const { properties } = parseBody(context.request, securityRuleBody, 'network');
      const written = putRule(context.azure, placeOf(context), param(context, 'child'), properties);
      return putReply(
        context,
        written,
        renderRule(resourceAt(context.azure, nsgType, placeOf(context)), written.resource),
      );
    },
  },
  {
    method: 'GET',
    path: childOf(nsgType, 'securityRules'),
    type: nsgType,
    action: `${nsgType}/securityRules/read`,
    handle(context) {
      const nsg = resourceAt(context.azure, nsgType, placeOf(context));
      const rule = nsg.rules.find((entry) => entry.name.toLowerCase() === param(context, 'child').toLowerCase());
      if (!rule) throw missing(context, `${nsgType}/securityRules`);
      return { status: 200, body: renderRule(nsg, rule) };
    },
  },
  {
    method: 'DELETE',
    path: childOf(nsgType, 'securityRules'),
    type: nsgType,
    action: `${nsgType}/securityRules/delete`,
    handle: (context) => acceptedReply(context, deleteRule(context.azure, placeOf(context), param(context, 'child'))),
  },
];

const subnetRoutes: readonly Route[] = [
  {
    method: 'PUT',
    path: childOf(vnetType, 'subnets'),
    type: vnetType,
    action: `${vnetType}/subnets/write`,
    handle(context) {
      const { properties } = parseBody(context.request, subnetBody, 'network');
      checkJoin(context, `${nsgType}/join/action`, idsAt(properties.networkSecurityGroup?.id));
      const written = putSubnet(context.azure, placeOf(context), param(context, 'child'), properties);
      const vnet = resourceAt(context.azure, vnetType, placeOf(context));
      return putReply(context, written, renderSubnet(context.azure, vnet, written.resource));
    },
  },
  {
    method: 'GET',
    path: childOf(vnetType, 'subnets'),
    type: vnetType,
    action: `${vnetType}/subnets/read`,
    handle(context) {
      const vnet = resourceAt(context.azure, vnetType, placeOf(context));
      const subnet = vnet.subnets.find((entry) => entry.name.toLowerCase() === param(context, 'child').toLowerCase());
      if (!subnet) throw missing(context, `${vnetType}/subnets`);
      return { status: 200, body: renderSubnet(context.azure, vnet, subnet) };
    },
  },
  {
    method: 'GET',
    path: `${pathOf(vnetType)}/{name}/subnets`,
    type: vnetType,
    action: `${vnetType}/subnets/read`,
    handle(context) {
      const vnet = resourceAt(context.azure, vnetType, placeOf(context));
      return pageOf(
        context,
        vnet.subnets.map((subnet) => renderSubnet(context.azure, vnet, subnet)),
      );
    },
  },
  {
    method: 'DELETE',
    path: childOf(vnetType, 'subnets'),
    type: vnetType,
    action: `${vnetType}/subnets/delete`,
    handle: (context) => acceptedReply(context, deleteSubnet(context.azure, placeOf(context), param(context, 'child'))),
  },
];

export const networkRoutes: readonly Route[] = [
  ...crud({
    type: nsgType,
    put: (context) => putNsg(context.azure, placeOf(context), parseBody(context.request, nsgBody, 'network')),
    remove: deleteNsg,
    render: renderNsg,
  }),
  ...crud({
    type: vnetType,
    put(context) {
      const body = parseBody(context.request, vnetBody, 'network');
      const groups = (body.properties.subnets ?? []).map((subnet) => subnet.properties.networkSecurityGroup?.id);
      checkJoin(context, `${nsgType}/join/action`, idsAt(...groups));
      return putVnet(context.azure, placeOf(context), body);
    },
    remove: deleteVnet,
    render: renderVnet,
  }),
  ...crud({
    type: 'Microsoft.Network/publicIPAddresses',
    put: (context) => putPublicIp(context.azure, placeOf(context), parseBody(context.request, publicIpBody, 'network')),
    remove: deletePublicIp,
    render: renderPublicIp,
  }),
  ...crud({
    type: 'Microsoft.Network/networkInterfaces',
    put(context) {
      const body = parseBody(context.request, nicBody, 'network');
      const { ipConfigurations, networkSecurityGroup } = body.properties;
      checkJoin(context, `${nsgType}/join/action`, idsAt(networkSecurityGroup?.id));
      checkJoin(
        context,
        `${vnetType}/subnets/join/action`,
        idsAt(...ipConfigurations.map((entry) => entry.properties.subnet?.id)),
      );
      checkJoin(
        context,
        'Microsoft.Network/publicIPAddresses/join/action',
        idsAt(...ipConfigurations.map((entry) => entry.properties.publicIPAddress?.id)),
      );
      return putNic(context.azure, placeOf(context), body);
    },
    remove: deleteNic,
    render: renderNic,
  }),
  ...ruleRoutes,
  ...subnetRoutes,
];
