import { resolve } from 'node:path'
import { restore as restoreContainer } from '../../runtime/restore.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { command, CONTAINER } from './command.ts'
import { IMAGING, imagingOf } from './imaging.ts'
import { BUNDLE, CONSOLE } from './making.ts'

// ts-unused-exports:disable-next-line
export const restore = command({
  usage: CONTAINER,
  about: 'It ends with the exit status of the command, or with 128 and the number of the signal that has ended it.',
  options: {
    ...IMAGING,
    ...BUNDLE,
    ...CONSOLE,
    detach: { short: 'd', about: 'do not wait for its end' },
    'no-subreaper': { about: 'for runC’s callers: nothing is reaped here but the container' },
    'no-pivot': { about: 'for runC’s callers: CRIU decides how it goes to its root' },
    'lsm-profile': { value: 'TYPE:NAME', about: 'another profile: apparmor:NAME, selinux:LABEL' },
    'lsm-mount-context': { value: 'LABEL', about: 'another SELinux label for its mounts' },
  },
  words: [1, 1],
  run: (given, [id = ''], { settings, criu }) => {
    if (given['console-socket'] !== undefined) throw noConsole(given['console-socket'])
    return restoreContainer(settings, {
      ...imagingOf(given, criu, [
        ...valued('--lsm-profile', given['lsm-profile']),
        ...valued('--lsm-mount-context', given['lsm-mount-context']),
      ]),
      id,
      bundle: resolve(given.bundle ?? '.'),
      ...(given.detach !== undefined && { detach: given.detach }),
      ...(given['pid-file'] !== undefined && { pidFile: given['pid-file'] }),
    })
  },
})

const valued = (option: string, value: string | undefined): string[] => (value === undefined ? [] : [option, value])

const noConsole = (socket: string): Complaint =>
  new Complaint(
    `Cannot use console socket "${socket}": CRIU hands on a terminal only to a program that talks to it by RPC\n  Restore containers without a terminal, and leave --console-socket out`,
  )
