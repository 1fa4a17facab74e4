/** `boxwright bundle DIRECTORY -- COMMAND`: something to try a runtime with. */
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandModule } from 'yargs'
import { ensureBase } from '../image/base.ts'
import { imageDirectory } from '../image/directory.ts'
import { defaultConfig } from '../oci/default-config.ts'
import { writeJson } from '../oci/json.ts'
import { Complaint } from '../workshop/complaint.ts'

interface Arguments {
  directory: string
  '--'?: string[]
}

export const bundleCommand: CommandModule<object, Arguments> = {
  command: 'bundle <directory>',
  describe: 'make a bundle: root file system and config.json',
  builder: (yargs) =>
    yargs
      .parserConfiguration({ 'populate--': true, 'parse-numbers': false, 'parse-positional-numbers': false })
      .positional('directory', { type: 'string', demandOption: true, describe: 'to be made' })
      .epilogue('boxwright bundle box -- sh -c "echo hello"\nboxwright-runc run --bundle box hello'),
  handler: ({ directory, '--': args = ['sh'] }) => {
    if (existsSync(directory))
      throw new Complaint(
        `Cannot make the bundle "${directory}": there is something of that name\n  Choose another name`,
      )
    mkdirSync(directory, { recursive: true })
    cpSync(ensureBase(imageDirectory()).path, join(directory, 'rootfs'), { recursive: true, verbatimSymlinks: true })
    const { process, ...config } = defaultConfig() as { process: object }
    const asked = { ...config, process: { ...process, args, terminal: args.length === 1 && args[0] === 'sh' } }
    writeFileSync(join(directory, 'config.json'), `${writeJson(asked, '  ')}\n`)
  },
}
