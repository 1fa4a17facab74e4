/** A plugin, seen from within: a command in the environment, a configuration on standard input, one answer on standard output. CNI SPEC.md §Section 2. */
import { readFileSync } from 'node:fs'
import { findPlugin, execute } from '../cni/execute.ts'
import { parseResult } from '../cni/result.ts'
import { checkAttachment } from '../cni/config.ts'
import {
  CniError,
  ERRORS,
  VERSIONS,
  type Attachment,
  type Command,
  type PluginConfig,
  type Result,
} from '../cni/spec.ts'

/** What a plugin is asked about. */
export interface Request extends Attachment {
  config: PluginConfig & { cniVersion: string; name: string; prevResult?: Result }
}

export interface Plugin {
  add(request: Request): Result
  /** What is not there any more is no error. */
  del(request: Request): void
  /** @throws CniError when it is not as `add` has left it. */
  check(request: Request): void
}

// #region serve
/** @returns the exit status; what the caller is to read is printed. */
export function serve(plugin: Plugin, print: (text: string) => void): number {
  try {
    const answer = perform(plugin)
    if (answer !== undefined) print(JSON.stringify(answer, null, 4))
    return 0
  } catch (error) {
    print(JSON.stringify(told(error), null, 4))
    return 1
  }
}

function perform(plugin: Plugin): unknown {
  const command = process.env['CNI_COMMAND'] as Command | undefined
  if (command === 'VERSION') return { cniVersion: '1.0.0', supportedVersions: VERSIONS }
  const request = readRequest(command ?? '')
  if (command === 'ADD') return plugin.add(request)
  if (command === 'CHECK') plugin.check(request)
  else plugin.del(request)
  return undefined
}
// #endregion serve

// #region request
/** §Parameters: which of them a command cannot do without. */
const NEEDS: Record<string, readonly string[]> = {
  ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
  CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
  DEL: ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_PATH'],
}

function readRequest(command: string): Request {
  const needs = NEEDS[command]
  if (!needs)
    throw environment(`CNI_COMMAND is "${command}", which is none of ${Object.keys(NEEDS).join(', ')}, VERSION`)
  const missing = needs.filter((name) => !process.env[name])
  if (missing.length > 0) throw environment(`${missing.join(', ')} must be given for ${command}`)
  const [containerId = '', netns = '', ifName = '', args = ''] = VARIABLES.map((name) => process.env[name])
  const attachment = { containerId, netns, ifName, args }
  checkAttachment(attachment, command !== 'DEL')
  return { ...attachment, config: readConfig(readFileSync(0, 'utf8')) }
}
// #endregion request

const VARIABLES = ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_ARGS']

const environment = (why: string): CniError => new CniError(ERRORS.invalidEnvironment, why)

function readConfig(text: string): Request['config'] {
  const config = parse(text) as Partial<Request['config']>
  const { cniVersion = '0.1.0', name, prevResult } = config
  if (!VERSIONS.some((version) => version === cniVersion))
    throw new CniError(
      ERRORS.incompatibleVersion,
      'incompatible CNI versions',
      `"${cniVersion}" is none of ${VERSIONS.join(', ')}`,
    )
  if (typeof name !== 'string' || name === '')
    throw new CniError(ERRORS.invalidConfiguration, 'the network has no name')
  return {
    ...config,
    cniVersion,
    name,
    ...(prevResult && { prevResult: parseResult(prevResult) }),
  } as Request['config']
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CniError(ERRORS.decodeFailure, 'the configuration is not JSON', (error as Error).message)
  }
}

/** §Error. What no plugin has foreseen is an I/O failure: the kernel's refusals are. */
function told(error: unknown): object {
  const { code, details } = error instanceof CniError ? error : { code: ERRORS.ioFailure, details: '' }
  return { cniVersion: '1.0.0', code, msg: (error as Error).message, ...(details && { details }) }
}

// #region delegate
/** §Section 4: a plugin may have another one do a part of its work, with the same environment and configuration: IPAM. */
export function delegate(command: Command, type: string, { config, ...attachment }: Request): unknown {
  findPlugin(type)
  return execute(command, { ...config, type }, attachment)
}
// #endregion delegate
