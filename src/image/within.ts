/** The process that looks: started by look.ts where an image's files are. It follows no link out of them. */
import { writeSync } from 'node:fs'
import { readAccounts } from './accounts.ts'

writeSync(1, JSON.stringify(readAccounts(process.argv[2] ?? '')))
