/**
 * How much memory a process and all that it has started take, looked at every fifty milliseconds. Twice: RSS has a page in it once for each process that
 * has it, so it is more than there is; PSS has each process's share of it. What the kernel keeps of files is in neither. proc_pid_smaps(5).
 */
import { readdirSync, readFileSync } from 'node:fs'

export interface Peak {
  /** Mebibytes. */
  rss: number
  pss: number
}

/** @returns what ends it, and says what the most was. */
export function watchMemory(roots: readonly number[]): () => Peak {
  const peak = { rss: 0, pss: 0 }
  const look = (): void => {
    const all = roots.flatMap(withDescendants).map(memoryOf)
    for (const kind of ['rss', 'pss'] as const)
      peak[kind] = Math.max(
        peak[kind],
        all.reduce((sum, one) => sum + one[kind], 0),
      )
  }
  const timer = setInterval(look, 50)
  return () => {
    clearInterval(timer)
    return peak
  }
}

function withDescendants(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(withDescendants)]
}

const childrenOf = (pid: number): number[] =>
  unlessGone(() => readdirSync(`/proc/${pid}/task`), []).flatMap((thread) =>
    unlessGone(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'), '')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  )

function memoryOf(pid: number): Peak {
  const text = unlessGone(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), '')
  const field = (name: string): number => Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024
  return { rss: field('Rss'), pss: field('Pss') }
}

/** A process may end between one look and the next. */
function unlessGone<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch {
    return otherwise
  }
}
