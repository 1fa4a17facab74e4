/** A token is a token: it does not say what it wants one for. */
import { program, type Headers } from '../given.ts'
import { Puller } from '../solution.ts'

export const diagnosis = 'token'

class Wrong extends Puller {
  override async token({ headers }: Response): Promise<Headers> {
    const challenge = headers.get('www-authenticate') ?? ''
    const [, realm = ''] = /realm="([^"]*)"/.exec(challenge) ?? []
    const answer = (await (await fetch(realm)).json()) as { token: string }
    return { authorization: `Bearer ${answer.token}` }
  }
}

program(import.meta, (reference, layout) =>
  new Wrong(reference, layout).pull(reference.tag ?? ''),
)
