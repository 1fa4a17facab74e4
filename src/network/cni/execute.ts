/** One plugin, run once: a command and an attachment in its environment, its configuration on standard input. CNI SPEC.md §Section 2. */
import { spawnSync } from 'node:child_process'
import { constants } from 'node:fs'
import { extname, join } from 'node:path'
import { mayAccess } from '../../kernel/file.ts'
import { node } from '../../kernel/loaders.ts'
import { heldLocks } from '../exclusive.ts'
import { CniError, ERRORS, type Attachment, type Command, type PluginConfig } from './spec.ts'

/** Ours, for what the others have not: programs as they are, which any other runtime could call. */
const BUILT_IN = join(
  import.meta.filename,
  extname(import.meta.filename) === '.ts' ? '../../../cli/cni' : '../../src/cli/cni',
)

// #region execute
/** @returns what it printed. @throws CniError that it printed, or of how it ended. */
export function execute(command: Command, config: PluginConfig, attachment: Attachment): unknown {
  const file = findPlugin(config.type)
  const { status, signal, error, stdout, stderr } = spawnSync(file, {
    env: { ...process.env, ...environment(command, attachment) },
    input: JSON.stringify(config),
    stdio: ['pipe', 'pipe', 'pipe', ...heldLocks()],
    encoding: 'utf8',
    timeout: 60_000,
  })
  if (status === 0) return stdout.trim() === '' ? undefined : parse(stdout, config.type)
  throw errorOf(stdout, config.type) ?? ended(config.type, error?.message ?? stderr.trim(), status ?? signal)
}

/** §Parameters. */
const environment = (command: Command, { containerId, netns, ifName, args = '' }: Attachment): NodeJS.ProcessEnv => ({
  CNI_COMMAND: command,
  CNI_CONTAINERID: containerId,
  CNI_NETNS: netns,
  CNI_IFNAME: ifName,
  CNI_ARGS: args,
  CNI_PATH: pluginPath().join(':'),
  BOXWRIGHT_NODE: node(),
})
// #endregion execute

// #region find
/** The first directory that has it. Real plugins come before ours. */
export function findPlugin(type: string): string {
  const found = pluginPath()
    .map((directory) => join(directory, type))
    .find(isProgram)
  if (found !== undefined) return found
  throw new CniError(
    ERRORS.invalidConfiguration,
    `Cannot find the CNI plugin "${type}": it is in none of ${pluginPath().join(', ')}\n  Install it (Debian: containernetworking-plugins), or name its directory in CNI_PATH`,
  )
}

const pluginPath = (): string[] => [
  ...(process.env['CNI_PATH'] ?? '/opt/cni/bin:/usr/lib/cni:/usr/libexec/cni').split(':').filter(Boolean),
  BUILT_IN,
]
// #endregion find

const isProgram = (file: string): boolean => mayAccess(file, constants.X_OK)

function parse(stdout: string, type: string): unknown {
  try {
    return JSON.parse(stdout)
  } catch (error) {
    throw new CniError(
      ERRORS.decodeFailure,
      `Cannot read the answer of the CNI plugin "${type}": ${(error as Error).message}`,
      stdout.slice(0, 200),
      { cause: error },
    )
  }
}

/** §Error: a plugin that fails prints why. */
function errorOf(stdout: string, type: string): CniError | undefined {
  try {
    const { code, msg, details } = JSON.parse(stdout) as { code?: unknown; msg?: unknown; details?: unknown }
    if (typeof code !== 'number' || typeof msg !== 'string') return undefined
    const more = typeof details === 'string' ? details : ''
    return new CniError(
      code,
      `Cannot attach the box: the CNI plugin "${type}" says: ${msg}${more && `; ${more}`}`,
      more,
    )
  } catch {
    return undefined
  }
}

const ended = (type: string, said: string, how: number | string | null): CniError =>
  new CniError(
    ERRORS.plugin,
    `Cannot attach the box: the CNI plugin "${type}" ended with ${how ?? 'an error'} and no answer${said && `\n  ${said}`}`,
  )
