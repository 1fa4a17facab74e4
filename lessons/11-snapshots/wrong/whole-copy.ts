/** Each snapshot is a copy of all that is below it. It keeps boxes apart, and takes the disk of a hundred machines. */
import type { Driver } from '../../../src/snapshot/driver.ts'
import { native } from '../../../src/snapshot/native.ts'

export const diagnosis = 'copy'

export const overlay = (): Driver => ({ ...native, name: 'overlay' })
