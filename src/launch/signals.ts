/**
 * Signals that reach the launcher are meant for the command. A terminal sends Ctrl-C to both of them; kill(1) sends to the launcher alone.
 * And the first process of a PID namespace has no default action: what it does not handle, it never notices (pid_namespaces(7)).
 */
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { environmentOf } from '../kernel/proc.ts'
import { hearingOf, signalProcess } from '../kernel/signal.ts'
import type { Outcome } from './launcher.ts'

const PASSED = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGCONT'] as const
const FROM_THE_TERMINAL = ['SIGINT', 'SIGQUIT']

/** Somebody with a process number. */
export interface Running {
  readonly pid: number
  /** A launcher itself: told to stop, it stops what is its own first. */
  readonly stopsItself?: true
}

type Signal = (typeof PASSED)[number] | 'SIGTSTP'

// #region signals
export class Signals implements Disposable {
  /** The exit status that a signal has settled, where PID 1 would not have: 128 + n. */
  status: number | undefined
  /** Is it the command by now? While the walls are being built a signal ends the box: a Node as PID 1 would lose it. */
  running = false
  #inside: Running | undefined

  constructor() {
    for (const signal of PASSED) process.on(signal, this.#pass)
    process.on('SIGTSTP', this.#stop)
  }
  // #endregion signals

  /** From here on there is somebody to pass signals to. */
  to<Box extends Running>(inside: Box): Box {
    this.#inside = inside
    return inside
  }

  // #region pass
  #pass = (signal: Signal): void => {
    if (!this.#inside) return
    const { pid } = this.#inside
    const hearing = this.running || isCommand(pid) ? hearingOf(pid, constants.signals[signal]) : 'unheard'
    if (hearing === 'unheard') this.#end(signal)
    else if (!(FROM_THE_TERMINAL.includes(signal) && hasHeard(pid))) kill(pid, signal)
    if (hearing === 'blocked' || hearing === 'pending') this.#lookAgain(pid, signal)
  }

  /** Does for PID 1 what the kernel does for any other process. */
  #end(signal: Signal): void {
    if (signal === 'SIGCONT') {
      kill(this.#inside?.pid, signal)
      return
    }
    this.status = 128 + constants.signals[signal]
    kill(this.#inside?.pid, 'SIGKILL')
  }
  // #endregion pass

  /** A shell blocks every signal for the moment in which it makes a process; what comes just then is lost to PID 1 when it does so no more. */
  #lookAgain(pid: number, signal: Signal, delay = 2): void {
    setTimeout(() => {
      const hearing = this.#inside?.pid === pid ? hearingOf(pid, constants.signals[signal]) : 'heard'
      if (hearing === 'unheard') this.#end(signal)
      else if (hearing === 'pending') this.#lookAgain(pid, signal, 2 * delay)
    }, delay).unref()
  }

  /** Ctrl-Z: the box first, then this process; `fg` wakes both by SIGCONT. */
  #stop = (): void => {
    if (!this.#inside?.stopsItself) kill(this.#inside?.pid, 'SIGSTOP')
    else if (!isInForeground()) kill(this.#inside.pid, 'SIGTSTP')
    process.kill(process.pid, 'SIGSTOP')
  };

  [Symbol.dispose](): void {
    this.#inside = undefined
    for (const signal of PASSED) process.off(signal, this.#pass)
    process.off('SIGTSTP', this.#stop)
  }
}

/** For as long as `work` goes on. What fails in it because a signal has ended the box is no failure. */
export async function passSignals(work: (signals: Signals) => Promise<Outcome>): Promise<Outcome> {
  using signals = new Signals()
  try {
    return await work(signals)
  } catch (error) {
    if (signals.status === undefined) throw error
    return { status: signals.status, results: [] }
  }
}

/** It may be, and we not have heard of it yet. What builds the walls has no environment; the command has what it was given. */
const isCommand = (pid: number): boolean => environmentOf(pid).length > 0

/** The terminal's keys speak to a whole group of processes. A container's has a session of its own: it has heard nothing. */
const hasHeard = (pid: number): boolean => isInForeground() && groupsOf(pid)[0] === groupsOf('self')[0]

/** Are we in the group that the terminal's keys speak to? */
function isInForeground(): boolean {
  const [own, front] = groupsOf('self')
  return own === front
}

/** proc_pid_stat(5): pgrp is field 5, tpgid field 8. None of a process that has just ended. */
function groupsOf(pid: number | 'self'): [own?: string, front?: string] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, , own = '', , , front = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return [own, front]
  } catch {
    return []
  }
}

/** Before there is a box there is nobody. */
function kill(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid) signalProcess(pid, signal)
}
