/** What the kernel says of a file that was named on the command line, in words. */
import { Complaint } from '../../workshop/complaint.ts'

/** @param doing after "Cannot": `load "FILE"`. @throws Complaint, or what is about something else. */
export const aboutFile =
  (doing: string) =>
  (cause: unknown): never => {
    if (cause instanceof Error && 'syscall' in cause)
      throw new Complaint(`Cannot ${doing}: ${cause.message}`, { cause })
    throw cause
  }
