/**
 * Lesson 13. Interfaces of the host's that the container is to have for itself. With the container they go back: the kernel gives a real one to the host
 * again, and takes a made one away. network_namespaces(7), config-linux.md §network-devices.
 */
import { NotAConfig } from '../../oci/rule.ts'
import type { Spec } from '../../oci/spec.ts'
import { BOX, host, type Wall } from '../../plan/plan.ts'
import { may } from './rights.ts'
import type { Creator } from './process.ts'

// #region devices
export const netDevices = ({ self }: Creator): Wall => ({
  name: 'net-devices',
  lesson: 13,
  steps: (spec) => {
    const moving = movingIn(spec)
    if (moving.length > 0 && !may(self, 'CAP_NET_ADMIN'))
      throw new NotAConfig(
        'linux.netDevices',
        'takes interfaces out of our network: that takes CAP_NET_ADMIN, which we do not have',
        'Leave it out, or make the container as root',
      )
    return moving.map(([name, newName]) =>
      host(
        'move_link',
        [name, `/proc/${BOX}/ns/net`, newName],
        'it is the container’s from now on',
      ),
    )
  },
})

/** A name that nobody else has there. */
function movingIn({ linux }: Spec): [name: string, newName: string][] {
  const moving = Object.entries(linux.netDevices ?? {}).map(
    ([name, device]): [string, string] => [name, device.name || name],
  )
  const names = moving.map(([, newName]) => newName)
  const twice = moving.find(([, newName], n) => names.indexOf(newName) < n)
  if (twice === undefined) return moving
  throw new NotAConfig(
    `linux.netDevices.${twice[0]}`,
    `would be called "${twice[1]}", as another one is`,
    'Give each a name of its own',
  )
}
// #endregion devices
