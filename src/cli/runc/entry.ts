/**
 * `boxwright-runc` in Node. When it is bundled it runs once as far as nobody's machine or wish matters; what has then been loaded and compiled is
 * kept as a file, and each start goes on from there: startupSnapshot of Node's v8.
 */
import { startupSnapshot } from 'node:v8'
import { begin } from './begin.ts'
import { rehearse } from './rehearsal.ts'

if (startupSnapshot.isBuildingSnapshot()) {
  void rehearse()
  startupSnapshot.setDeserializeMainFunction(() => begin(process.argv.slice(1)))
} else begin(process.argv.slice(2))
