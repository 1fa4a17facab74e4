import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readLesson, readLessons } from '../../src/workshop/weave/lesson.ts'

const repository = mkdtempSync(join(tmpdir(), 'lesson-'))
after(() => rmSync(repository, { recursive: true }))

function write(name: string, text: string): void {
  mkdirSync(join(repository, 'lessons', name), { recursive: true })
  writeFileSync(join(repository, 'lessons', name, 'lesson.md'), text)
}

const FRONT = `---
title: 'A root of its own'
minutes: { teaching: 15, exercises: 20 }
needs: []
teaches: [kernel/libc, plan/plan,box/root]
---
`
const BODY = `# A root

Text
on two lines.

<<< src/box/root.ts#root

\`\`\`console
$ ls
\`\`\`
- a
- b
`
write('01-chroot', FRONT + BODY)
write('10-registry', FRONT.replace("'A root of its own'", 'Registry').replace('needs: []', 'needs: [images , chroot]'))
write('not-a-lesson', '')

test('readLesson reads every field of the front matter', () => {
  const { number, title, minutes, needs, teaches } = readLesson(repository, '01-chroot')
  assert.deepEqual(
    { number, title, minutes, needs, teaches },
    {
      number: 1,
      title: 'A root of its own',
      minutes: { teaching: 15, exercises: 20 },
      needs: [],
      teaches: ['kernel/libc', 'plan/plan', 'box/root'],
    },
  )
})

test('readLesson gives each block the line that it stands on in the file', () => {
  const lines = (FRONT + BODY).split('\n')
  const blocks = readLesson(repository, '01-chroot').blocks
  assert.deepEqual(
    blocks.map(({ kind, line }) => [kind, lines[line - 1]]),
    [
      ['prose', '# A root'],
      ['prose', 'Text'],
      ['quote', '<<< src/box/root.ts#root'],
      ['fence', '```console'],
      ['prose', '- a'],
    ],
  )
  const [quote] = blocks.filter((block) => block.kind === 'quote')
  const [fence] = blocks.filter((block) => block.kind === 'fence')
  assert.equal(quote?.reference, 'src/box/root.ts#root')
  assert.deepEqual([fence?.language, fence?.text], ['console', '$ ls'])
})

test('readLessons gives the lessons in their order, and nothing else of the directory', () => {
  const lessons = readLessons(repository)
  assert.deepEqual(
    lessons.map(({ number, title, needs }) => [number, title, needs]),
    [
      [1, 'A root of its own', []],
      [10, 'Registry', ['images', 'chroot']],
    ],
  )
})

for (const field of ['title', 'minutes', 'needs', 'teaches'])
  test(`readLesson names the file and the field when there is no ${field}`, () => {
    write('02-broken', FRONT.replace(new RegExp(`^${field}:.*\n`, 'm'), ''))
    const message = `Cannot read "lessons/02-broken/lesson.md": its front matter has no "${field}"`
    assert.throws(() => readLesson(repository, '02-broken'), { message })
  })

test('readLesson misses every field, and takes none from the text, when there is no front matter', () => {
  write('03-plain', `# Text\n\n${FRONT}`)
  assert.throws(() => readLesson(repository, '03-plain'), { message: /its front matter has no/ })
})
