/**
 * The Container Network Interface's nouns (CNI SPEC.md, version 1.0.0). A network is a list of plugins; a plugin is a program that is given a
 * command in its environment and its configuration on standard input, and answers on standard output.
 */

/** In which this runtime speaks. A list of plugins came with 0.3.0. */
export const VERSIONS = ['0.3.0', '0.3.1', '0.4.0', '1.0.0'] as const

export type Command = 'ADD' | 'DEL' | 'CHECK' | 'VERSION'

// #region configuration
/** §Section 1: Network configuration format. */
export interface NetworkList {
  cniVersion: string
  name: string
  disableCheck?: boolean
  plugins: PluginConfig[]
}

/** What is in it besides belongs to the plugin. */
export interface PluginConfig {
  type: string
  /** `{ portMappings: true }`: what it wants to be told of each container, in `runtimeConfig`. */
  capabilities?: Record<string, boolean>
  ipam?: { type?: string; [key: string]: unknown }
  [key: string]: unknown
}
// #endregion configuration

// #region attachment
/** §Parameters: one interface of one container in one network. */
export interface Attachment {
  containerId: string
  /** A path to the network namespace; of a container that is gone, nothing. */
  netns: string
  ifName: string
  /** CNI_ARGS: `K=V;K=V`. */
  args?: string
  /** By capability: what the plugins are to be told. */
  capabilities?: Record<string, unknown>
}
// #endregion attachment

// #region result
/** §Success. Addresses are in CIDR notation; `interface` is an index into `interfaces`. */
export interface Result {
  cniVersion: string
  interfaces?: { name: string; mac?: string; sandbox?: string }[]
  ips?: { address: string; gateway?: string; interface?: number }[]
  routes?: { dst: string; gw?: string }[]
  dns?: { nameservers?: string[]; domain?: string; search?: string[]; options?: string[] }
}
// #endregion result

/** §Error. Codes up to 99 are the specification's, the others a plugin's own. */
export const ERRORS = {
  incompatibleVersion: 1,
  unsupportedField: 2,
  unknownContainer: 3,
  invalidEnvironment: 4,
  ioFailure: 5,
  decodeFailure: 6,
  invalidConfiguration: 7,
  tryAgainLater: 11,
  plugin: 100,
} as const

/** A plugin's refusal: what it printed, and what it is told by. */
export class CniError extends Error {
  override readonly name = 'CniError'
  readonly code: number
  readonly details: string

  constructor(code: number, message: string, details = '', options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.details = details
  }
}
