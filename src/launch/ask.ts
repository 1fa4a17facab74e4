/**
 * Steps of the host lane that the launcher hands back to Node, since they are more than system calls: a CNI plugin's whole conversation, say.
 * Rooms above this one say what they can be asked for.
 */

// #region ask
export interface Player {
  /** @param box the box's process number. @returns an errno: 0 when it has done its work. */
  play(json: string, box: number): Promise<number>
  /** Takes away what was played, even when the box, and whoever played it, are gone. @returns an errno. */
  undo(json: string): number
}

const players = new Map<string, Player>()

export function answerTo(what: string, player: Player): void {
  players.set(what, player)
}

/** @throws TypeError when nobody has said that they can do this. */
export function playerOf(what: string): Player {
  const player = players.get(what)
  if (!player) throw new TypeError(`Cannot play ask("${what}"): nobody in this program answers to that`)
  return player
}
// #endregion ask
