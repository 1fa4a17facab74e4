/** A way to a server on which every byte that comes back is counted. Not for what is timed. */
import { connect, createServer, type AddressInfo } from 'node:net'

export interface Counted extends AsyncDisposable {
  host: string
  bytes: () => number
}

export async function counted(to: string): Promise<Counted> {
  let bytes = 0
  const server = createServer((near) => {
    const far = connect(Number(to.split(':')[1]), '127.0.0.1')
    near.pipe(far).pipe(near)
    far.on('data', (chunk: Buffer) => void (bytes += chunk.length))
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => bytes,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
