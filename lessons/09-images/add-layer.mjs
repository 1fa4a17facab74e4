/** `node add-layer.mjs LAYOUT LAYER.tar`: one more layer on the image that lies in the directory. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

// #region add
const [, , layout, tar] = process.argv
const json = (path) => JSON.parse(readFileSync(`${layout}/${path}`))
const thing = ({ digest }) => json(`blobs/${digest.replace(':', '/')}`)

// #region put
function put(bytes) {
  const hash = createHash('sha256').update(bytes).digest('hex')
  writeFileSync(`${layout}/blobs/sha256/${hash}`, bytes)
  return { digest: `sha256:${hash}`, size: Buffer.byteLength(bytes) }
}
// #endregion put

const index = json('index.json')
const [image] = index.manifests
const manifest = thing(image)
const config = thing(manifest.config)

const layer = put(readFileSync(tar))
config.rootfs.diff_ids.push(layer.digest)
config.history.push({ created_by: 'hand' })
manifest.layers.push({
  mediaType: 'application/vnd.oci.image.layer.v1.tar',
  ...layer,
})
Object.assign(manifest.config, put(JSON.stringify(config)))
Object.assign(image, put(JSON.stringify(manifest)))
writeFileSync(`${layout}/index.json`, JSON.stringify(index))
// #endregion add
