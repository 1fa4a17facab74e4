/** A real browser, and the two ways in which a folder of pages is read: from the disk, and from a web server on this machine. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

/** For a test's options: `{ skip: skipWithoutChromium }`. */
export const skipWithoutChromium: string | false = existsSync(CHROMIUM)
  ? false
  : `there is no ${CHROMIUM} here (apt-get install chromium)`

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Its profile is made for it, and goes away with it. */
export const launch = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: QUIET })

/** How many windows: each test has its own, and the work is theirs. */
export const AT_ONCE = availableParallelism()

/** The machine may be loaded: this is when to give up, and never what is tested. */
export const PATIENCE_MS = 120_000

export interface Folder extends AsyncDisposable {
  path: string
  /** What its pages' addresses begin with, when they are read from the disk or from a server. */
  bases: { disk: string; server: string }
}

export async function openFolder(write: (directory: string) => void): Promise<Folder> {
  const path = mkdtempSync(join(tmpdir(), 'boxwright-pages-'))
  write(join(path, 'site'))
  // A connection that the server closes while the browser asks through it anew is a question that nobody hears.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const file = join(path, 'site', normalize(new URL(request.url ?? '/', 'http://x').pathname))
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream')
    if (existsSync(file)) response.end(readFileSync(file))
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    path: join(path, 'site'),
    bases: { disk: `file://${path}/site/`, server: `http://127.0.0.1:${port}/` },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(path, { recursive: true, force: true })
    },
  }
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}
