/** The box that a stage makes, asked of another runtime: the same spec, as the `config.json` of an OCI bundle (runtime-spec config.md). */
import type { Device, Mount, Spec } from '../../oci/spec.ts'

// #region bundle
/** What the specification wants besides, and what a runtime makes unasked. */
export function bundleOf(spec: Spec): string {
  const config = {
    ...spec,
    ociVersion: '1.0.2',
    process: { user: { uid: 0, gid: 0 }, ...spec.process },
    mounts: spec.mounts.map((mount) => (mount.type === 'sysfs' && seesNoNetwork(spec) ? bound(mount) : mount)),
    linux: { ...spec.linux, devices: spec.linux.devices.filter(isAskedFor).map(device) },
  }
  return JSON.stringify(config, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value), 2)
}
// #endregion bundle

/** In a user namespace sysfs can be mounted with a network of its own alone; else the host's is bound (box/binds.ts), and runC wants to be told. */
const seesNoNetwork = ({ linux }: Spec): boolean =>
  ['user', 'network'].map((kind) => linux.namespaces.some(({ type }) => type === kind)).join() === 'true,false'

const bound = (mount: Mount): Mount => ({
  ...mount,
  type: 'bind',
  source: '/sys',
  options: ['rbind', ...mount.options],
})

/** runtime-spec config-linux.md §default-devices. */
const isAskedFor = ({ path }: Device): boolean => !/^\/dev\/(null|zero|full|random|urandom|tty)$/.test(path)

const device = (device: Device): object => ({ uid: 0, gid: 0, ...device })
