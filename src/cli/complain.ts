/** The last word on an error: one sentence that says what is so, what to do about it, and an exit status. */
import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { inspect, styleText } from 'node:util'

/** What a person can do something about is said in words; a fault of our own comes with its stack. */
export class Complaint extends Error {
  override readonly name = 'Complaint'
  readonly status: number

  constructor(message: string, { status = 125, ...options }: ErrorOptions & { status?: number } = {}) {
    super(message, options)
    this.status = status
  }
}

export function complain(error: unknown): never {
  for (const one of unfold(error)) say(one instanceof Error && isForPeople(one) ? one.message : inspect(one))
  process.exit(unfold(error).find((one) => one instanceof Complaint)?.status ?? 125)
}

/** One line or more on standard error, and not through Node's streams: those would leave the box's terminal non-blocking. */
export function say(text: string): void {
  writeSync(2, `${colour('yellow', 'boxwright:')} ${text}\n`)
}

export const colour = (format: Parameters<typeof styleText>[0], text: string): string => (isColoured() ? styleText(format, text) : text)

const isColoured = (): boolean => !process.env['NO_COLOR'] && isatty(1) && isatty(2)

/** An error that came up while another was being dealt with: the first of them first. */
function unfold(error: unknown): unknown[] {
  if (!(error instanceof Error && error.name === 'SuppressedError')) return [error]
  const { error: later, suppressed: first } = error as SuppressedError
  return [...unfold(first), ...unfold(later)]
}

const isForPeople = (error: Error): boolean => error instanceof Complaint || /^Cannot /.test(error.message)
