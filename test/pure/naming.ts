/** Gives ten names in a store that may not be there yet: `naming.ts DIRECTORY WHO`. */
import { openStore } from '../../src/content/store.ts'
import { digestOf } from '../../src/oci/digest.ts'

const [directory, who = ''] = process.argv.slice(2)
using store = openStore(directory)
for (let n = 0; n < 10; n++) store.images.put(`${who}/${n}`, { mediaType: 'a/b', digest: digestOf(who), size: 1 })
