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
