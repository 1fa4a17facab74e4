/**
 * What a cause is. A call that the kernel refused had preconditions, and one of them was false: a cause is one precondition as data, with a
 * probe that looks whether it is false here, now, for the process that made the call.
 */
import type { CallName, UndoCalls } from '../../plan/calls.ts'
import type { Scene } from './scene.ts'

/** A plan's calls under the names of their man pages, and fork(2), with which every box begins. */
export type Call = Exclude<CallName | keyof UndoCalls, 'execvpe' | 'remove_cgroup'> | 'execve' | 'fork'

/** A call that was refused, or that is asked about. */
export interface Attempt {
  call: Call
  /** As many as are known: a question may come without any. */
  args: readonly unknown[]
  scene: Scene
}

// #region cause
export interface Cause {
  /** `pivot_root/same-mount`. */
  name: string
  calls: readonly Call[]
  codes: readonly string[]
  /** What has to be so, as a sentence. */
  precondition: string
  /** The page that says so, and its words. */
  man: string
  /** With fewer arguments than this there is nothing to look at. */
  args?: number
  probe(attempt: Attempt): Verdict
}

/** The precondition is false: what is so instead, and what to do about it. */
export interface Fault {
  fact: string
  remedy: string
  /** As shells have it: 127 when a command was not found, 126 when it was found and cannot run. */
  status?: 126 | 127
}

/** `apart`: the call is of a kind that the precondition is not about. */
export type Verdict = Fault | 'so' | 'apart' | 'unknown'
// #endregion cause

/** An argument as text: nothing when it was not given. */
export const text = ({ args }: Attempt, place: number): string => `${(args[place] ?? '') as string | number}`

export const number = ({ args }: Attempt, place: number): number => Number(args[place] ?? 0)

/** `flags & bit`, for bits that JavaScript would take for a sign. */
export const has = (flags: number, bit: number): boolean => (flags & bit) === bit

export const quote = (value: string): string => (value.length > 100 ? `"${value.slice(0, 100)}…"` : `"${value}"`)

/** What a file of a limit says. `max`, and a file that is not there, are no limit. */
export const numberIn = (value: string | undefined): number =>
  /^\d+/.test(value ?? '') ? parseInt(value ?? '', 10) : Infinity
