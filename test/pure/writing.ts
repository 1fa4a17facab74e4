/** Writes half of a thing, says so, and waits to be killed: `writing.ts DIRECTORY DIGEST`. */
import { openStore } from '../../src/content/store.ts'
import { parseDigest } from '../../src/oci/digest.ts'

const [directory, digest = ''] = process.argv.slice(2)
const { content } = openStore(directory)
const writer = await content.write('r', { digest: parseDigest(digest), size: 5 })
await writer.write(Buffer.from('hel'))
process.stdout.write('half\n')
setInterval(() => undefined, 1000)
