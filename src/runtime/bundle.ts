/** A bundle: a directory with a `config.json` and, most often, the root file system that it names. runtime-spec bundle.md. */
import * as fs from 'node:fs'
import { resolve } from 'node:path'
import { specOfConfig } from '../oci/config.ts'
import { readJson } from '../oci/json.ts'
import type { Spec } from '../oci/spec.ts'

export interface Bundle {
  directory: string
  /** As it was read. */
  config: unknown
  spec: Spec
}

// #region bundle
/** @param config a file in the place of the bundle's own. @throws Error naming the file, or the field in it, and what is so. */
export function readBundle(bundle: string, id: string, config = `${bundle}/config.json`): Bundle {
  const directory = resolve(bundle)
  const read = readConfig(resolve(config))
  return { directory, config: read, spec: specIn(read, directory, id, { from: config, warn }) }
}

/** What a container was made of, once more; of what is strange in it was warned when it was made. */
export const specIn = (config: unknown, directory: string, id: string, { from, warn }: Telling = {}): Spec => {
  try {
    return specOfConfig(config, { directory, cgroupsPath: `/${id}`, hostname: '', ...(warn && { warn }) })
  } catch (error) {
    throw notAConfig(error as Error, from ?? `${directory}/config.json`)
  }
}

interface Telling {
  /** The file that it was read from, when it is not the bundle's own. */
  from?: string
  warn?: (message: string) => void
}

/** Becomes a line of the log. */
export const warn = (message: string): void => process.emitWarning(message)

export const notAConfig = (error: Error, from: string): Error =>
  new Error(`Cannot make a container of "${from}": ${error.message}`, { cause: error })
// #endregion bundle

function readConfig(path: string): unknown {
  try {
    return readJson(fs.readFileSync(path, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const [fact, remedy] =
      code === 'ENOENT'
        ? [
            'no such file or directory',
            'Go to the bundle, or name it with --bundle; boxwright-runc spec writes a config.json',
          ]
        : [message, 'It is to be JSON: runtime-spec config.md']
    throw new Error(`Cannot read "${path}": ${fact}\n  ${remedy}`, { cause: error })
  }
}
