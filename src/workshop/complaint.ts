/** An error that is wholly a person's business: what was attempted, on what, what is so, what to do. It needs no stack. */
export class Complaint extends Error {
  override readonly name = 'Complaint'
  /** As container commands have it: 125 for a box that could not be made, 126 and 127 for a command that could not be run in it. */
  readonly status: number

  constructor(message: string, { status = 125, ...options }: ErrorOptions & { status?: number } = {}) {
    super(message, options)
    this.status = status
  }
}

export const isForPeople = (error: unknown): error is Error =>
  error instanceof Complaint || (error instanceof Error && error.message.startsWith('Cannot '))

/** An error that came up while another was being dealt with: the first of them first. */
export function unfold(error: unknown): unknown[] {
  if (!(error instanceof Error && error.name === 'SuppressedError')) return [error]
  const { error: later, suppressed: first } = error as { error: unknown; suppressed: unknown } & Error
  return [...unfold(first), ...unfold(later)]
}
