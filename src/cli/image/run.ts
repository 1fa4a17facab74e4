import { leaveImage, runImage } from '../../engine/run.ts'
import { checkVolumeSource } from '../../image/volume.ts'
import { openStores, type Stores } from '../../image/stores.ts'
import { parsePlatform } from '../../oci/platform-name.ts'
import { parseVolume } from '../../oci/volume.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { confined, networkIn, resources } from '../run-words.ts'
import { command } from './command.ts'
import type { GetOptions } from './get.ts'
import { goOnInNode } from './in-node.ts'
import { emptyInput, requireTerminal } from './input.ts'
import { answerForNetworks } from './networks.ts'
import { print } from '../../workshop/print.ts'
import { readyBefore, type Ready } from './ready.ts'
import { refusedAs } from './refused.ts'
import { variablesFrom } from './variables.ts'
import type { Given } from '../options/option.ts'

const OPTIONS = {
  interactive: { short: 'i', about: 'keep standard input open; otherwise it is empty' },
  tty: { short: 't', about: 'a terminal of its own' },
  detach: { short: 'd', about: 'print its id, and do not wait for it: see logs, wait, stop' },
  rm: { about: 'remove the container when it has ended' },
  name: { value: 'NAME', about: 'of the container; otherwise its id' },
  env: { short: 'e', value: 'NAME=VALUE', list: true, about: 'a variable; NAME alone is yours' },
  'env-file': { value: 'FILE', list: true, about: 'variables, one on a line' },
  workdir: { short: 'w', value: 'PATH', about: 'where the command stands; made if it is not there' },
  user: { short: 'u', value: 'USER[:GROUP]', about: 'names are those of the image' },
  volume: { short: 'v', value: 'SOURCE:TARGET[:ro]', list: true, about: 'something of the host’s' },
  entrypoint: { value: 'PROGRAM', about: 'instead of the image’s; "" for none' },
  hostname: { short: 'h', value: 'NAME', about: 'the container’s host name' },
  label: { short: 'l', value: 'NAME=VALUE', list: true, about: 'an annotation of the container' },
  network: { value: 'NETWORK', about: 'none (default), host, bridge, or a CNI network’s name' },
  publish: { short: 'p', value: 'PORT:PORT', list: true, about: 'a port of this machine’s is one of the container’s' },
  dns: { value: 'ADDRESS', list: true, about: 'an address to ask for names' },
  'add-host': { value: 'NAME:ADDRESS', list: true, about: 'a name that the container knows' },
  memory: { short: 'm', value: 'BYTES', about: 'most memory: 64m, 2g' },
  cpus: { value: 'N', about: 'most processor time: 0.5, 2' },
  'cpuset-cpus': { value: 'LIST', about: 'processors to run on: 0-2,4' },
  'pids-limit': { value: 'N', about: 'most processes and threads' },
  'device-read-bps': { value: 'DEVICE:BYTES', about: 'bytes a second from a device' },
  'device-write-bps': { value: 'DEVICE:BYTES', about: 'bytes a second to a device' },
  'cap-add': { value: 'NAME', list: true, about: 'a capability more' },
  'cap-drop': { value: 'NAME', list: true, about: 'a capability less' },
  'security-opt': { value: 'OPTION', list: true, about: 'seccomp=FILE, apparmor=NAME, label=LABEL' },
  'read-only': { about: 'nothing can be changed in the root file system' },
  ulimit: { value: 'LIMIT', list: true, about: 'a limit of each process: nofile=1024:4096' },
  sysctl: { value: 'NAME=VALUE', list: true, about: 'a setting of its namespaces' },
  device: { value: 'PATH', list: true, about: 'a device of the host’s' },
  platform: { value: 'OS/ARCHITECTURE', about: 'of an image that is for several' },
  pull: { value: 'WHEN', about: 'missing (default), always or never' },
} as const

// #region run
// ts-unused-exports:disable-next-line
export const run = command({
  usage: 'IMAGE [COMMAND [ARGUMENT …]]',
  about:
    'It ends with the exit status of the command; with 125 when there is no container, 126 or 127 when the command cannot be run in it.\n\nboxwright run --rm boxwright/base echo hello',
  options: OPTIONS,
  first: true,
  words: [1, Infinity],
  leaves: ({ detach }) => detach === true,
  run: async (given, [image = '', ...args]) => {
    refuseTerminal(given)
    if (given.detach) goOnInNode()
    if (!['none', 'host'].includes(networkIn(given).network)) await answerForNetworks()
    using stores = await openStores()
    const wanted = { pull: given.pull ?? 'missing', ...platformIn(given) }
    const { resolved, unpacked } = readyBefore(stores, image, wanted) ?? (await madeReady(stores, image, wanted))
    const wish = { image, args, ...wishOf(given) }
    return await refusedAs(`run a container of "${image}"`, async () => {
      if (given.detach) {
        print(await leaveImage(stores, resolved, unpacked, wish))
        return 0
      }
      if (!given.interactive) emptyInput()
      return runImage(stores, resolved, unpacked, wish)
    })
  },
})
// #endregion run

/** What that takes is loaded for nobody else. */
async function madeReady(stores: Stores, image: string, wanted: GetOptions): Promise<Ready> {
  goOnInNode()
  return (await import('./make-ready.ts')).makeReady(stores, image, wanted)
}

const platformIn = ({ platform }: Given<typeof OPTIONS>): Pick<GetOptions, 'platform'> =>
  platform === undefined ? {} : { platform: parsePlatform(platform) }

const wishOf = (given: Given<typeof OPTIONS>) => ({
  env: variablesFrom(given.env ?? [], given['env-file'] ?? []),
  labels: Object.fromEntries((given.label ?? []).map(pair)),
  removes: given.rm === true,
  terminal: given.tty === true,
  volumes: (given.volume ?? []).map(parseVolume).map(checkVolumeSource),
  network: networkIn(given),
  resources: resources({
    ...given,
    pids: given['pids-limit'],
    cpuset: given['cpuset-cpus'],
    'read-bps': given['device-read-bps'],
    'write-bps': given['device-write-bps'],
  }),
  ...confined(given),
  ...optional('name', given.name && nameOf(given.name)),
  ...optional('user', given.user),
  ...optional('workdir', given.workdir),
  ...optional('entrypoint', given.entrypoint),
  ...optional('hostname', given.hostname),
})

const optional = <K extends string>(name: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined ? {} : ({ [name]: value } as Record<K, string>)

function pair(text: string): [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** As Docker's. */
function nameOf(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]+$/.test(text) && text !== 'names') return text
  throw new Complaint(
    `Cannot call the container "${text}": a name has letters, digits, "_", "." and "-", at least two\n  For example: --name web-1`,
  )
}

function refuseTerminal({ tty, interactive, detach }: Given<typeof OPTIONS>): void {
  if (detach && (tty || interactive))
    throw new Complaint(
      `Cannot leave it alone with -${tty ? 't' : 'i'}: nobody sits before it then\n  Leave out -d; or run it, and then: boxwright exec -it NAME sh`,
    )
  requireTerminal({ tty, interactive })
}
