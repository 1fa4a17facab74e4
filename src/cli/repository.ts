/** Where the workshop stands: lessons, slides, source. From here as from the bundle it is two directories up or one. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const above = ['..', '../..'].map((path) => fileURLToPath(new URL(path, import.meta.url)))

export const repository = above.find((path) => existsSync(`${path}/lessons`)) ?? process.cwd()
