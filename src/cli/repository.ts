/** Where the workshop stands: lessons, slides, source. From here as from the bundle it is two directories up or one. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const above = ['../..', '../../..'].map((path) => join(import.meta.filename, path))

export const repository = above.find((path) => existsSync(`${path}/lessons`)) ?? process.cwd()
