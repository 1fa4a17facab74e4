/**
 * A network's plugins, one after the other: each is told what those before it have done. ADD and CHECK go down the list, DEL goes up.
 * CNI SPEC.md §Section 3.
 */
import * as cache from './cache.ts'
import { checkAttachment } from './config.ts'
import { execute } from './execute.ts'
import { parseResult, resultFor } from './result.ts'
import { CniError, ERRORS, type Attachment, type NetworkList, type PluginConfig, type Result } from './spec.ts'

// #region add
/** @returns what the last plugin answered. A chain that breaks is taken down again as far as it was built. */
export function add(network: NetworkList, attachment: Attachment): Result {
  checkAttachment(attachment)
  let result: Result | undefined
  cache.store({ network, attachment }) // whoever is killed in between leaves word of it
  try {
    for (const plugin of network.plugins)
      result = parseResult(execute('ADD', told(plugin, network, attachment, result), attachment))
  } catch (error) {
    undo(network, attachment, result)
    throw error
  }
  if (!result)
    throw new CniError(ERRORS.invalidConfiguration, `Cannot attach the box: "${network.name}" has no plugins`)
  cache.store({ network, attachment, result })
  return result
}
// #endregion add

/** The first error is the one to tell; what cannot be taken away now, the next DEL tries again. */
function undo(network: NetworkList, attachment: Attachment, result: Result | undefined): void {
  if (result) cache.store({ network, attachment, result })
  try {
    remove(network.name, attachment)
  } catch {
    // a plugin that could not be made is often one that cannot be deleted
  }
}

// #region del
/** With the configuration of then, as it was kept; and without a network namespace when that has gone with its box. */
export function remove(name: string, attachment: Attachment): void {
  checkAttachment(attachment, false)
  const known = cache.load(name, attachment)
  if (!known) return
  const { network, result } = known
  const then = { ...known.attachment, netns: attachment.netns }
  const errors = network.plugins.toReversed().flatMap((plugin) => {
    try {
      execute('DEL', told(plugin, network, then, result), then)
      return []
    } catch (error) {
      return [error] // the others still have something to take away
    }
  })
  cache.forget(name, attachment)
  if (errors.length > 0) throw errors[0]
}
// #endregion del

// #region check
/** @throws CniError of the first plugin that does not find what it has made. */
export function check(name: string, attachment: Attachment): void {
  checkAttachment(attachment)
  const known = cache.load(name, attachment)
  if (!known?.result)
    throw new CniError(ERRORS.unknownContainer, `Cannot check ${attachment.containerId}: it is not in "${name}"`)
  const { network, result } = known
  if (network.disableCheck || network.cniVersion < '0.4.0') return
  for (const plugin of network.plugins) execute('CHECK', told(plugin, network, known.attachment, result), attachment)
}
// #endregion check

// #region told
/** §Deriving plugin configuration from the network's: version and name, the capabilities that it asks for, and what was before it. */
function told(
  { capabilities = {}, ...plugin }: PluginConfig,
  { cniVersion, name }: NetworkList,
  attachment: Attachment,
  previous: Result | undefined,
): PluginConfig {
  const wanted = Object.entries(attachment.capabilities ?? {}).filter(([capability]) => capabilities[capability])
  return {
    ...plugin,
    cniVersion,
    name,
    ...(wanted.length > 0 && { runtimeConfig: Object.fromEntries(wanted) }),
    ...(previous && { prevResult: resultFor(cniVersion, previous) }),
  }
}
// #endregion told

/** §VERSION: what a plugin speaks. */
export function versionsOf(type: string): string[] {
  const answer = execute('VERSION', { type, cniVersion: '1.0.0' }, { containerId: '', netns: '', ifName: '' })
  const { supportedVersions } = (answer ?? {}) as { supportedVersions?: string[] }
  return supportedVersions ?? []
}
