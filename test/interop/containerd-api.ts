/** What ctr has no command for: one call of containerd's gRPC API, as it is on the wire. */
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'

const SOCKET = '/run/containerd/containerd.sock'
const RESOURCES = 'types.containerd.io/opencontainers/runtime-spec/1/LinuxResources'

/** `containerd.services.tasks.v1.Tasks/Update`, which makes a shim call `update --resources - ID`. */
export async function updateTask(id: string, resources: object): Promise<void> {
  const any = Buffer.concat([field(1, Buffer.from(RESOURCES)), field(2, Buffer.from(JSON.stringify(resources)))])
  await call('/containerd.services.tasks.v1.Tasks/Update', Buffer.concat([field(1, Buffer.from(id)), field(2, any)]))
}

async function call(path: string, message: Buffer): Promise<void> {
  const session = connectHttp2('http://localhost', { createConnection: () => connect(SOCKET) })
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    'containerd-namespace': 'default',
  })
  let trailers: Record<string, unknown> = {}
  stream
    .on('trailers', (told: Record<string, unknown>) => (trailers = told))
    .on('response', (told) => (trailers = told))
  const head = Buffer.alloc(5) // not compressed; the length
  head.writeUInt32BE(message.length, 1)
  stream.end(Buffer.concat([head, message]))
  stream.resume()
  await once(stream, 'close')
  session.close()
  if (trailers['grpc-status'] !== '0') throw new Error(`Cannot call ${path}: ${String(trailers['grpc-message'])}`)
}

/** A field of protobuf that has a length: the number and type 2, the length in base 128, the bytes. */
function field(number: number, bytes: Buffer): Buffer {
  const length: number[] = []
  for (let rest = bytes.length; ; rest >>= 7) {
    if (rest < 128) return Buffer.concat([Buffer.from([(number << 3) | 2, ...length, rest]), bytes])
    length.push((rest & 127) | 128)
  }
}
