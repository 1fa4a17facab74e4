/** `boxwright cni NAME`: a CNI plugin, as any container runtime calls one. Everything it is told is in its environment and on standard input. */
import { plugins } from '../network/plugins/all.ts'
import { serve } from '../network/plugins/plugin.ts'
import { Complaint } from '../workshop/complaint.ts'
import { print } from '../workshop/print.ts'

/** Loaded when it is wanted. @returns the exit status. */
// ts-unused-exports:disable-next-line
export function cniCommand(name = ''): number {
  const plugin = plugins[name]
  if (plugin) return serve(plugin, print)
  throw new Complaint(`Cannot be the CNI plugin "${name}": I have ${Object.keys(plugins).join(', ')}`)
}
