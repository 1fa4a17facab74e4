/** It tries again, and asks for all of it each time. */
import { program, type Headers } from '../given.ts'
import { Puller } from '../solution.ts'

export const diagnosis = 'resume'

class Wrong extends Puller {
  override from = (): Headers => ({})
}

program(import.meta, (reference, layout) =>
  new Wrong(reference, layout).pull(reference.tag ?? ''),
)
