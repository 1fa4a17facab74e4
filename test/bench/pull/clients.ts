/** Who pulls: each with directories of its own, in which there is nothing yet. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export interface Client {
  programs: readonly string[]
  /** Of a service that is there before anything is pulled. */
  service?: (place: string) => string[]
  isUp?: (place: string) => string[]
  /** Shell: `$place` is its directory, `$image` what is pulled. */
  pull: string
}

export const OURS = 'boxwright pull'

export const BOXWRIGHT = fileURLToPath(new URL('../../../src/cli/boxwright.mjs', import.meta.url))

export const clients: Readonly<Record<string, Client>> = {
  [OURS]: {
    programs: [],
    pull: `BOXWRIGHT_DATA=$place/data BOXWRIGHT_RUN=$place/run "${process.execPath}" "${BOXWRIGHT}" pull $image`,
  },
  'ctr images pull': {
    programs: ['ctr', 'containerd'],
    service: (place) => ['containerd', '--config', join(place, 'containerd.toml')],
    isUp: (place) => ['ctr', '--address', join(place, 'socket'), 'version'],
    pull: 'ctr --address $place/socket images pull --plain-http --snapshotter overlayfs $image',
  },
  'podman pull': {
    programs: ['podman'],
    pull: 'podman --root $place/root --runroot $place/run --storage-driver overlay pull --tls-verify=false $image',
  },
  'skopeo, umoci': {
    programs: ['skopeo', 'umoci'],
    pull:
      'skopeo --insecure-policy copy --src-tls-verify=false docker://$image oci:$place/layout:1 && ' +
      'umoci unpack --image $place/layout:1 $place/bundle-$(date +%N)',
  },
}

export const isInstalled = ({ programs }: Client): boolean =>
  programs.every((program) => spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0)

/** @returns its service, when that answers. */
export async function prepared({ service, isUp }: Client, place: string): Promise<ChildProcess | undefined> {
  mkdirSync(place)
  if (!service || !isUp) return undefined
  writeFileSync(join(place, 'containerd.toml'), containerd(place))
  return started(service(place), place, () => spawnSync(words(isUp(place))[0], words(isUp(place))[1]).status === 0)
}

const words = ([program = '', ...args]: readonly string[]): [string, string[]] => [program, args]

const containerd = (place: string): string => `
version = 2
root = "${place}/root"
state = "${place}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
address = "${place}/socket"
[ttrpc]
address = "${place}/socket.ttrpc"
`

/** @param isUp is asked until it says so. */
export async function started(
  command: readonly string[],
  place: string,
  isUp: () => boolean | Promise<boolean>,
): Promise<ChildProcess> {
  const log = openSync(join(place, 'log'), 'w')
  const child = spawn(...words(command), { stdio: ['ignore', log, log] })
  while (!(await isUp())) {
    if (child.exitCode !== null) throw new Error(`Cannot start ${command.join(' ')}: see ${place}/log`)
    await later(20)
  }
  return child
}

export async function stopped(child: ChildProcess | undefined): Promise<void> {
  if (child?.exitCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** @returns the process that is a shell, which says at its end in `$place/times` how much processor time was taken. */
export function begin({ pull }: Client, place: string, image: string): ChildProcess {
  const script = `{ ${pull}; } && times >$place/times`
  const log = openSync(join(place, 'log-of-pull'), 'w')
  const temporary = join(place, 'tmp')
  if (!existsSync(temporary)) mkdirSync(temporary)
  const env = { PATH: process.env['PATH'], HOME: place, TMPDIR: temporary, place, image }
  return spawn('sh', ['-c', script], { env, stdio: ['ignore', log, log] })
}
