import { writeJson } from '../../oci/json.ts'
import { events as eventsOf } from '../../runtime/events.ts'
import { command, CONTAINER } from './command.ts'
import { duration } from './numbers.ts'
import { print } from '../../workshop/print.ts'

// ts-unused-exports:disable-next-line
export const events = command({
  usage: CONTAINER,
  about: 'A line of JSON each time: what it uses, and when its memory has run out. Ends with the container.',
  options: {
    interval: { value: 'TIME', about: 'how often (default: 5s)' },
    stats: { about: 'once, and no more' },
  },
  words: [1, 1],
  run: async ({ interval = '5s', stats = false }, [id = ''], { settings }) => {
    const milliseconds = duration('interval', interval)
    for await (const event of eventsOf(settings, id, { milliseconds, once: stats })) print(writeJson(event))
  },
})
