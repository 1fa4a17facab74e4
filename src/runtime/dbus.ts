/** A connection to a message bus: as much of it as asking systemd takes. The bus knows from the kernel who we are: unix(7), SO_PEERCRED. */
import { connect, type Socket } from 'node:net'
import {
  decodeMessage,
  encodeMessage,
  ERROR,
  METHOD_CALL,
  METHOD_RETURN,
  SIGNAL,
  type Message,
  type Value,
} from './dbus-wire.ts'

/** Where the bus says no: `org.freedesktop.systemd1.UnitExists`, say. */
export class BusError extends Error {
  override readonly name = 'BusError'
  readonly error: string

  constructor(error: string, message: string) {
    super(`${error}: ${message}`)
    this.error = error
  }
}

export interface Call {
  destination: string
  path: string
  interface: string
  member: string
  signature?: string
  body?: Value[]
}

const BUS = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' }

// #region bus
export class Bus implements Disposable {
  readonly #socket: Socket
  #serial = 0
  #rest = Buffer.alloc(0)
  readonly #replies = new Map<number, { resolve: (message: Message) => void; reject: (error: Error) => void }>()
  readonly #listeners = new Set<(signal: Message) => void>()

  /** @param address as in DBUS_SYSTEM_BUS_ADDRESS. @throws Error when nobody listens there, or they will not have us. */
  static async open(address: string): Promise<Bus> {
    const socket = await connected(address)
    await greet(socket)
    const bus = new Bus(socket)
    await bus.call({ ...BUS, member: 'Hello' })
    return bus
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#take(chunk))
    for (const end of ['close', 'error']) socket.on(end, () => this.#end())
  }

  /** @returns what the reply holds. @throws BusError */
  async call({ body = [], ...call }: Call): Promise<Value[]> {
    const serial = (this.#serial += 1)
    const reply = new Promise<Message>((resolve, reject) => this.#replies.set(serial, { resolve, reject }))
    this.#socket.write(encodeMessage({ ...call, type: METHOD_CALL, serial, body }))
    return (await reply).body
  }

  /** @param listener is told each signal that fits the rule, and others perhaps. */
  async listen(rule: string, listener: (signal: Message) => void): Promise<void> {
    this.#listeners.add(listener)
    await this.call({ ...BUS, member: 'AddMatch', signature: 's', body: [rule] })
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    for (let next = decodeMessage(this.#rest); next; next = decodeMessage(this.#rest)) {
      this.#rest = this.#rest.subarray(next.length)
      this.#hear(next.message)
    }
  }

  #hear(message: Message): void {
    if (message.type === SIGNAL) for (const listener of this.#listeners) listener(message)
    if (message.type !== METHOD_RETURN && message.type !== ERROR) return
    const waiting = this.#replies.get(message.replyTo ?? 0)
    this.#replies.delete(message.replyTo ?? 0)
    if (message.type === METHOD_RETURN) waiting?.resolve(message)
    else waiting?.reject(new BusError(message.error ?? '', textIn(message)))
  }

  #end(): void {
    for (const { reject } of this.#replies.values())
      reject(new Error('Cannot ask systemd any more: the bus has closed'))
    this.#replies.clear()
  }
}
// #endregion bus

const textIn = ({ body: [text] }: Message): string => (typeof text === 'string' ? text : '')

/** `unix:path=/run/dbus/system_bus_socket`, and others after a semicolon: the first is tried. */
function connected(address: string): Promise<Socket> {
  const path = /unix:(?:path=([^,;]+)|abstract=([^,;]+))/.exec(address)
  const name = path?.[1] ?? `\0${path?.[2] ?? ''}`
  return new Promise((resolve, reject) => {
    const socket = connect(name, () => resolve(socket))
    socket.once('error', (cause) =>
      reject(
        new Error(
          `Cannot ask systemd for a cgroup: nobody listens at "${address}"\n  Start the message bus, or leave --systemd-cgroup out`,
          { cause },
        ),
      ),
    )
  })
}

// #region greet
/** §Authentication Protocol: one line each. Our user's number, in digits, as hexadecimal. */
async function greet(socket: Socket): Promise<void> {
  const user = Buffer.from(String(process.geteuid?.() ?? 0)).toString('hex')
  socket.write(`\0AUTH EXTERNAL ${user}\r\n`)
  const answer = await new Promise<string>((resolve) => {
    socket.once('data', (data: Buffer) => resolve(data.toString()))
    socket.once('close', () => resolve('it has hung up'))
  })
  if (!answer.startsWith('OK '))
    throw new Error(`Cannot ask systemd for a cgroup: the bus says "${answer.trim()}"\n  Ask as a user whom it knows`)
  socket.write('BEGIN\r\n')
}
// #endregion greet
