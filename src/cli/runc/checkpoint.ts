import { isAbsolute } from 'node:path'
import { checkpoint as checkpointContainer } from '../../runtime/checkpoint.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { command, CONTAINER } from './command.ts'
import { IMAGING, imagingOf } from './imaging.ts'
import { count } from './numbers.ts'

// ts-unused-exports:disable-next-line
export const checkpoint = command({
  usage: CONTAINER,
  about: 'Afterwards there is no such container any more, unless its processes are to go on.',
  options: {
    ...IMAGING,
    'parent-path': { value: 'DIRECTORY', about: 'an earlier one, relative to the images: only what is new is written' },
    'leave-running': { about: 'its processes go on' },
    'tcp-skip-in-flight': { about: 'without connections that are not accepted yet' },
    'page-server': { value: 'ADDRESS:PORT', about: 'memory goes there: criu page-server' },
    'status-fd': { value: 'N', about: 'CRIU writes a NUL to this descriptor when --lazy-pages can begin' },
    'pre-dump': { about: 'memory only, ahead of a checkpoint; its processes go on' },
  },
  words: [1, 1],
  run: (given, [id = ''], { settings, criu }) => {
    const statusFd = count('status-fd', given['status-fd'])
    return checkpointContainer(settings, id, {
      ...imagingOf(given, criu, [
        ...parentIn(given['parent-path']),
        ...(given['tcp-skip-in-flight'] ? ['--skip-in-flight'] : []),
        ...serverAt(given['page-server']),
      ]),
      leaveRunning: given['leave-running'] === true,
      preDump: given['pre-dump'] === true,
      ...(statusFd !== undefined && { statusFd }),
    })
  },
})

/** The images may be taken elsewhere, together. @throws Complaint */
function parentIn(path: string | undefined): string[] {
  if (path === undefined) return []
  if (isAbsolute(path))
    throw new Complaint(
      `Cannot use --parent-path "${path}": it is absolute\n  Write it as seen from the images: --parent-path ../before`,
    )
  return ['--prev-images-dir', path, '--track-mem']
}

/** @throws Complaint */
function serverAt(text: string | undefined): string[] {
  if (text === undefined) return []
  const [, address, port] = /^(.+):(\d+)$/.exec(text) ?? []
  if (address !== undefined && port !== undefined) return ['--page-server', '--address', address, '--port', port]
  throw new Complaint(`Cannot use --page-server "${text}": it is no address with a port\n  Write 127.0.0.1:9999`)
}
