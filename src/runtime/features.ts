/**
 * `features`: what this runtime understands, wherever it runs. runtime-spec features.md, features-linux.md. Every list is the table by which the code
 * itself goes, so that none can promise what is not there.
 */
import { OPTIONS } from '../box/container/options.ts'
import { CAPABILITIES } from '../kernel/capabilities.ts'
import { VERSION } from '../oci/defaults.ts'
import { ACTIONS, ARCHITECTURES, FLAGS, OPERATORS } from '../oci/seccomp.ts'
import { MEMORY_FLAGS, MEMORY_MODES } from '../oci/scheduling.ts'
import { HOOKS, NAMESPACES } from '../oci/spec.ts'
import { ANNOTATION as PROPERTIES } from './systemd-properties.ts'

// #region features
/** @returns what `boxwright-runc features` prints. */
export const features = () => ({
  ociVersionMin: '1.0.0',
  ociVersionMax: VERSION,
  hooks: HOOKS,
  mountOptions: sorted(OPTIONS),
  linux: {
    namespaces: sorted(NAMESPACES),
    capabilities: CAPABILITIES,
    cgroup: { v1: true, v2: true, systemd: true, systemdUser: true, rdma: true },
    seccomp: {
      enabled: true,
      actions: sorted(Object.keys(ACTIONS)),
      operators: sorted(OPERATORS),
      archs: sorted(ARCHITECTURES),
      knownFlags: sorted(Object.keys(FLAGS)),
      supportedFlags: sorted(Object.keys(FLAGS)),
    },
    apparmor: { enabled: true },
    selinux: { enabled: true },
    intelRdt: { enabled: true, schemata: true },
    memoryPolicy: { modes: sorted(Object.keys(MEMORY_MODES)), flags: sorted(Object.keys(MEMORY_FLAGS)) },
    mountExtensions: { idmap: { enabled: true } },
    netDevices: { enabled: true },
  },
  /** They set any property of a systemd unit, which a container of somebody else's is not to do. */
  potentiallyUnsafeConfigAnnotations: [PROPERTIES],
  annotations: { 'org.opencontainers.runc.checkpoint.enabled': 'true' }, // runC's word for it; where CRIU is, and works
})
// #endregion features

const sorted = (words: readonly string[]): string[] => [...words].sort()
