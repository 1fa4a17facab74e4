/** Networks: who may change one, and who may see its devices. network_namespaces(7), user_namespaces(7). */
import type { Attempt, Cause } from '../cause.ts'
import { isInUserNamespace } from '../scene.ts'
import { actionOf, type } from './mount-action.ts'

const CAP_NET_ADMIN = 12n

const isInHostsNetwork = ({ scene }: Attempt): boolean =>
  scene.namespaces.net !== undefined && scene.namespaces.net === scene.ours.net

// #region network
export const networkCauses: Cause[] = [
  {
    name: 'netlink/capability',
    calls: ['netlink'],
    codes: ['EPERM'],
    precondition: 'The process has the capability CAP_NET_ADMIN',
    man: 'capabilities(7): CAP_NET_ADMIN Perform various network-related operations: interface configuration;',
    probe: ({ scene: { pid, uid, capabilities } }) =>
      ((capabilities >> CAP_NET_ADMIN) & 1n) === 1n
        ? 'so'
        : {
            fact: `process ${pid} (user ${uid}) does not have CAP_NET_ADMIN`,
            remedy: 'Set the network up before rights are dropped, or as root',
          },
  },
  {
    name: 'netlink/network-of-others',
    calls: ['netlink'],
    codes: ['EPERM'],
    precondition: 'The network belongs to the user namespace in which the process has rights',
    man: 'user_namespaces(7): the kernel records the user namespace of the creating process as the owner of the new namespace.',
    probe: (attempt) => {
      if (!isInUserNamespace(attempt.scene) || !isInHostsNetwork(attempt)) return 'so'
      return {
        fact: `process ${attempt.scene.pid} is in a user namespace of its own, and its network is the host's still`,
        remedy: 'Ask for a network of its own first: unshare(CLONE_NEWNET)',
      }
    },
  },
  {
    name: 'mount/network-of-others',
    calls: ['mount'],
    codes: ['EPERM'],
    precondition: 'Who mounts sysfs has rights in the user namespace that its network belongs to',
    man: 'sysfs(5): The sysfs filesystem is a pseudo-filesystem which provides an interface to kernel data structures.',
    args: 4,
    probe: (attempt) => {
      if (actionOf(attempt) !== 'new' || type(attempt) !== 'sysfs') return 'apart'
      if (!isInUserNamespace(attempt.scene) || !isInHostsNetwork(attempt)) return 'so'
      return {
        fact: "sysfs shows the devices of a network, and this one is the host's",
        remedy: 'Ask for a network of its own first: unshare(CLONE_NEWNET)',
      }
    },
  },
]
// #endregion network
