/** The site of this repository, made once for the tests of a file. */
import { makeSite } from '../../src/workshop/site/site.ts'
import { repository, stages, workshop } from './workshop.ts'

const cuts = [
  { name: '90 minutes', minutes: 90 },
  { name: 'a full day', minutes: 420 },
]

export const wholeSite = (): ReturnType<typeof makeSite> => makeSite({ repository, stages, workshop, cuts })
