/** This end of the socket that a launcher has: its reports come over it, it is told what it asks, and it ends with it. */
import * as fs from 'node:fs'
import { Socket } from 'node:net'
import { hasCode } from '../kernel/error-code.ts'
import { addon } from './addon.ts'

export interface Line {
  chunks(): AsyncIterable<Buffer>
  write(bytes: Buffer): void
  /** We have no more to say. */
  end(): void
}

// #region line
/** For many at a time: all of them wait in one place, epoll(7). */
export function lineOfMany(fd: number): Line {
  const socket = new Socket({ fd })
  socket.on('error', () => {}) // one that was killed has not read what it was told: its end follows
  return {
    chunks: () => socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>,
    write: (bytes) => void socket.write(bytes),
    end: () => {
      socket.resume()
      socket.end()
    },
  }
}

/**
 * For the only one of a process that has just begun. What comes soon is waited for here: to have a thread wait, and be woken by it, takes longer than a box.
 * Then, and when a signal has come, a thread waits in read(2), and signals can be heard. Node's network takes six milliseconds to load (measured).
 */
export function lineOfOne(fd: number): Line {
  let isOpen = true
  const end = (): void => {
    if (isOpen) fs.closeSync(fd)
    isOpen = false
  }
  return { chunks: () => chunksFrom(fd, end), write: (bytes) => void fs.writeSync(fd, bytes), end }
}

async function* chunksFrom(fd: number, end: () => void): AsyncGenerator<Buffer> {
  for (let chunk = await read(fd); chunk.length > 0; chunk = await read(fd)) yield chunk
  end()
}

async function read(fd: number): Promise<Buffer> {
  const bytes = Buffer.alloc(4096)
  try {
    return bytes.subarray(0, addon().readable(fd, SOON_MS) ? fs.readSync(fd, bytes) : await readLater(fd, bytes))
  } catch (error) {
    if (!hasCode(error, ...GONE)) throw error
    return bytes.subarray(0, 0)
  }
}

const SOON_MS = 50

const readLater = (fd: number, bytes: Buffer): Promise<number> =>
  new Promise((resolve, reject) => fs.read(fd, bytes, (error, length) => (error ? reject(error) : resolve(length))))

/** Its end: it was killed, or we have had no more to say. */
const GONE = ['ECONNRESET', 'EBADF']
// #endregion line
