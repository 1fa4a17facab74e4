/**
 * A container, as the list of system calls that makes it. Pure data: print it, compare it, draw it, run it.
 */
import type { Machine } from '../kernel/machine.ts'
import type { Spec } from '../oci/spec.ts'
import type { CallName, Calls, UndoCalls } from './calls.ts'

// #region step
/** One system call: `host` runs outside the box, `box` inside it. Where the lane changes, the two sides meet. */
export type Step = {
  [C in CallName]: {
    lane: 'host' | 'box'
    call: C
    args: Calls[C]
    why: string
    lesson: number
    /** Error codes with which the step has still done its work, such as EEXIST of a mkdir. */
    fine?: readonly string[]
    /** What takes away again what this step leaves on the host. Played by the host, last step first. */
    undo?: Undo
    /** Of a host step that comes after the box, though it does not name it. */
    waits?: true
  }
}[CallName]

/** `shared`: only when no other box is left, since all of them stand on it. */
export type Undo = {
  [C in keyof UndoCalls]: { call: C; args: UndoCalls[C]; fine?: readonly string[]; shared?: true }
}[keyof UndoCalls]

export type Plan = readonly Step[]
// #endregion step

// #region wall
/** One wall of the box: given what was asked for, the calls that build it. Decides; runs nothing; needs no privilege. */
export interface Wall {
  readonly name: string
  readonly lesson: number
  steps(spec: Spec, machine: Machine): Draft[]
}

/**
 * All walls, one after the other. What the host can do before there is a box comes first; what it does to the box's process has to wait until it
 * is born, which is with the first step that needs it.
 */
export function plan(spec: Spec, walls: readonly Wall[], machine: Machine): Plan {
  const steps = walls.flatMap((wall) => wall.steps(spec, machine).map((step) => ({ ...step, lesson: wall.lesson })))
  const later = new Set(steps.filter(needsBox))
  return [...steps.filter((step) => !later.has(step)), ...later]
}
// #endregion wall

// #region token
/** Stands for the box's process number in a text of the host lane: nobody knows it while the plan is made. */
export const BOX = '{box}'

const needsBox = ({ lane, call, args, waits }: Step): boolean =>
  lane === 'box' ||
  waits === true ||
  (call === 'netlink' && args[2] > 0) ||
  args.flat().some((arg) => String(arg).includes(BOX))
// #endregion token

/** A step whose lesson is not known yet: its wall knows. */
export type Draft = { [C in CallName]: Omit<Extract<Step, { call: C }>, 'lesson'> }[CallName]

// #region makers
type Maker = <C extends CallName>(call: C, args: Calls[C], why: string, more?: More) => Draft
type More = Pick<Step, 'fine' | 'undo' | 'waits'>

export const host: Maker = (call, args, why, more) => ({ lane: 'host', call, args, why, ...more }) as Draft
export const box: Maker = (call, args, why, more) => ({ lane: 'box', call, args, why, ...more }) as Draft
// #endregion makers

/** Neighbours in one lane stay together; between two such runs of steps, host and box meet. */
export function lanes(steps: Plan): Step[][] {
  const runs: Step[][] = []
  for (const step of steps) {
    const last = runs.at(-1)
    if (last?.[0]?.lane === step.lane) last.push(step)
    else runs.push([step])
  }
  return runs
}
