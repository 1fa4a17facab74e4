/**
 * A machine of the test's own, for programs that believe a machine to be theirs: containerd, Docker's daemon, Podman. All namespaces but the user's,
 * a root file system whose changes go into memory, cgroups below one of ours in each hierarchy. The test's file runs again in there, and is an
 * ordinary test in an ordinary place: what it starts needs no undoing, since a PID namespace ends with its first process.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readMountInfo, type MountEntry } from '../../src/kernel/mountinfo.ts'

const INSIDE = 'BOXWRIGHT_TEST_MACHINE'
const NAME = 'boxwright-interop-'
const MACHINE = fileURLToPath(new URL('./machine.sh', import.meta.url))
/** Then the machine is ended, whatever hangs in it: a bound, and never what is tested. */
const PATIENCE_MS = 1_800_000

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/**
 * @param file the test's own. Called before any test is declared: on the host it does not come back, unless the machine can't be made.
 * @returns why not, for a test's options.
 */
export function enterMachine(file: string, programs: readonly string[]): string | false {
  if (process.env[INSIDE] !== undefined) return false
  const reason = whyNot([...programs, 'busybox', 'ip', 'pivot_root', 'setpriv', 'unshare'])
  if (reason !== false) return reason
  process.exit(runInside(file))
}

function whyNot(programs: readonly string[]): string | false {
  if (process.geteuid?.() !== 0) return 'only root can make a machine of its own'
  const missing = programs.filter((name) => !isInstalled(name))
  return missing.length > 0 && `this machine has no ${missing.join(' and no ')}`
}

function isInstalled(name: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status === 0
}

function runInside(file: string): number {
  const hierarchies = readMountInfo().filter(({ type }) => type.startsWith('cgroup'))
  sweep(hierarchies)
  const place = fs.mkdtempSync(join(tmpdir(), `${NAME}${process.pid}-`))
  const cgroups = hierarchies.map((entry) => makeCgroup(entry, basename(place)))
  const unmounted = unmountedOf(hierarchies)
  fs.writeFileSync(`${place}.cgroups`, [...hierarchies.map(mountLine), ...unmounted.map(unmountedLine)].join(''))
  const test = [process.execPath, ...process.execArgv, file]
  const unshare = ['unshare', '--mount', '--uts', '--ipc', '--net', '--cgroup', '--pid', '--fork', '--kill-child']
  const ended = spawnSync(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private', 'sh', '-c', BORN, basename(place)],
      ...['setpriv', '--pdeathsig', 'KILL', ...unshare, 'sh', MACHINE, place, REPOSITORY, ...test],
    ],
    {
      stdio: 'inherit',
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
      env: {
        ...process.env,
        TMPDIR: '/tmp', // its own
        [INSIDE]: place,
        CGROUPS: cgroups.join(' '),
        UNMOUNTED: unmounted.map(optionsOf).join(' '),
      },
    },
  )
  remove(place, cgroups)
  return ended.status ?? 1
}

/** In hierarchies that nobody has mounted it has a cgroup, too: whatever were left at the top of one would keep its controllers from everybody else. */
const BORN = `mount -t tmpfs hierarchies /mnt
for options in $UNMOUNTED; do
  mkdir "/mnt/$options"
  mount -t cgroup -o "$options" cgroup "/mnt/$options"
  mkdir "/mnt/$options/$0"
done
for cgroup in $CGROUPS; do echo $$ >"$cgroup/cgroup.procs"; done
for cgroup in /mnt/*/"$0"; do [ ! -d "$cgroup" ] || echo $$ >"$cgroup/cgroup.procs"; done
"$@"
status=$?
for cgroup in /mnt/*/"$0"; do
  [ -d "$cgroup" ] || continue
  echo $$ >"\${cgroup%/*}/cgroup.procs"
  find "$cgroup" -depth -type d -exec rmdir {} \\;
done
exit $status`

/** Directories and cgroups of tests that were killed. Their processes have ended with them. */
function sweep(hierarchies: readonly MountEntry[]): void {
  const names = fs.readdirSync(tmpdir()).filter((name) => name.startsWith(NAME) && !name.endsWith('.cgroups'))
  const dead = names.filter((name) => !fs.existsSync(`/proc/${parseInt(name.slice(NAME.length))}`))
  for (const name of dead)
    remove(
      join(tmpdir(), name),
      hierarchies.map(({ mountPoint }) => join(mountPoint, name)).filter((path) => fs.existsSync(path)),
    )
}

function remove(place: string, cgroups: readonly string[]): void {
  for (const directory of cgroups)
    execFileSync('find', [directory, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'])
  fs.rmSync(`${place}.cgroups`, { force: true })
  fs.rmdirSync(place)
}

/** What the machine's first process mounts: a hierarchy, seen from our cgroup in it. */
const mountLine = ({ mountPoint, type, superOptions }: MountEntry): string =>
  `${mountPoint} ${type} ${['rw', ...superOptions.filter((option) => option !== 'rw' && option !== 'ro')].join(',')}\n`

/** Hierarchies that are mounted elsewhere, if at all. containerd counts nothing where it finds no mount of one in /proc/PID/cgroup. */
function unmountedOf(mounted: readonly MountEntry[]): string[] {
  const known = mounted.flatMap(({ superOptions }) => superOptions)
  const hierarchies = [...fs.readFileSync('/proc/self/cgroup', 'utf8').matchAll(/^\d+:([^:]+):/gm)]
  return hierarchies
    .map(([, name = '']) => name)
    .filter((name) => !name.split(',').some((part) => known.includes(part)))
}

const unmountedLine = (name: string): string => `/sys/fs/cgroup/${name} cgroup ${optionsOf(name)}\n`

const optionsOf = (name: string): string => (name.startsWith('name=') ? `none,${name}` : name)

/** A cgroup at the top of a hierarchy, so that nothing limits it; cpuset(7) wants to be told what it has. */
function makeCgroup({ mountPoint }: MountEntry, name: string): string {
  const directory = join(mountPoint, name)
  fs.mkdirSync(directory)
  for (const file of ['cpuset.cpus', 'cpuset.mems'].filter((each) => fs.existsSync(join(mountPoint, each))))
    fs.writeFileSync(join(directory, file), fs.readFileSync(join(mountPoint, file)))
  return directory
}
