/** What the judge looks for after lesson 7: interfaces, addresses and routes, in the box and around it. It asks the kernel, by netlink. */
import { contains, networkOf } from '../../src/kernel/address.ts'
import type { Link } from '../../src/kernel/interfaces.ts'
import type { Check } from '../../src/workshop/judge/check.ts'
import type { Facts, NetworkFacts } from '../../src/workshop/judge/facts.ts'

const LESSON = 7

// #region checks
export const networkChecks: Check[] = [
  {
    id: 'network',
    lesson: LESSON,
    title: 'it has a network of its own',
    needs: 'root',
    expected: ({ host }) =>
      `/proc/PID/ns/net is not net:[${host.namespaces.net}], which is the host's`,
    look: ({ box, host }) =>
      box?.namespaces.net === host.namespaces.net
        ? {
            found: `it is net:[${host.namespaces.net}]: the host's`,
            cause:
              'Nobody has called unshare(2) or clone(2) with CLONE_NEWNET for this process',
          }
        : undefined,
    hints: [
      'Names, numbers, mounts, users: which kind of namespace has interfaces, routes and ports in it?',
      'man 7 network_namespaces. Look for: "Network namespaces provide isolation of the system resources associated with networking".',
      "-    box('unshare', [CLONE_NEWIPC], …),\n+    box('unshare', [CLONE_NEWNET], …),",
    ],
    why: 'whoever listens on the host cannot be found from there, and abstract UNIX sockets are apart as well. /proc/PID/ns/net of the two differ.',
  },
  {
    id: 'loopback',
    lesson: LESSON,
    title: 'it can talk to itself',
    needs: 'network',
    expected: () => 'lo is up, and has 127.0.0.1',
    look: ({ box }) => {
      const { links = [] } = box?.network?.box ?? {}
      const lo = links.find(({ name }) => name === 'lo')
      return lo?.up
        ? undefined
        : {
            found: 'lo is down',
            cause:
              'Every new network namespace has it, and nobody has set it up. Without it no program in the box reaches another at 127.0.0.1',
          }
    },
    hints: [
      'Which interface does a new network have from the beginning? In which state? Who may change that?',
      'man 7 netdevice, SIOCGIFFLAGS. Look for: "Interface is running." and the flags above it: IFF_UP is the first. By netlink: man 7 rtnetlink, RTM_NEWLINK.',
      "+    box('netlink', [NETLINK_ROUTE, linkUp(LOOPBACK).toString('hex'), 0], 'lo up'),",
    ],
    why: 'a message to the kernel has set IFF_UP, and the kernel has given it 127.0.0.1 by itself.',
  },
  {
    id: 'way-out',
    lesson: LESSON,
    title: 'a cable leads out of it',
    needs: 'network',
    expected: () =>
      'an interface beside lo that is up, and has an address; its other end is on the host, and up',
    look: ({ box }) => lookAtCable(box?.network),
    hints: [
      'A network namespace is a room without doors. What can be in two rooms at once?',
      'man 4 veth. Look for: "place one end of a veth pair in one network namespace and the other end in another network namespace, thus allowing communication between network namespaces."',
      "+    host('ask', ['cni', JSON.stringify({ command: 'ADD', network, id, netns: `/proc/${BOX}/ns/net` })], …),",
    ],
    why: 'it is one end of a veth pair, and the other one is a port of a bridge: what goes into one comes out of the other.',
  },
  {
    id: 'route',
    lesson: LESSON,
    title: 'it knows the way to everybody else',
    needs: 'way-out',
    expected: ({ box }) =>
      `its default route leads to an address that the host has on ${neighbour(box)?.name}`,
    look: ({ box }) => {
      const via = gatewayOf(box?.network)
      if (via === undefined)
        return {
          found: 'it has no default route',
          cause:
            'An address tells who the neighbours are; for all others a gateway has to be named: isDefaultGateway',
        }
      return box?.network?.host.addresses.some(({ address }) => address === via)
        ? undefined
        : {
            found: `its default route leads to ${via}, which is not the host`,
            cause: 'The bridge has no address: isGateway gives it one',
          }
    },
    hints: [
      'The cable is there, and the address. To whom does the box send what is not for a neighbour?',
      'man 7 rtnetlink, RTM_NEWROUTE: RTA_GATEWAY is "The gateway of the route". CNI, plugin bridge: isDefaultGateway.',
      "   { type: 'bridge', isGateway: true,\n+    isDefaultGateway: true, … }",
    ],
    why: 'the bridge is a neighbour of the box as well, and this machine carries on what is not for itself.',
  },
  {
    id: 'detached',
    lesson: LESSON,
    title: 'no interface is left when it has ended',
    needs: 'way-out',
    expected: () => 'the host has the interfaces that it had',
    look: ({ left }) =>
      left.interfaces.length === 0
        ? undefined
        : {
            found: `left: ${left.interfaces.join(', ')}`,
            cause:
              'What ADD has made DEL takes away: the lease of an address, the rules of the packet filter, the bridge after the last box',
          },
    hints: [
      'The cable goes with its namespace. What does not?',
      'The CNI specification, "DEL: Remove container from network, or un-apply modifications". In a plan: undo.',
      "     host('ask', ['cni', …], '…', {\n+      undo: { call: 'ask', args: ['cni', JSON.stringify({ command: 'DEL', network, id })] },\n     }),",
    ],
    why: 'the undo stood beside the step, and was written down before it was played.',
  },
]
// #endregion checks

/** The box's interface whose other end is on the host. */
function cableOf(network: NetworkFacts | undefined): Link | undefined {
  const { box, host } = network ?? {}
  return box?.links.find(({ index, name, peer }) =>
    host?.links.some(
      (one) => name !== 'lo' && one.index === peer && one.peer === index,
    ),
  )
}

function lookAtCable(
  network: NetworkFacts | undefined,
): ReturnType<Check['look']> {
  const cable = cableOf(network)
  const others = (network?.box.links ?? []).filter(({ name }) => name !== 'lo')
  if (!cable)
    return {
      found:
        others.length === 0
          ? 'it has lo, and nothing else'
          : `it has ${others.map(({ name }) => name).join(', ')}, whose other end is not on the host`,
      cause:
        'Whoever adds an interface names the namespace: /proc/PID/ns/net of the box, and not before it has one of its own',
    }
  const address = network?.box.addresses.find(
    ({ index, address: one }) =>
      index === cable.index && !one.startsWith('fe80'),
  )
  const outer = network?.host.links.find(({ index }) => index === cable.peer)
  if (cable.up && outer?.up && address) return undefined
  return {
    found: `${cable.name} ${address ? `has ${address.address}` : 'has no address'}; it is ${cable.up ? 'up' : 'down'}, and ${outer?.name ?? 'its other end'} is ${outer?.up ? 'up' : 'down'}`,
    cause: 'Each end has to be set up, and the one in the box wants an address',
  }
}

const gatewayOf = (network: NetworkFacts | undefined): string | undefined =>
  network?.box.routes.find(({ to }) => to === 'default')?.via

/** The host's interface in whose network the box is. */
function neighbour(box: Facts['box']): Link | undefined {
  const { host, box: inside } = box?.network ?? {}
  const own = inside?.addresses.find(
    ({ index }) => index === cableOf(box?.network)?.index,
  )
  const there = host?.addresses.find(
    (one) => own && contains(networkOf(one), own.address),
  )
  return host?.links.find(({ index }) => index === there?.index)
}
