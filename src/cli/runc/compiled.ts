/** `boxwright-runc` in Bun, which has compiled it ahead: there is nothing to rehearse. */
import { begin } from './begin.ts'

begin(process.argv.slice(2))
