/** The last word on an error, and the exit status. */
import { writeSync } from 'node:fs'
import { inspect } from 'node:util'
import { Complaint, isForPeople, unfold } from '../workshop/complaint.ts'
import { say } from '../workshop/say.ts'

/** What a person can do something about is said in words; a fault of our own comes with its stack. */
export function complain(error: unknown): never {
  const errors = unfold(error)
  for (const one of errors) {
    if (isForPeople(one)) say(one.message)
    else writeSync(2, `${inspect(one)}\n`)
  }
  process.exit(errors.find((one) => one instanceof Complaint)?.status ?? 125)
}
