/** LMDB is loaded when it is wanted: most commands can do without. In a program that is compiled it is there already (cli/bundle.mjs). */
import { createRequire } from 'node:module'

export const loadLmdb = (): typeof import('lmdb') => createRequire(import.meta.url)('lmdb') as typeof import('lmdb')
