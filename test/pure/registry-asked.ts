/** Our registry, asked word by word. */
import { once } from 'node:events'
import * as fs from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { describe } from './registry-ground.ts'

export interface Said {
  status: number
  headers: Record<string, unknown>
  text: string
}

export async function ask(
  host: string,
  method: string,
  path: string,
  { headers = {}, body = '' }: { headers?: Record<string, string>; body?: Buffer | string } = {},
): Promise<Said> {
  const asked = request(`http://${host}${path}`, { method, headers, agent: false })
  asked.end(body)
  const [[response]] = await Promise.all([once(asked, 'response') as Promise<[IncomingMessage]>, once(asked, 'finish')])
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }
}

export const codeIn = ({ text }: Said): string | undefined =>
  (JSON.parse(text) as { errors: { code: string }[] }).errors[0]?.code

export async function upload(host: string, bytes: Buffer | string, name = 'team/app'): Promise<Said> {
  const { digest } = describe(bytes)
  return ask(host, 'POST', `/v2/${name}/blobs/uploads/?digest=${digest}`, { body: bytes })
}

export const begin = async (host: string): Promise<string> =>
  String((await ask(host, 'POST', '/v2/team/app/blobs/uploads/')).headers['location'])

export const filesIn = (path: string): string[] =>
  (fs.readdirSync(path, { recursive: true }) as string[]).filter((name) => fs.statSync(join(path, name)).isFile())
