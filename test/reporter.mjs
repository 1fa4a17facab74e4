/** TAP, and before its closing summary the names of what has failed once more: in a log of thousands of tests that is what is looked for. */
import { tap } from 'node:test/reporters'

// eslint-disable-next-line no-restricted-syntax -- Node asks for it
export default async function* reporter(source) {
  yield* tap(withFailures(source))
}

async function* withFailures(source) {
  const failures = []
  for await (const event of source) {
    const { type, data } = event
    if (type === 'test:fail') failures.push(`failed: ${data.name} (${data.file}:${data.line})`)
    if (type === 'test:diagnostic' && data.nesting === 0 && data.message.startsWith('tests '))
      for (const message of failures.splice(0)) yield { type, data: { ...data, message } }
    yield event
  }
}
