/** From a step that failed to what is so on this machine, and what to do about it. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { machineName, machineOf, readElf } from '../kernel/elf.ts'
import { resolveInRoot } from '../kernel/in-root.ts'
import { DiedEarly } from '../launch/birth.ts'
import { StepFailed } from '../launch/launcher.ts'
import type { Spec } from '../oci/spec.ts'
import { symbolic } from '../plan/symbols.ts'
import { Complaint } from './complaint.ts'
import { remedyFor } from './remedies.ts'

export function diagnose(error: unknown, spec: Spec): unknown {
  if (error instanceof DiedEarly) return new Complaint(`${error.message}\n  ${diedBecause(spec)}`, { cause: error })
  if (!(error instanceof StepFailed)) return error
  const { step, code } = error
  if (step.call === 'execvpe') return cannotExecute(error, spec)
  return new Complaint(`Cannot finish the box: ${symbolic(step)} gave ${code}\n  ${remedyFor(step, code)}`, {
    cause: error,
  })
}

const diedBecause = ({ linux: { resources } }: Spec): string =>
  resources.memory
    ? `Its memory limit of ${resources.memory.limit} bytes may be less than Node needs to build the walls: try 16m or more`
    : 'Something ended it with SIGKILL'

// #region execute
/** execve(2) says ENOENT of a missing program, of a missing interpreter and of a missing loader alike. Which is it? */
function cannotExecute(cause: StepFailed, spec: Spec): Complaint {
  const [name = ''] = spec.process.args
  const { fact, remedy, status } = look(name, cause.code, spec)
  return new Complaint(`Cannot execute "${shorten(name)}": ${fact}\n  ${remedy}`, { cause, status })
}
// #endregion execute

interface Finding {
  fact: string
  remedy: string
  /** As shells have it: 127 when nothing was found, 126 when it was found and cannot run. */
  status: 126 | 127
}

function look(name: string, code: string, spec: Spec): Finding {
  if (code === 'E2BIG') return tooLong(spec)
  const path = find(name, spec)
  if (name === '') return { fact: 'it is the empty name', remedy: 'Name a program, such as sh', status: 127 }
  if (path === undefined) return notThere(name, spec)
  const inBox = path.slice(spec.root.path.length)
  if (statSync(path).isDirectory())
    return { fact: `${inBox} is a directory`, remedy: 'Name a program in it', status: 126 }
  if ((statSync(path).mode & 0o111) === 0)
    return { fact: `${inBox} is not executable`, remedy: `Its mode has no x: chmod +x ${path}`, status: 126 }
  return unfit(path, inBox, code, spec)
}

/** The file is there and may be executed, but it needs something else, or is none for this machine. */
function unfit(path: string, inBox: string, code: string, { root }: Spec): Finding {
  const bytes = readFileSync(path)
  const missing = (what: string, file: string): Finding => ({
    fact: `${inBox} needs the ${what} "${file}", and the box has none`,
    remedy: `Copy it to ${root.path}${file}. A program needs its own file, its loader and its libraries below its root`,
    status: 127,
  })
  const script = /^#!\s*(\S+)/.exec(bytes.toString('latin1', 0, 256))?.[1]
  if (script !== undefined && !locate(root.path, script)) return missing('interpreter', script)
  const elf = readElf(bytes)
  const here = machineOf(process.arch)
  if (elf && here !== undefined && elf.machine !== here)
    return {
      fact: `${inBox} is for ${machineName(elf.machine)}, and this machine is ${machineName(here)}`,
      remedy: 'Use a root file system that was made for this architecture',
      status: 126,
    }
  if (elf?.interpreter !== undefined && !locate(root.path, elf.interpreter)) return missing('loader', elf.interpreter)
  if (!elf && script === undefined)
    return {
      fact: `${inBox} is neither a program nor a script`,
      remedy: 'A script begins with #! and its interpreter',
      status: 126,
    }
  return { fact: `the kernel says ${code}`, remedy: 'man 2 execve lists what that can mean', status: 126 }
}

function notThere(name: string, { root, process }: Spec): Finding {
  const path = process.env.find((entry) => entry.startsWith('PATH='))?.slice(5)
  return {
    fact: 'there is no such file in the box',
    remedy: name.includes('/')
      ? `The box's root is ${root.path}`
      : `The box's root is ${root.path}; in it these were searched: ${path}`,
    status: 127,
  }
}

function tooLong({ process: { args, env } }: Spec): Finding {
  const bytes = [...args, ...env].reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0)
  const remedy =
    'It takes a quarter of the stack limit (ulimit -s) in all, 131072 bytes in one: pass the rest in a file or on standard input'
  return { fact: `its arguments and environment are ${bytes} bytes, more than the kernel takes`, remedy, status: 126 }
}

/** Where execvpe(3) would have found it: the host path of the file. */
function find(name: string, { root, process: { env, cwd } }: Spec): string | undefined {
  const path = env.find((entry) => entry.startsWith('PATH='))?.slice(5) ?? '/bin:/usr/bin'
  const places = name.includes('/') ? [name] : path.split(':').map((directory) => `${directory}/${name}`)
  for (const place of places) {
    const found = locate(root.path, place, cwd)
    if (found !== undefined) return found
  }
  return undefined
}

/** @returns the host's path of a file that the box has. */
function locate(root: string, path: string, cwd?: string): string | undefined {
  try {
    const place = resolveInRoot(root, path, cwd)
    return existsSync(place) ? place : undefined
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

const shorten = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text)
