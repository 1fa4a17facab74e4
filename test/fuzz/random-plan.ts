/** Plans that nobody would write: calls drawn by lot, each with arguments of the kinds that it takes, in whatever order. */
import type { CallName } from '../../src/plan/calls.ts'
import { TAKES } from '../../src/plan/encode.ts'
import type { Plan, Step } from '../../src/plan/plan.ts'
import type { Random } from '../pure/random.ts'

/** What may stand in an argument. Whoever plays the plan sees to it that none of the words does harm. */
export interface Words {
  texts: readonly string[]
  /** Which calls each lane is drawn from. */
  host: readonly CallName[]
  box: readonly CallName[]
}

const NUMBERS = [0, 1, 2, 3, 7, 63, 64, 255, 0o755, 0x20000, 0x7c020000, 2 ** 31, 2 ** 32 - 1, 2 ** 32, -1]
const FINE = ['EEXIST', 'ENOENT', 'EPERM', 'EINVAL', 'EBUSY']

/** The command comes last, and nowhere else: without that, nothing is ever played. */
export function randomPlan(random: Random, words: Words, command: string[]): Plan {
  const steps = random.list(12, () => randomStep(random, words))
  return [...steps, step('box', 'execvpe', [command[0] ?? '', command, ['PATH=/usr/bin:/bin']])]
}

function randomStep(random: Random, words: Words): Step {
  const lane = random.pick(['host', 'box'] as const)
  const call = random.pick(words[lane])
  const args = Array.from(TAKES[call]).map((kind) => MAKERS[kind as keyof typeof MAKERS](random, words))
  return step(
    lane,
    call,
    args,
    random.list(2, () => random.pick(FINE)),
  )
}

const step = (lane: 'host' | 'box', call: CallName, args: unknown, fine: string[] = []): Step =>
  ({ lane, call, args, why: '', lesson: 5, ...(fine.length > 0 && { fine }) }) as Step

const MAKERS = {
  n: (random: Random) => random.pick([...NUMBERS, random.below(2 ** 31)]),
  s: (random: Random, { texts }: Words) => random.pick(texts),
  l: (random: Random, { texts }: Words) => random.list(3, () => random.pick(texts)),
  u: (random: Random) => random.list(4, () => random.pick(NUMBERS)),
  b: (random: Random) => random.text(24, '0123456789abcdef').replace(/^(.(..)*)$/, '0$1'),
}
