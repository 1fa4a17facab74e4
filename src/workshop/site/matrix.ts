/** Attack × stage as a table: what was open where, when all attacks were made. */
import type { Row } from '../attacks/matrix.ts'
import { markup, type Markup, type Value } from './markup.ts'

interface Links {
  /** To what is said of an attack. */
  attack?: (name: string) => string
  /** To the lesson of a stage, where there is one. */
  stage?: (number: number) => string | undefined
}

// #region matrix
export function matrix(rows: readonly Row[], links: Links): Markup {
  const stages = Object.keys(rows[0]?.verdicts ?? {}).map(Number)
  return markup`<div class="table" tabindex="0" role="group" aria-label="Table: attacks and stages"><table class="matrix">
<thead><tr><th scope="col">attack</th>${stages.map((stage) => markup`<th scope="col">${linked(String(stage), links.stage?.(stage))}</th>`)}</tr></thead>
<tbody>${rows.map((row) => line(row, links))}</tbody></table></div>`
}
// #endregion matrix

const line = ({ attack, verdicts, unseen = {} }: Row, links: Links): Markup =>
  markup`<tr><th scope="row">${linked(attack, links.attack?.(attack))}</th>${Object.entries(verdicts).map(([stage, verdict]) => markup`<td class="${verdict}"${unseen[stage] !== undefined && markup` title="${unseen[stage]}"`}>${verdict}</td>`)}</tr>
`

const linked = (words: string, to: string | undefined): Value =>
  to === undefined ? words : markup`<a href="${to}">${words}</a>`
