/** Numbers, names and sizes: what somebody has written is what is meant, or it is refused. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { bind, hole, type Config, type Ran } from './cve-world.ts'
import type { Change } from './weakened.ts'

// #region users
const userOf = (words: readonly string[], kept: string, defence: readonly Change[], cve: string): void =>
  hole({
    cve,
    what: `a user who is root when ${words.map((word) => `“${word}”`).join(', ')} is asked for`,
    kept,
    defence,
    attack(ground) {
      const id = ground.start('sleep 1000')
      return words.some((user) => /^0\n/.test(ground.act('exec', '--user', user, id, 'id', '-u').text))
    },
  })

const REFUSED = 'if (text !== undefined && !/^[-\\d:]+$/.test(text))'

userOf(
  ['1', '1:', ':1', '01', '1:2:3', '-1', 'root', 'nobody', 'unknown', '1x', ''],
  'what is no number from its first to its last character is refused',
  [
    ['src/cli/runc/exec.ts', REFUSED, 'if (text === null)'],
    ['src/oci/user.ts', "if (user === '' || name === '' || more.length > 0)", 'if (more.length > 9)'],
    ['src/oci/user.ts', 'if (!/^-?\\d+$/.test(word)) return undefined', 'if (!/^\\d+$/.test(word)) return 0'],
  ],
  'CVE-2026-30892',
)

userOf(
  ['4294967296', '4294967295', '8589934592', '18446744073709551616'],
  'a number that 32 bits do not have is refused, and so is -1: where it is asked for, in the plan, and by the launcher',
  [
    [
      'src/oci/checks.ts',
      "uint32([(value) => value < 2 ** 32 - 1, 'it is -1 to the kernel, which means nobody'])",
      'integer(0, 2 ** 53)',
    ],
    ['src/oci/user.ts', 'if (Number(word) > MOST)', 'if (Number(word) < 0)'],
    ['native/rights.c', 'if (number < UINT32_MAX)', 'if (1)'],
  ],
  'CVE-2024-40635',
)

hole({
  cve: 'CVE-2016-3697',
  what: 'a number that is the name of root in the image',
  kept: 'a number is a number, and nobody’s files are asked',
  defence: [
    [
      'src/cli/runc/exec.ts',
      "parseUser(text, { passwd: '', group: '' })",
      "parseUser(text, { passwd: readFileSync(`${(load({ root: process.argv[process.argv.indexOf('--root') + 1]! } as never, process.argv.at(-3)!) as never as { state: { rootfs: string } }).state.rootfs}/etc/passwd`, 'utf8'), group: '' })",
    ],
    [
      'src/oci/user.ts',
      'const uid = numberOf(user, text)',
      'const uid = rows(passwd).some(([known]) => known === user) ? undefined : numberOf(user, text)',
    ],
  ],
  attack(ground) {
    fs.writeFileSync(join(ground.rootfs, 'etc/passwd'), '1000:x:0:0:root:/root:/bin/sh\n')
    const id = ground.start('sleep 1000')
    return ground.act('exec', '--user', '1000', id, 'id', '-u').text === '0\n'
  },
})

// #endregion users

// #region sizes
const LARGE = 'x'.repeat(70_000)

/** More lines than a map may have, user_namespaces(7); a longer path than there may be, path_resolution(7); a longer variable, execve(2). */
const TOO_MUCH: ((config: Config) => void)[] = [
  (config) => {
    config.linux.namespaces.push({ type: 'user' })
    const mappings = Array.from({ length: 4000 }, (_, n) => ({ containerID: n, hostID: 100_000 + 2 * n, size: 1 }))
    Object.assign(config.linux, { uidMappings: mappings, gidMappings: mappings })
  },
  ({ process }) => (process['cwd'] = `/${LARGE}`),
  ({ mounts }) => mounts.push(bind('/proc/version', `/${LARGE}`)),
  ({ process }) => (process['env'] = ['PATH=/bin', `LARGE=${LARGE}${LARGE}`]),
]

hole({
  cve: 'CVE-2021-43784',
  what: 'a variable of 70 000 bytes that is cut off, with what follows it',
  kept: 'lengths have 32 bits, and what does not fit is an error',
  defence: [
    [
      'src/plan/encode.ts',
      'bytes.measured(() => bytes.text(`${text}\\0`))',
      'bytes.measured(() => bytes.text(`${text.slice(0, text.length & 0xffff)}\\0`))',
    ],
  ],
  attack(ground) {
    const ran = TOO_MUCH.map((change) => ground.run('echo started', change))
    const isRefused = ({ status, text }: Ran): boolean => status === 1 && text.includes('level=error msg="Cannot')
    const large = ground.run('echo ${#LARGE}', ({ process }) => (process['env'] = ['PATH=/bin', `LARGE=${LARGE}`]))
    return !ran.every(isRefused) || large.text !== '70000\n'
  },
})
// #endregion sizes

// #region containers
/** Names that lead elsewhere, or to no one directory. */
const NAMES = ['../x', '..', '.', '', 'a/b', '/x', 'x\n', 'é', '容器', 'a b', 'a~1', 'x'.repeat(1025)]

hole({
  cve: 'A name that leads out',
  what: `a container called ${NAMES[0] ?? ''}, or by ${NAMES.length - 1} other names that are none,`,
  kept: 'a name has letters, digits and _ + - . in it, 1024 at most',
  defence: [['src/runtime/container.ts', 'if (fact === undefined) return id', 'if (1) return id']],
  attack(ground) {
    const bundle = ground.config('true')
    const isTaken = (name: string): boolean => {
      const { status, text } = ground.act('create', '--bundle', bundle, name)
      if (status === 0) ground.act('delete', '--force', name)
      return status === 0 || !text.includes('as a container’s name'.replace('’', "'"))
    }
    return NAMES.some(isTaken)
  },
})
// #endregion containers

// #region state
hole({
  cve: 'CVE-2021-41103',
  what: 'a look at what the runtime knows of containers, by anybody on the machine,',
  kept: 'its directories are root’s alone, 0700',
  defence: [
    ['src/runtime/directory.ts', 'recursive: true, mode: 0o700', 'recursive: true, mode: 0o711'],
    ['src/runtime/directory.ts', '{ mode: 0o700 }', '{ mode: 0o711 }'],
  ],
  attack(ground) {
    const id = ground.start('sleep 1000')
    fs.chmodSync(join(ground.root, '..'), 0o755)
    const isOpen = (path: string): boolean => (fs.statSync(path).mode & 0o077) !== 0
    return [ground.root, join(ground.root, id)].every(isOpen)
  },
})
// #endregion state
