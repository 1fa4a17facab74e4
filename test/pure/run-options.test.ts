import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parser, parseRun, type RunOptions } from '../../src/cli/run-options.ts'

const network = { network: 'none', ports: [], nameservers: [], hosts: [] }
const plain: RunOptions = { json: false, receipt: false, without: [], resources: {}, volumes: [], args: ['sh'] }

const HTTP = { hostPort: 8080, containerPort: 80, protocol: 'tcp' }

const VECTORS: [line: string, expected: Partial<RunOptions>][] = [
  ['sh', {}],
  ['ls -l --json /', { args: ['ls', '-l', '--json', '/'] }],
  ['sh -c x --memory 1m', { args: ['sh', '-c', 'x', '--memory', '1m'] }],
  ['-- sh', {}],
  ['-- --json', { args: ['--json'] }],
  ['--json -- -x --', { json: true, args: ['-x', '--'] }],
  ['sh -- x', { args: ['sh', '--', 'x'] }],
  ['--json --receipt sh', { json: true, receipt: true }],
  ['--json false', { json: true, args: ['false'] }],
  ['--rootfs /r sh', { rootfs: '/r' }],
  ['--rootfs=/r sh', { rootfs: '/r' }],
  ['--hostname 007 sh', { hostname: '007' }],
  ['--hostname=a=b sh', { hostname: 'a=b' }],
  ['--explain sh', { explain: 'only' }],
  ['--explain=only sh', { explain: 'only' }],
  ['--explain=before sh', { explain: 'before' }],
  ['--explain=after sh', { explain: 'after' }],
  ['--explain after', { explain: 'only', args: ['after'] }],
  ['--without 2 sh', { without: [2] }],
  ['--without 2,15 sh', { without: [2, 15] }],
  ['--without=3 sh', { without: [3] }],
  ['--memory 64m sh', { resources: { memory: { limit: 64n << 20n } } }],
  ['--memory=64m sh', { resources: { memory: { limit: 64n << 20n } } }],
  ['--memory 1m --memory 2m sh', { resources: { memory: { limit: 2n << 20n } } }],
  ['--pids 32 sh', { resources: { pids: { limit: 32n } } }],
  ['--cpus 0.5 sh', { resources: { cpu: { quota: 50_000n, period: 100_000n } } }],
  ['--cpuset 0-2,4 sh', { resources: { cpu: { cpus: '0-2,4' } } }],
  ['--cpuset 1 --cpus 1 sh', { resources: { cpu: { quota: 100_000n, period: 100_000n, cpus: '1' } } }],
  [
    '--memory 1g --pids 5 sh --memory 2g',
    { resources: { memory: { limit: 1n << 30n }, pids: { limit: 5n } }, args: ['sh', '--memory', '2g'] },
  ],
]
for (const [line, expected] of VECTORS)
  test(`parseRun takes options before the command alone when the words are: ${line}`, () => {
    assert.deepEqual(parseRun(4, line.split(' ')), { ...plain, ...expected })
  })

const SINCE_LESSON_7: typeof VECTORS = [
  ['--network bridge sh', { network: { ...network, network: 'bridge' } }],
  [
    '-p 8080:80 --publish=127.0.0.1:53:5353/udp sh',
    {
      network: {
        ...network,
        network: 'bridge',
        ports: [
          { hostPort: 8080, containerPort: 80, protocol: 'tcp' },
          { hostPort: 53, containerPort: 5353, protocol: 'udp', hostIP: '127.0.0.1' },
        ],
      },
    },
  ],
  ['-p 8080:80 --network mine sh -p', { network: { ...network, network: 'mine', ports: [HTTP] }, args: ['sh', '-p'] }],
  [
    '--dns 192.0.2.1 --dns=fd00::1 --add-host db:10.1.2.3 sh',
    { network: { ...network, nameservers: ['192.0.2.1', 'fd00::1'], hosts: [{ name: 'db', address: '10.1.2.3' }] } },
  ],
]

for (const [line, expected] of SINCE_LESSON_7)
  test(`parseRun takes a network when the words are: ${line}`, () => {
    assert.deepEqual(parseRun(7, line.split(' ')), { ...plain, network, ...expected })
  })

test('parseRun keeps words as they are when they hold spaces, line ends or nothing', () => {
  const args = ['sh', '-c', 'echo  "a b"\n', '', '--']
  assert.deepEqual(parseRun(1, args), { ...plain, args })
})

