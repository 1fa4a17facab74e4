/** What comes is what was asked for, or so it hopes. */
import { program } from '../given.ts'
import { Puller } from '../solution.ts'

export const diagnosis = 'believed'

class Wrong extends Puller {
  override expectSame(): void {}
}

program(import.meta, (reference, layout) =>
  new Wrong(reference, layout).pull(reference.tag ?? ''),
)
