/** An index is a list, and a list has a first. */
import type { Descriptor } from '../../../src/oci/descriptor.ts'
import type { Index } from '../../../src/oci/manifest.ts'
import { program } from '../given.ts'
import { Puller } from '../solution.ts'

export const diagnosis = 'platform'

class Wrong extends Puller {
  override choose({ manifests: [first] }: Index): Descriptor {
    if (first) return first
    throw new Error('Cannot pull: the index is empty')
  }
}

program(import.meta, (reference, layout) =>
  new Wrong(reference, layout).pull(reference.tag ?? ''),
)
