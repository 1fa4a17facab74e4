/** This repository, and its stages as lessons and slides ask for them. */
import { fileURLToPath } from 'node:url'
import { stages } from '../../src/cli/all-stages.ts'
import { workshopOf } from '../../src/cli/workshop.ts'

export const repository = fileURLToPath(new URL('../..', import.meta.url))

export { stages }
export const workshop = workshopOf(stages)
