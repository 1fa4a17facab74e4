/** What a program is asked for: other words, names and numbers at each trial, so that no answer can be written down beforehand. */
import { randomInt } from 'node:crypto'
import { offers, type Cgroups } from '../../kernel/cgroups.ts'
import { token } from './arena.ts'

export interface Asked {
  lesson: number
  rootfs: string
  args: string[]
  /** The exit status that the command will have. */
  status: number
  limits: Limits
  /** Since lesson 7: the network that it is to be in. */
  network?: 'bridge'
}

/** None for what this machine has no controller for. */
export interface Limits {
  memory?: bigint
  pids?: number
  cpus?: number
}

// #region asked
/** The command's own arguments: with what a program that puts words together again would lose. */
export const randomArguments = (): string[] => [
  token(),
  `${token()} with  spaces `,
  `it's "quoted" $HOME \\ ${token()}`,
  '',
  `--${token()}=*`,
]

/** Not a status that programs of this kind give for their own reasons. */
export const randomStatus = (): number => randomInt(3, 120)

export const randomLimits = (cgroups: Cgroups): Limits => ({
  ...(offers(cgroups, 'memory') && { memory: BigInt(randomInt(24 * 256, 96 * 256)) * 4096n }),
  ...(offers(cgroups, 'pids') && { pids: randomInt(16, 64) }),
  ...(offers(cgroups, 'cpu') && { cpus: randomInt(30, 90) / 100 }),
})
// #endregion asked
