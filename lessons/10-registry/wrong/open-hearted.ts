/** Whoever it is sent to is told who it is. */
import { program, type Headers } from '../given.ts'
import { Puller } from '../solution.ts'

export const diagnosis = 'strangers'

class Wrong extends Puller {
  override toStrangers(headers: Headers): Headers {
    return headers
  }
}

program(import.meta, (reference, layout) =>
  new Wrong(reference, layout).pull(reference.tag ?? ''),
)
