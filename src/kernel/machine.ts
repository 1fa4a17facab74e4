/** What a plan has to know of the machine that it will run on. Facts only, so that a plan for any machine can be made on any other. */
import { readCgroups, type Cgroups } from './cgroups.ts'
import { readNetwork, type Network } from './network.ts'
import { readSecurity, type Security } from './security.ts'
import { readUsers, type Users } from './users.ts'

export interface Machine {
  cgroups: Cgroups
  users: Users
  security: Security
  network: Network
}

export const readMachine = (): Machine => ({
  cgroups: readCgroups(),
  users: readUsers(),
  security: readSecurity(),
  network: readNetwork(),
})
