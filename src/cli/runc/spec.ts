/** `spec`: a config.json to begin with. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultConfig } from '../../oci/default-config.ts'
import { writeJson } from '../../oci/json.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { command } from './command.ts'

// ts-unused-exports:disable-next-line
export const spec = command({
  usage: '',
  about: 'Writes config.json, of a container in which a shell is run; what is there already is left alone.',
  options: {
    bundle: { short: 'b', value: 'DIRECTORY', about: 'where to (default: where you are)' },
    rootless: { about: 'for who is not root, with a user namespace' },
  },
  words: [0, 0],
  run: ({ bundle = '.', rootless = false }) => {
    const maker = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
    write(join(bundle, 'config.json'), writeJson(defaultConfig(rootless ? maker : undefined), '\t'))
  },
})

function write(file: string, text: string): void {
  try {
    writeFileSync(file, `${text}\n`, { flag: 'wx', mode: 0o666 })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw code === 'EEXIST'
      ? new Complaint(
          `Cannot write "${file}": it is there already\n  Remove it first, or name another directory: --bundle`,
          { cause },
        )
      : new Complaint(`Cannot write "${file}": ${message}`, { cause })
  }
}
