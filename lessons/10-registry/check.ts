/** What the judge looks for after lesson 10: it was the registry, so it knows what was asked, and it looks at what came of it. distribution-spec. */
import type { Check } from '../../src/workshop/judge/check.ts'
import type { PulledFacts } from '../../src/workshop/judge/pull-facts.ts'

const LESSON = 10

// #region checks
export const registryChecks: Check[] = [
  {
    id: 'pulled',
    lesson: LESSON,
    title: 'an image comes',
    expected: () =>
      'the layout has the manifest, the configuration and all layers, and index.json names it',
    look: ({ pulled, end }) =>
      pulled?.plain.isWhole && pulled.plain.status === 0
        ? undefined
        : {
            found: `${seen(pulled?.plain)}${words(end.stderr)}`,
            cause:
              'A blob goes to blobs/sha256, under its digest without "sha256:"; oci-layout and index.json come last',
          },
    hints: [
      'Two kinds of things are asked for. By which names?',
      'distribution-spec spec.md, Pulling manifests: "To pull a manifest, perform a `GET` request to a URL in the following form".',
      '+  await this.manifest(name)\n+  for (const one of childrenOf(document)) await this.blob(one)',
    ],
    why: 'a manifest is a list of digests, and each digest is a path at the registry: two kinds of GET are all there is to pulling.',
  },
  {
    id: 'platform',
    lesson: LESSON,
    title: 'of several, the one for this machine',
    needs: 'pulled',
    expected: () =>
      'of an index, all of the manifest for this platform, and nothing of the others',
    look: ({ pulled }) => {
      const others = foreignAsked(pulled?.platform)
      return pulled?.platform.isWhole && others === 0
        ? undefined
        : {
            found: `${seen(pulled?.platform)}; ${others} things of other platforms were asked for`,
            cause: 'What the index has first is for another machine',
          }
    },
    hints: [
      'The same name, and people with other processors pull it too. Who chooses?',
      'image-spec image-index.md: "a higher-level manifest which points to specific image manifests, ideal for one or more platforms".',
      '-  const [first] = manifests\n+  const [best] = runnable(manifests, hostPlatform())',
    ],
    why: 'the registry does not know who you are: it gives out the whole list, and the client takes what it can run.',
  },
  {
    id: 'believed',
    lesson: LESSON,
    title: 'what is not what its name says is refused',
    needs: 'pulled',
    expected: () =>
      'the program ends with another status than 0, and the layout names nothing and has no such blob',
    look: ({ pulled }) => {
      const { layer, manifest } = pulled?.spoilt ?? {}
      const taken = [
        ...(isRefused(layer) ? [] : ['a layer']),
        ...(isRefused(manifest) ? [] : ['a manifest']),
      ]
      return taken.length === 0
        ? undefined
        : {
            found: `${taken.join(' and ')} with other bytes than its digest says was taken`,
            cause: 'The digest of what has come is not compared with its name',
          }
    },
    hints: [
      'Between you and the registry there are machines that you know nothing of. How do you know that nobody has changed anything?',
      'distribution-spec spec.md, Pulling blobs: "Clients SHOULD verify that the response body matches the requested digest.".',
      "+  if (digestOf(bytes) !== digest) throw new Error('…')",
    ],
    why: 'a digest cannot be fulfilled by anything else: whoever has the right one may get the bytes from anybody.',
  },
  {
    id: 'resume',
    lesson: LESSON,
    title: 'after a break it goes on, and not from the start',
    needs: 'pulled',
    expected: () =>
      'each layer breaks off twice; every further request begins behind what has come',
    look: ({ pulled }) => {
      const { starts = [] } = pulled?.broken ?? {}
      return pulled?.broken.isWhole && starts.every(isRising)
        ? undefined
        : {
            found: `${seen(pulled?.broken)}; the requests began at bytes ${starts.map((one) => one.join(', ')).join(' · ')}`,
            cause: starts.every(({ length }) => length < 2)
              ? 'It is asked once, and then given up'
              : 'What had come was thrown away, or asked for again',
          }
    },
    hints: [
      'Nine hundred megabytes of a gigabyte have come, and the connection is gone. What do you want to ask for?',
      'RFC 9110 §14.2: "The "Range" header field on a GET request modifies the method semantics to request transfer of only one or more subranges of the selected representation data".',
      '+  { range: `bytes=${sizeOf(part)}-` }   // answered by 206; a 200 is all of it again',
    ],
    why: 'a digest is for all of the bytes, however many goes they took: the pieces need no digests of their own.',
  },
  {
    id: 'token',
    lesson: LESSON,
    title: 'who is asked for a token gets one',
    needs: 'pulled',
    expected: () =>
      'a 401 is answered by a token of its realm, for its service and scope',
    look: ({ pulled }) =>
      pulled?.token.isWhole
        ? undefined
        : {
            found: `${seen(pulled?.token)}; of the realm was asked: ${realmAsked(pulled?.token)}`,
            cause: realmAsked(pulled?.token)
              ? 'The token is good for nothing: service and scope of the challenge were not named, or it was not shown'
              : 'What WWW-Authenticate says is not read',
          },
    hints: [
      'The registry does not want to know you. Who does, and where is that said?',
      'RFC 9110 §11.6.1: "A server generating a 401 (Unauthorized) response MUST send a WWW-Authenticate header field containing at least one challenge".',
      '+  url.search = new URLSearchParams({ service, scope }).toString()\n+  { authorization: `Bearer ${token}` }',
    ],
    why: 'the registry itself knows no accounts: it believes whoever gives out tokens, and a token says what it is good for.',
  },
  {
    id: 'strangers',
    lesson: LESSON,
    title: 'it goes where it is sent, and shows nothing there',
    needs: 'token',
    expected: () =>
      'the blobs come from another host, which sees no Authorization',
    look: ({ pulled }) => {
      const shown = (pulled?.sent.asked ?? []).some(
        ({ of, authorization }) =>
          of === 'storage' && authorization !== undefined,
      )
      if (pulled?.sent.isWhole && !shown) return undefined
      return shown
        ? {
            found: 'the token was shown to a host that had not asked for it',
            cause:
              'The headers of the first request are sent along to the next host as they are',
          }
        : {
            found: seen(pulled?.sent),
            cause:
              'A 307 is an answer without a blob: what is wanted is where its Location says',
          }
    },
    hints: [
      'Somebody writes an index, and in it a blob that is at a host of theirs. What do they learn of you?',
      'RFC 9110 §15.4: "Resource-specific header fields, including (but not limited to) Referer, Origin, Authorization, and Cookie".',
      '+  const next = new URL(location, url)\n+  const { authorization: _, ...rest } = headers   // unless next.host is url.host',
    ],
    why: 'a token is for whoever has asked for it. The blob needs none of it: its digest says whether it is the right one.',
  },
]
// #endregion checks

const seen = (facts: PulledFacts | undefined): string =>
  facts?.isWhole
    ? 'the image is there'
    : `the program ended with ${facts?.status}, and the layout lacks something`

const words = (stderr: string): string =>
  stderr === '' ? '' : `: ${stderr.trim().split('\n').at(-1) ?? ''}`

function isRefused(facts: PulledFacts | undefined): boolean {
  if (facts === undefined) return false
  const { status, wrong, named } = facts
  return status !== 0 && wrong.length === 0 && named.length === 0
}

const isRising = (starts: readonly number[]): boolean =>
  starts.length > 2 &&
  starts.every((start, n) => n === 0 || start > (starts[n - 1] ?? 0))

const realmAsked = (facts: PulledFacts | undefined): number =>
  (facts?.asked ?? []).filter(({ of }) => of === 'realm').length

function foreignAsked(
  facts: (PulledFacts & { foreign: string[] }) | undefined,
): number {
  const { asked = [], foreign = [] } = facts ?? {}
  return foreign.filter((digest) =>
    asked.some(({ path }) => path.endsWith(digest)),
  ).length
}
