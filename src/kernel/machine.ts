/** What a plan has to know of the machine that it will run on. Facts only, so that a plan for any machine can be made on any other. */
import { readCgroups, type Cgroups } from './cgroups.ts'
import { readResolver } from './resolver.ts'
import { readSecurity, type Security } from './security.ts'
import { readUsers, type Users } from './users.ts'

export interface Machine {
  cgroups: Cgroups
  users: Users
  security: Security
  /** Lines of resolv.conf(5) that a box with a network of its own can use, too. */
  resolver: string[]
}

export const readMachine = (): Machine => ({
  cgroups: readCgroups(),
  users: readUsers(),
  security: readSecurity(),
  resolver: readResolver(),
})
