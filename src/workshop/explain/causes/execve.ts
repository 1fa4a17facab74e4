/** execve(2) says ENOENT of a missing program, of a missing interpreter and of a missing loader alike. Which is it? */
import { readFileSync } from 'node:fs'
import { machineName, machineOf, readElf, type Elf } from '../../../kernel/elf.ts'
import { text, type Attempt, type Cause, type Fault, type Verdict } from '../cause.ts'
import type { Place } from '../place.ts'

type Found = Extract<Place, { found: true }>

const calls = ['execve'] as const

// #region execve
export const execveCauses: Cause[] = [
  {
    name: 'execve/empty-name',
    calls,
    codes: ['ENOENT', 'EACCES'],
    precondition: 'The program has a name',
    man: 'path_resolution(7): Linux returns ENOENT in this case.',
    args: 1,
    probe: (attempt) =>
      text(attempt, 0) === ''
        ? { fact: 'it is the empty name', remedy: 'Name a program, such as sh', status: 127 }
        : 'so',
  },
  {
    name: 'execve/no-such-file',
    calls,
    codes: ['ENOENT', 'ENOTDIR'],
    precondition: 'The program is there',
    man: 'execve(2): The file pathname or a script or ELF interpreter does not exist.',
    args: 1,
    probe: (attempt) => (find(attempt) ? 'so' : notThere(attempt)),
  },
  {
    name: 'execve/no-interpreter',
    calls,
    codes: ['ENOENT', 'ENOTDIR'],
    precondition: 'The interpreter that a script names is there',
    man: 'execve(2): The file pathname or a script or ELF interpreter does not exist.',
    args: 1,
    probe: (attempt) => needed(attempt, 'interpreter', ({ interpreter }) => interpreter),
  },
  {
    name: 'execve/no-loader',
    calls,
    codes: ['ENOENT', 'ENOTDIR'],
    precondition: 'The loader that the program names is there',
    man: 'execve(2): The file pathname or a script or ELF interpreter does not exist.',
    args: 1,
    probe: (attempt) => needed(attempt, 'loader', ({ elf }) => elf?.interpreter),
  },
  {
    name: 'execve/other-machine',
    calls,
    codes: ['ENOEXEC'],
    precondition: 'The program is for this kind of machine',
    man: 'execve(2): An executable is not in a recognized format, is for the wrong architecture',
    args: 1,
    probe: (attempt) =>
      ofFile(attempt, ({ path }, { elf }) => {
        const here = machineOf(process.arch)
        if (!elf || here === undefined || elf.machine === here) return 'so'
        return {
          fact: `${path} is for ${machineName(elf.machine)}, and this machine is ${machineName(here)}`,
          remedy: 'Use a root file system that was made for this architecture',
        }
      }),
  },
  {
    name: 'execve/no-program',
    calls,
    codes: ['ENOEXEC'],
    precondition: 'The file is a program, or a script that names its interpreter',
    man: 'execve(2): pathname must be either a binary executable, or a script starting with a line of the form: #!interpreter',
    args: 1,
    probe: (attempt) =>
      ofFile(attempt, ({ path }, { elf, interpreter }) =>
        elf || interpreter !== undefined
          ? 'so'
          : {
              fact: `${path} is neither a program nor a script`,
              remedy: 'A script begins with #! and its interpreter',
            },
      ),
  },
  {
    name: 'execve/directory',
    calls,
    codes: ['EACCES'],
    precondition: 'It is a file, and not a directory',
    man: 'execve(2): The file or a script interpreter is not a regular file.',
    args: 1,
    probe: (attempt) =>
      ofPlace(attempt, ({ kind, path }) =>
        kind === 'directory' ? { fact: `${path} is a directory`, remedy: 'Name a program in it' } : 'so',
      ),
  },
  {
    name: 'execve/no-x',
    calls,
    codes: ['EACCES'],
    precondition: 'The file may be executed',
    man: 'execve(2): Execute permission is denied for the file or a script or ELF interpreter.',
    args: 1,
    probe: (attempt) =>
      ofPlace(attempt, ({ mode, path }) =>
        (mode & 0o111) === 0
          ? {
              fact: `${path} is not executable`,
              remedy: `Its mode has no x: chmod +x ${attempt.scene.onHost(path)}`,
            }
          : 'so',
      ),
  },
  {
    name: 'execve/interpreter-no-x',
    calls,
    codes: ['EACCES'],
    precondition: 'The interpreter or loader may be executed',
    man: 'execve(2): Execute permission is denied for the file or a script or ELF interpreter.',
    args: 1,
    probe: (attempt) =>
      ofFile(attempt, ({ path }, { elf, interpreter = elf?.interpreter }) => {
        const place = interpreter === undefined ? undefined : attempt.scene.look(interpreter)
        if (!place?.found || (place.mode & 0o111) !== 0) return 'so'
        return {
          fact: `${path} needs "${place.path}", which is not executable`,
          remedy: `Its mode has no x: chmod +x ${attempt.scene.onHost(place.path)}`,
        }
      }),
  },
  {
    name: 'execve/noexec',
    calls,
    codes: ['EACCES'],
    precondition: 'The file system that the file lies on is not mounted noexec',
    man: 'execve(2): The filesystem is mounted noexec.',
    args: 1,
    probe: (attempt) =>
      ofPlace(attempt, ({ path, mount }) =>
        mount?.options.includes('noexec') === true
          ? {
              fact: `${path} lies on a file system that is mounted noexec (${mount.mountPoint}, ${mount.type})`,
              remedy: `mount -o remount,exec ${mount.mountPoint}, or set BOXWRIGHT_IMAGES to a directory elsewhere`,
            }
          : 'so',
      ),
  },
  {
    name: 'execve/too-long',
    calls,
    codes: ['E2BIG'],
    precondition: 'Arguments and environment together take a quarter of the stack limit at most',
    man: 'execve(2): The total number of bytes in the environment (envp) and argument list (argv) is too large.',
    args: 2,
    probe: (attempt) => (total(attempt) > mostInAll(attempt) ? tooLong(attempt) : 'so'),
  },
  {
    name: 'execve/one-too-long',
    calls,
    codes: ['E2BIG'],
    precondition: 'No single argument takes more than 32 pages',
    man: 'execve(2): Additionally, the limit per string is 32 pages (the kernel constant MAX_ARG_STRLEN)',
    args: 2,
    probe: (attempt) => (Math.max(...sizes(attempt)) > MOST_IN_ONE ? tooLong(attempt) : 'so'),
  },
]
// #endregion execve

