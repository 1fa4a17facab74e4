/** A repository of a registry, as a command line names it. */
import type { Argv } from 'yargs'
import { parseReference, type Reference } from '../../oci/reference.ts'
import { Client, type Repository } from '../../registry/client.ts'
import { Complaint } from '../../workshop/complaint.ts'

export interface NamedArguments {
  name: string
  insecure: boolean
}

export const named = (yargs: Argv, what: string) =>
  yargs
    .positional('name', { type: 'string', demandOption: true, describe: what })
    .option('insecure', { type: 'boolean', default: false, describe: 'plain HTTP will do, and any certificate' })

/** @param act gets a repository, of the first registry that the name may mean. */
export async function asked<T>(
  { name, insecure }: NamedArguments,
  act: (repository: Repository, reference: Reference) => Promise<T>,
): Promise<T> {
  using client = new Client({ insecure })
  const [reference] = client.candidates(parseReference(name))
  if (!reference) throw new Complaint(`Cannot ask for "${name}": there is no registry to ask`)
  return await act(client.repository(reference), reference)
}
