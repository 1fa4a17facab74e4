/** A short run of the fuzzer; `npm run fuzz -- SECONDS` is a long one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canFuzz, fuzz } from './fuzz.ts'

const skip = !canFuzz() && 'there is no clang here (Debian: clang, libclang-rt-14-dev)'

for (const [target, what] of Object.entries({ plan: 'plans', netlink: 'netlink messages' }))
  test(`no byte beyond its ${what} is read when a fuzzer writes them`, { skip }, (t) => {
    const words = fuzz(target as 'plan' | 'netlink', 4)
    const runs = /^Done (\d+) runs/m.exec(words)?.[1]
    assert.ok(Number(runs) > 1000, words)
    t.diagnostic(`${runs} inputs`)
  })
