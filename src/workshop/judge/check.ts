/** A check: one thing that has to be so, how it is seen, and what is said to whom it is not so. The lessons have them, as data. */
import type { Facts } from './facts.ts'

export interface Check {
  id: string
  lesson: number
  /** The last lesson at which it has to be so, where a later one says otherwise. */
  until?: number
  /** What has to be so, in a few words. */
  title: string
  /** The check without which this one has nothing to look at: when that one fails, this one is not reached. */
  needs?: string
  expected(facts: Facts): string
  /** @returns nothing when it is so. */
  look(facts: Facts): Finding | undefined
  /** Why it cannot be looked at on this machine. */
  unseen?(facts: Facts): string | undefined
  /** A ladder: a question; the man page and the sentence to look for; a patch. */
  hints: readonly [question: string, page: string, patch: string]
  /** Said once it passes: why that works. */
  why: string
}

export interface Finding {
  found: string
  /** The likely cause. */
  cause: string
}

export type Grade = { check: Check } & (
  | { verdict: 'passed' | 'not reached' }
  | { verdict: 'unseen'; reason: string }
  | ({ verdict: 'failed'; expected: string } & Finding)
)

// #region grade
/** @param checks parents before their children. */
export function grade(checks: readonly Check[], facts: Facts): Grade[] {
  const grades: Grade[] = []
  for (const check of checks) {
    const parent = grades.find((grade) => grade.check.id === check.needs)
    if (parent?.verdict === 'unseen') grades.push({ ...parent, check })
    else if (parent && parent.verdict !== 'passed') grades.push({ check, verdict: 'not reached' })
    else grades.push(gradeOne(check, facts))
  }
  return grades
}

function gradeOne(check: Check, facts: Facts): Grade {
  const reason = check.unseen?.(facts)
  if (reason !== undefined) return { check, verdict: 'unseen', reason }
  const finding = check.look(facts)
  return finding
    ? { check, verdict: 'failed', expected: check.expected(facts), ...finding }
    : { check, verdict: 'passed' }
}
// #endregion grade

export interface Score {
  passed: number
  total: number
}

export function score(grades: readonly Grade[]): Score {
  const counted = grades.filter(({ verdict }) => verdict !== 'unseen')
  return { passed: counted.filter(({ verdict }) => verdict === 'passed').length, total: counted.length }
}

/** Was anything of the last lesson seen? Without root, and without a cgroup, there is nothing of lesson 4 to be looked at. */
export function isJudged(grades: readonly Grade[]): boolean {
  const last = Math.max(...grades.map(({ check }) => check.lesson))
  return grades.some(({ check, verdict }) => check.lesson === last && verdict !== 'unseen')
}
