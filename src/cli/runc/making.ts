/** What `create` and `run` have in common. */
import { listenFds } from '../../runtime/handed.ts'
import type { Making } from '../../runtime/settings.ts'
import { count } from './numbers.ts'
import type { Given, Options } from '../options/option.ts'

export const BUNDLE = {
  bundle: {
    short: 'b',
    value: 'DIRECTORY',
    about: 'with config.json and the root file system (default: where you are)',
  },
} as const satisfies Options

export const CONSOLE = {
  'console-socket': { value: 'SOCKET', about: 'a Unix socket that is sent the terminal’s master' },
  'pid-file': { value: 'FILE', about: 'write the process’s number there' },
} as const satisfies Options

export const DESCRIPTORS = {
  'preserve-fds': { value: 'N', about: 'hand on N descriptors, from 3 on, after those of LISTEN_FDS' },
  'pidfd-socket': { value: 'SOCKET', about: 'a Unix socket that is sent a pidfd of the process' },
} as const satisfies Options

export const MAKING = {
  ...BUNDLE,
  config: { short: 'f', value: 'FILE', about: 'in the place of the bundle’s config.json' },
  ...CONSOLE,
  'no-pivot': { about: 'chroot, not pivot_root: for a root on a RAM disk. It is weaker' },
  'no-new-keyring': { about: 'keep the caller’s session keyring' },
  ...DESCRIPTORS,
} as const satisfies Options

export const makingOf = (given: Given<typeof MAKING>, id: string): Making => ({
  id,
  bundle: given.bundle ?? process.cwd(),
  ...(given.config !== undefined && { config: given.config }),
  ...(given['no-pivot'] !== undefined && { noPivot: given['no-pivot'] }),
  ...(given['no-new-keyring'] !== undefined && { noNewKeyring: given['no-new-keyring'] }),
  ...startingOf(given),
  listenFds: listenFds(process.env, process.pid),
})

/** What `exec` has as well. */
export const startingOf = (
  given: Given<typeof CONSOLE & typeof DESCRIPTORS>,
): Pick<Making, 'consoleSocket' | 'pidfdSocket' | 'pidFile' | 'preserveFds'> => ({
  ...(given['console-socket'] !== undefined && { consoleSocket: given['console-socket'] }),
  ...(given['pidfd-socket'] !== undefined && { pidfdSocket: given['pidfd-socket'] }),
  ...(given['pid-file'] !== undefined && { pidFile: given['pid-file'] }),
  preserveFds: count('preserve-fds', given['preserve-fds'] ?? '0') ?? 0,
})
