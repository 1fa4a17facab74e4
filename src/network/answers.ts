/** Who answers when a plan asks for a network: launch/ask.ts. */
import { answerTo } from '../launch/ask.ts'
import { BOX } from '../plan/plan.ts'
import { attach } from './attach.ts'
import { startUserMode, stopUserMode } from './user-mode.ts'
import type { Wish } from './wish.ts'

const parse = (json: string): Wish => JSON.parse(json) as Wish

// #region answers
answerTo('cni', {
  play: async (json, box) => {
    attach(parse(json.replaceAll(BOX, String(box))))
    return Promise.resolve(0)
  },
  undo: (json) => {
    attach(parse(json))
    return 0
  },
})

/** Where the machine's network is not ours to change. */
answerTo('user-mode', {
  play: async (json, box) => {
    await startUserMode(parse(json), box)
    return 0
  },
  undo: (json) => {
    stopUserMode(parse(json))
    return 0
  },
})
// #endregion answers
