/** `boxwright registry serve`: a registry of one's own, for a classroom without the internet, and for as long as a test runs. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { CommandModule } from 'yargs'
import { dataDirectory } from '../../content/places.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { say } from '../../workshop/say.ts'

interface Arguments {
  listen: string
  htpasswd: string | undefined
  data: string | undefined
  '--'?: string[]
}

// #region serve
export const serveCommand = (finish: (status: number) => void): CommandModule<object, Arguments> => ({
  command: 'serve',
  describe: 'be a registry, until Ctrl-C, or as long as a command runs: serve -- COMMAND …',
  builder: (yargs) =>
    yargs
      .parserConfiguration({ 'populate--': true, 'parse-numbers': false, 'parse-positional-numbers': false })
      .option('listen', { type: 'string', requiresArg: true, default: '127.0.0.1:5000', describe: 'address and port' })
      .option('htpasswd', { type: 'string', requiresArg: true, describe: 'accounts, as htpasswd -B writes them' })
      .option('data', { type: 'string', requiresArg: true, describe: 'directory for what is pushed' }),
  handler: async ({ listen, htpasswd, data = join(dataDirectory(), 'registry'), '--': words = [] }) => {
    const { serve } = await import('../../registry/server/serve.ts')
    const { readAccounts } = await import('../../registry/server/accounts.ts')
    const admits = htpasswd === undefined ? undefined : readAccounts(htpasswd)
    await using registry = await serve({ ...parseListen(listen), directory: data, admits, onFault })
    if (words.length > 0) {
      finish(await run(words, registry.address))
      return
    }
    say(`a registry listens on ${registry.address}, and keeps images in ${data}`)
    if (!admits && !/^(127\.|\[::1\])/.test(registry.address))
      say('whoever reaches it may push and delete: see --htpasswd')
    await stopped()
  },
})
// #endregion serve

/** `127.0.0.1:5000`, `[::1]:5000`, `:5000` for every address of this machine. */
function parseListen(listen: string): { host: string; port: number } {
  const [, six, four, port = ''] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(listen) ?? []
  if (port !== '' && Number(port) <= 65_535) return { host: six || four || '::', port: Number(port) }
  throw new Complaint(
    `Cannot listen on "${listen}": it is not an address, a colon and a port\n  For example: 127.0.0.1:5000`,
  )
}

const onFault = (error: unknown): void => say(error instanceof Error ? error.message : String(error))

/** Ctrl-C, or kill(1). */
const stopped = (): Promise<void> => new Promise((resolve) => onSignal(() => resolve()))

const onSignal = (act: (signal: NodeJS.Signals) => void): void => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, act)
}

/** @param address is where the command's names without a host are looked for. @returns its exit status. */
function run([command = '', ...args]: readonly string[], address: string): Promise<number> {
  const env = { ...process.env, BOXWRIGHT_REGISTRY: address }
  const child = spawn(command, args, { stdio: 'inherit', env })
  onSignal((signal) => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Complaint(`Cannot run "${command}": ${cause.message}`, { cause })))
    child.once('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal ?? 'SIGKILL']))
  })
}
