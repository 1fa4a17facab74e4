import assert from 'node:assert/strict'
import test from 'node:test'
import { schedule, slotsOf, type Slot } from '../../src/workshop/desk/schedule.ts'
import { seeded } from './random.ts'

type Lesson = Parameters<typeof schedule>[0][number]

const lesson = (number: number, teaching: number, exercises: number, needs: string[] = []): Lesson => ({
  number,
  name: `0${number}-l${number}`,
  title: `l${number}`,
  minutes: { teaching, exercises },
  needs,
})

const course = [lesson(1, 20, 15), lesson(2, 20, 20, ['l1']), lesson(3, 25, 20, ['l2']), lesson(4, 20, 15)]

const told = (slots: Slot[]): string[] =>
  slots.map(({ at, minutes, lesson, what }) => `${at}+${minutes} ${lesson?.title ?? ''} ${what}`)

test('a schedule has as many lessons with their exercises as fit', () => {
  assert.deepEqual(told(schedule(course, 90)), ['0+35 l1 lesson and exercise', '35+40 l2 lesson and exercise'])
})

test('a schedule shows a lesson without its exercise when only that fits', () => {
  assert.deepEqual(told(schedule(course, 60)), ['0+35 l1 lesson and exercise', '35+20 l2 lesson alone'])
})

test('a schedule has a break before ninety minutes in a row are over', () => {
  assert.equal(told(schedule(course, 210))[2], '75+15  break')
})

test('a schedule leaves out what builds on a lesson that is left out', () => {
  const slots = schedule([lesson(1, 200, 0), lesson(2, 10, 10, ['l1']), lesson(3, 10, 10)], 90)
  assert.deepEqual(told(slots), ['0+20 l3 lesson and exercise'])
})

test('a second day has what the first has not had, and may build on it', () => {
  const day = { name: 'a second day', minutes: 120, after: 90 }
  assert.deepEqual(told(slotsOf(course, day)), ['0+45 l3 lesson and exercise', '45+35 l4 lesson and exercise'])
  assert.deepEqual(slotsOf(course, { ...day, after: 420 }), [])
})

test('a schedule never exceeds its time, overlaps, or teaches before what is needed', (t) => {
  const { below, pick } = seeded(t)
  for (let n = 0; n < 500; n += 1) {
    const lessons = Array.from({ length: 8 }, (_, i) =>
      lesson(i + 1, 1 + below(40), below(40), i > 0 && below(2) ? [`l${1 + below(i)}`] : []),
    )
    const minutes = pick([30, 90, 210, 420])
    const slots = schedule(lessons, minutes)
    let clock = 0
    for (const slot of slots) {
      assert.equal(slot.at, clock)
      clock += slot.minutes
      const needs = lessons.find(({ number }) => number === slot.lesson?.number)?.needs ?? []
      const before = slots.filter(({ at }) => at < slot.at).map((other) => other.lesson?.title)
      assert.ok(needs.every((need) => before.includes(need)))
    }
    assert.ok(clock <= minutes)
    assert.notEqual(slots.at(-1)?.what, 'break')
  }
})
