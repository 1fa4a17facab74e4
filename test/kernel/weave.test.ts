/** Text that cannot drift: each test makes one change in a copy of the workshop, and watches the check find it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'boxwright-weave-test-'))
after(() => rmSync(copy, { recursive: true }))

for (const name of ['src', 'lessons', 'slides', 'docs', 'package.json', 'tsconfig.json'])
  cpSync(join(repository, name), join(copy, name), { recursive: true })
// What has been replayed of this very program is not replayed again, in the copy neither.
mkdirSync(join(copy, 'node_modules/.cache'), { recursive: true })
for (const name of MODULES()) symlinkSync(join(repository, 'node_modules', name), join(copy, 'node_modules', name))

function MODULES(): string[] {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >
  return Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@'))
}

interface Checked {
  status: number | null
  output: string
}

function check(): Checked {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/cli/boxwright.mjs', 'weave', '--check'], {
    cwd: copy,
    encoding: 'utf8',
  })
  return { status, output: stdout + stderr }
}

/** Changes one file for as long as `look` looks. */
function changed(path: string, from: string | RegExp, to: string, look: (checked: Checked) => void): void {
  const file = join(copy, path)
  const before = readFileSync(file, 'utf8')
  assert.match(before, typeof from === 'string' ? new RegExp(from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : from)
  writeFileSync(file, before.replace(from, to))
  try {
    look(check())
  } finally {
    writeFileSync(file, before)
  }
}

test('the lessons and slides of this workshop say nothing that is not so', () => {
  const { status, output } = check()
  assert.equal(output.split('\n').filter((line) => /^(lessons|slides|src)\/\S+:\d+/.test(line)).join('\n'), '')
  assert.equal(status, 0, output)
  assert.match(output, /\d+ fences: .* 0 problems/)
})
