/** docs/security.md: what was tried, in words and a table. */
import type { Row } from '../kernel/cve-world.ts'

/** What became of one row: with the defence, and without it. */
export interface Tried extends Row {
  /** The test's file. */
  test: string
  closed: boolean
  opened: boolean
}

export const securityGuide = (tried: readonly Tried[]): string => `# Security: holes that runtimes have had

Each line is a hole that somebody has found in a container runtime, with its number, tried on \`boxwright-runc\`: once on the runtime as it is, where nothing may come of
it, and once on a build without the defence, where it has to be there again. So a test that could never fail is found out, and so is a defence that does nothing.

\`\`\`sh
npm run test:defences            # both sides of every line, and this page is written anew
npm run test:defences -- --check # both sides, and this page has to be what it is
node --import tsx --test test/kernel/runtime-cves-races.test.ts # the side that has to hold, of one file; part of npm test
\`\`\`

What is taken out is a piece of text of the files that are named, written in the test itself: \`test/kernel/runtime-cves-*.test.ts\`. Of the launcher only those files are compiled
again; a build takes a second. Where a race has to be won, it is tried until it is won without the defence, and a few times with it.

| hole | what is tried | what keeps it closed | where | test |
|---|---|---|---|---|
${tried.map(rowOf).join('\n')}

## Tried elsewhere

| hole | what keeps it closed | test |
|---|---|---|
| CVE-2022-0185, CVE-2022-0492 | a filter without fsopen, fsconfig, unshare and clone3 for whoever has no CAP_SYS_ADMIN; who brings a profile of their own decides themselves | \`test/pure/seccomp-default.test.ts\`, \`test/kernel/security.test.ts\` |
| CVE-2019-10063 | arguments are compared as the 32 bits that the kernel reads | \`test/pure/seccomp-default.test.ts\` |
| GHSA-7ww5 (PLATYPUS) | powercap is among what is hidden, in lesson 8 and in what \`spec\` writes | \`test/pure/security-walls.test.ts\` |
| CVE-2025-52881, by a key | a setting's name is made of names: no \`..\`, no empty one | \`test/pure/container-rights.test.ts\` |
| CVE-2020-15257 | sockets are files, in directories of root's; Landlock keeps a container from abstract ones | \`test/kernel/landlock.test.ts\` |
| CVE-2018-15664, CVE-2019-14271 | \`cp\` has the container's root as its own root before it looks at a path, and opens nothing there but what is copied | \`test/kernel/images-copied.test.ts\` |
| all of them that the launcher alone can close | the plan is written by an attacker, and played by the launcher | \`test/kernel/native-cves.test.ts\` |
| ways out of each lesson's box | the attacks of the workshop, at every stage | \`test/kernel/attacks.test.ts\` |

## A config.json that somebody has spoiled

\`test/kernel/config-fuzz.test.ts\` spoils documents, by field and by byte, and gives them to the runtime: each is refused in words, or made, run and gone. No crash, no
hang; no mount, cgroup, process or file is left; and nobody's command has run when the container was refused. Every refusal names a field that is wrong, or the line and the
column where the text stops being JSON. Some hundred in \`npm test\`; as many as you like with \`BOXWRIGHT_TEST_MUTANTS=10000\`.
`

const rowOf = ({ cve, what, kept, files, test }: Tried): string =>
  `| ${cve} | ${cell(what.replace(/,$/, ''))} | ${cell(kept)} | ${files.map((file) => `\`${file}\``).join(', ')} | \`${test}\` |`

/** A line break or a bar would end it. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ')
