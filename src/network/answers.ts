/** Who answers when a plan asks for a network: launch/ask.ts. */
import { BOX } from '../plan/plan.ts'
import { answerTo } from '../launch/ask.ts'
import { attach, type Wish } from './attach.ts'

// #region answers
answerTo('cni', {
  play: async (json, box) => {
    attach(JSON.parse(json.replaceAll(BOX, String(box))) as Wish)
    return Promise.resolve(0)
  },
  undo: (json) => {
    attach(JSON.parse(json) as Wish)
    return 0
  },
})
// #endregion answers
