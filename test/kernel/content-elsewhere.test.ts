/** Two writers in two PID namespaces, as two commands are without root: neither sees whether the other lives, and both are number 1. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore } from '../../src/content/store.ts'
import { digestOf } from '../../src/oci/digest.ts'

const skip = process.geteuid?.() === 0 ? false : 'only root makes a PID namespace'
const WRITING = join(import.meta.dirname, '../pure/writing.ts')
const HELLO = digestOf('hello')

test(
  'a writer in another PID namespace has its turn while it gives signs of life, and is gone on from when it gives none',
  { skip },
  async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'boxwright-elsewhere-'))
    t.after(() => rmSync(directory, { recursive: true, force: true }))
    using store = openStore(directory)
    const words = ['--pid', '--fork', '--kill-child', process.execPath, '--import', 'tsx', WRITING, directory, HELLO]
    const other = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] })
    t.after(() => void other.kill('SIGKILL'))
    await once(other.stdout, 'data')
    await assert.rejects(store.content.write('r', { digest: HELLO, wait: false }), { code: 'EBUSY' })
    const waiting = store.content.write('r', { digest: HELLO, size: 5 })
    other.kill('SIGKILL')
    await once(other, 'close')
    const writer = await waiting
    assert.equal(writer.offset, 3)
    await writer.write(Buffer.from('lo'))
    await writer.commit(HELLO)
    assert.equal(String(store.content.bytes(HELLO, 5)), 'hello')
  },
)
