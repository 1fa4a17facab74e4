/** The site of this repository, made once for the tests of a file. */
import { makeSite } from '../../src/workshop/site/site.ts'
import { repository, stages, workshop } from './workshop.ts'

const cuts = [
  ['90 minutes', 90],
  ['a full day', 420],
] as const

export const wholeSite = (): ReturnType<typeof makeSite> => makeSite({ repository, stages, workshop, cuts })