/** MAX_ARG_STRLEN: 32 pages. */
const MOST_IN_ONE = 131_072

function notThere({ args: [name = '', , env], scene }: Attempt): Fault {
  const root = scene.onHost('')
  const searched = String(name).includes('/') ? '' : `; in it these were searched: ${pathOf(env).join(':')}`
  return { fact: 'there is no such file in the box', remedy: `The box's root is ${root}${searched}`, status: 127 }
}

/** Where exec(3) would have found it. */
function find({ args: [name = '', , env], scene }: Attempt): Found | undefined {
  const file = String(name)
  const candidates = file.includes('/') ? [file] : pathOf(env).map((directory) => `${directory || '.'}/${file}`)
  return file === '' ? undefined : candidates.map((path) => scene.look(path)).find((place) => place.found)
}

const pathOf = (env: unknown): string[] =>
  (
    list(env)
      .find((entry) => entry.startsWith('PATH='))
      ?.slice(5) ?? '/bin:/usr/bin'
  ).split(':')

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

interface Contents {
  elf?: Elf | undefined
  /** What a script's first line names. */
  interpreter?: string | undefined
}

const ofPlace = (attempt: Attempt, look: (place: Found) => Verdict): Verdict => {
  const place = find(attempt)
  return place ? look(place) : 'unknown'
}

const ofFile = (attempt: Attempt, look: (place: Found, contents: Contents) => Verdict): Verdict =>
  ofPlace(attempt, (place) => (place.kind === 'file' ? look(place, contentsOf(place.file)) : 'unknown'))

/** A file that says that something lies where it has nothing is no program either. */
function contentsOf(file: string): Contents {
  const bytes = readFileSync(file)
  const interpreter = /^#![ \t]*([^ \t\n\0]+)/.exec(bytes.toString('latin1', 0, 256))?.[1]
  try {
    return { interpreter, elf: readElf(bytes) }
  } catch {
    return { interpreter }
  }
}

function needed(attempt: Attempt, what: string, of: (contents: Contents) => string | undefined): Verdict {
  return ofFile(attempt, ({ path }, contents) => {
    const file = of(contents)
    if (file === undefined || attempt.scene.look(file).found) return 'so'
    if (file.endsWith('\r')) return endsAsElsewhere(path, file, attempt)
    return {
      fact: `${path} needs the ${what} "${file}", and the box has none`,
      remedy: `Copy it to ${attempt.scene.onHost(file)}. A program needs its own file, its loader and its libraries below its root`,
      status: 127,
    }
  })
}

/** The kernel takes a carriage return for a part of the name. */
const endsAsElsewhere = (path: string, file: string, { scene }: Attempt): Fault => ({
  fact: `the first line of ${path} ends in a carriage return, and so it asks for ${JSON.stringify(file)}`,
  remedy: `Its lines end as on Windows: sed -i 's/\\r$//' ${scene.onHost(path)}`,
  status: 127,
})

const sizes = ({ args: [, argv, env] }: Attempt): number[] =>
  [...list(argv), ...list(env)].map((one) => Buffer.byteLength(one) + 1)

const total = (attempt: Attempt): number => sizes(attempt).reduce((sum, size) => sum + size, 0)

/** A quarter of the soft stack limit, and no more than three quarters of the usual 8 MiB; the pointers count as well. */
function mostInAll({ scene, args: [, argv, env] }: Attempt): number {
  const limits = scene.read(`/proc/${scene.pid}/limits`) ?? ''
  const stack = Number(/^Max stack size\s+(\d+)/m.exec(limits)?.[1] ?? Infinity)
  return Math.min(stack / 4, 6 << 20) - 8 * (list(argv).length + list(env).length)
}

function tooLong(attempt: Attempt): Fault {
  const one = Math.max(...sizes(attempt))
  const alone = one > MOST_IN_ONE ? `: one alone is ${one}` : ''
  return {
    fact: `its arguments and environment are ${total(attempt)} bytes, more than the kernel takes${alone}`,
    remedy:
      'It takes a quarter of the stack limit (ulimit -s) in all, 131072 bytes in one: pass the rest in a file or on standard input',
  }
}
