/** What shows a registry who we are. */

export type Credentials =
  | { username: string; password: string }
  /** OAuth's refresh token: good for tokens, and nothing else. */
  | { identityToken: string }
  /** A token as it is. */
  | { registryToken: string }
