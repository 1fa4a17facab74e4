/** Network configuration, read and believed no further than it has been looked at. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CniError, ERRORS, VERSIONS, type Attachment, type NetworkList, type PluginConfig } from './spec.ts'

// #region parse
/** A list, or one plugin's configuration, which is a list of one. @throws CniError naming what is wrong with it. */
export function parseNetwork(text: string): NetworkList {
  const json = parseJson(text)
  const { cniVersion = '0.1.0', name, plugins, disableCheck } = json
  if (typeof name !== 'string' || !WORD.test(name)) throw invalid(`its name, ${JSON.stringify(name)}, is not a word`)
  if (!VERSIONS.some((version) => version === cniVersion))
    throw new CniError(
      ERRORS.incompatibleVersion,
      `Cannot read the network "${name}": its cniVersion is ${JSON.stringify(cniVersion)}\n  I speak ${VERSIONS.join(', ')}`,
    )
  const chain = plugins === undefined ? [json] : plugins
  if (!Array.isArray(chain) || chain.length === 0) throw invalid(`it has no plugins`, name)
  return {
    cniVersion: cniVersion as string,
    name,
    plugins: chain.map((one) => parsePlugin(one, name)),
    ...((disableCheck === true || disableCheck === 'true') && { disableCheck: true }),
  }
}
// #endregion parse

/** §Network configuration format: "Must start with an alphanumeric character, optionally followed by" more of them, `_`, `.`, `-`. */
const WORD = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

function parsePlugin(plugin: unknown, network: string): PluginConfig {
  const { type } = (plugin ?? {}) as Partial<PluginConfig>
  if (typeof type === 'string' && type !== '' && !type.includes('/') && type !== '..') return plugin as PluginConfig
  throw invalid(
    `one of its plugins has ${type === undefined ? 'nothing' : JSON.stringify(type)} as its type, which names no program`,
    network,
  )
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>
  } catch (error) {
    throw new CniError(ERRORS.decodeFailure, `Cannot read the network: ${(error as Error).message}`, '', {
      cause: error,
    })
  }
  throw new CniError(ERRORS.decodeFailure, 'Cannot read the network: it is not a JSON object')
}

const invalid = (why: string, name?: string): CniError =>
  new CniError(ERRORS.invalidConfiguration, `Cannot read the network${name ? ` "${name}"` : ''}: ${why}`)

// #region load
/** Where administrators put their networks. */
const configDirectory = (): string => process.env['CNI_CONF_DIR'] ?? '/etc/cni/net.d'

/** The network of that name, in whichever file it is: the first in the order of their names. */
export function loadNetwork(name: string, directory = configDirectory()): NetworkList {
  const files = (existsSync(directory) ? readdirSync(directory) : []).filter((file) =>
    /\.(conflist|conf|json)$/.test(file),
  )
  const networks = files.sort().map((file) => parseFile(join(directory, file)))
  const found = networks.find((network) => network.name === name)
  if (found) return found
  const known = networks.map((network) => network.name).join(', ') || 'none'
  throw new CniError(
    ERRORS.invalidConfiguration,
    `Cannot find the network "${name}": no file in ${directory} has it\n  There: ${known}. Always: none, host, bridge`,
  )
}
// #endregion load

function parseFile(file: string): NetworkList {
  try {
    return parseNetwork(readFileSync(file, 'utf8'))
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    throw new CniError(error.code, `${error.message}\n  It is in ${file}`, '', { cause: error })
  }
}

/** §Parameters. @throws CniError of an attachment that no plugin should be shown. */
export function checkAttachment({ containerId, ifName, netns }: Attachment, netnsNeeded = true): void {
  const bad =
    (!WORD.test(containerId) && `CNI_CONTAINERID is ${JSON.stringify(containerId)}`) ||
    ((ifName.length === 0 || ifName.length > 15 || /[/:\s]/.test(ifName) || ['.', '..'].includes(ifName)) &&
      `CNI_IFNAME is ${JSON.stringify(ifName)}`) ||
    (netnsNeeded && netns === '' && 'CNI_NETNS is empty')
  if (bad) throw new CniError(ERRORS.invalidEnvironment, `Cannot attach the container: ${bad}`)
}