const REFUSED: [lesson: number, line: string, message: RegExp][] = [
  [6, '-p 8080:80 sh', /^Cannot take "-p" at stage 6: it comes with lesson 7\n/],
  [7, '-p 8080 sh', /^Cannot publish "8080": it is not a port of this machine/],
  [7, '-p 0:80 sh', /^Cannot publish "0:80"/],
  [7, '-p 8080:65536 sh', /^Cannot publish "8080:65536"/],
  [7, '-p 300.0.0.1:80:80 sh', /^Cannot publish "300.0.0.1:80:80"/],
  [7, '--network none -p 8080:80 sh', /^Cannot publish "8080:80" with the network none: nothing leads into it\n/],
  [7, '--network host -p 8080:80 sh', /^Cannot publish "8080:80" with the network host: every port of the box/],
  [7, '--dns here sh', /^Cannot ask "here" for names: it is no address\n/],
  [7, '--add-host db sh', /^Cannot add the host "db": it is not a name, a colon and an address\n/],
  [4, '', /^Cannot run nothing: no command was given\n {2}For example: boxwright stage 4 run sh$/],
  [2, '--json', /^Cannot run nothing: .*stage 2 run sh$/s],
  [4, '--json --', /^Cannot run nothing/],
  [
    4,
    '--rootfs',
    /^Cannot read the options: Not enough arguments following: rootfs\n {2}See: boxwright stage 4 run --help$/,
  ],
  [3, '--rootfs --json sh', /^Cannot read the options: Not enough arguments following: rootfs\n/],
  [4, '--nonsense sh', /^Cannot read the options: Unknown argument: nonsense\n/],
  [4, '--constructor sh', /^Cannot read the options: Unknown argument: constructor\n/],
  [4, '-x sh', /^Cannot read the options: Unknown argument: x\n/],
  [
    4,
    '--explain=later sh',
    /^Cannot explain "later": a plan is shown alone, before a run or after it\n {2}Write --explain, /,
  ],
  [
    4,
    '--without two sh',
    /^Cannot leave out step "two": a step is named by its number\n {2}See the numbers with: --explain$/,
  ],
  [4, '--without 0 sh', /^Cannot leave out step "0"/],
  [4, '--without 1,-2 sh', /^Cannot leave out step "1,-2"/],
  [4, '--without 1.5 sh', /^Cannot leave out step "1.5"/],
  [
    1,
    '--hostname x sh',
    /^Cannot take "--hostname" at stage 1: it comes with lesson 2\n {2}Try: boxwright stage 2 run --hostname …$/,
  ],
  [
    3,
    '--memory=1m sh',
    /^Cannot take "--memory=1m" at stage 3: it comes with lesson 4\n {2}Try: boxwright stage 4 run --memory=1m …$/,
  ],
  [3, '--json --cpus 1 sh', /^Cannot take "--cpus" at stage 3/],
  [4, '--memory 0 sh', /^Cannot set memory to "0": nothing could run\n/],
  [4, '--memory -1 sh', /^Cannot (set memory to "-1": it is not a size|read the options: Not enough arguments)/],
  [4, '--pids 12q sh', /^Cannot set pids to "12q": it is not a whole number\n/],
  [4, '--cpus x sh', /^Cannot set cpus to "x": it is not a number of processors\n/],
  [4, '--cpuset 3-1 sh', /^Cannot set cpuset to "3-1": it is not a list of processors\n/],
  [
    4,
    '--read-bps /dev/null:1 sh',
    /^Cannot set read-bps to "\/dev\/null:1": "\/dev\/null" is not a block device here\n/,
  ],
  [4, '--write-bps x sh', /^Cannot set write-bps to "x": it is not a device and a rate\n/],
]
for (const [lesson, line, message] of REFUSED)
  test(`parseRun says what is wrong at stage ${lesson} when the words are: ${line || 'none'}`, () => {
    assert.throws(() => parseRun(lesson, line.split(' ').filter(Boolean)), { message })
  })

test('the help of a stage shows the options that have come by its lesson, in 80 columns', async () => {
  const options = async (lesson: number): Promise<string[]> => {
    const help = await parser(lesson).getHelp()
    assert.deepEqual(
      help.split('\n').filter((line) => line.length > 80),
      [],
    )
    return [...help.matchAll(/--([a-z-]+)/g)].map(([, name = '']) => name).filter((name) => name !== 'help')
  }
  const [one, two, three, four] = await Promise.all([1, 2, 3, 4].map(options))
  const since = (later: string[] = [], earlier: string[] = []): string[] =>
    later.filter((name) => !earlier.includes(name))
  assert.ok(['rootfs', 'explain', 'json', 'without', 'receipt'].every((name) => one?.includes(name)))
  assert.deepEqual(since(two, one), ['hostname'])
  assert.deepEqual(since(three, two), ['volume'])
  assert.deepEqual(since(four, three), ['memory', 'pids', 'cpus', 'cpuset', 'read-bps', 'write-bps'])
})
