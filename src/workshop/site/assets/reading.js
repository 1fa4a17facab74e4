/** While reading: the contents say where one is, and Tab stops only at code that is wider than its place. */
'use strict'
{
  const stops = new ResizeObserver((entries) => {
    for (const { target } of entries) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1
  })
  for (const block of document.querySelectorAll('pre[tabindex], .table[tabindex]')) stops.observe(block)

  const links = new Map([...document.querySelectorAll('.contents a')].map((link) => [link.hash.slice(1), link]))
  const headings = [...links.keys()].map((id) => document.getElementById(id))

  const show = () => {
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 3)
    const here = passed.at(-1)?.id
    for (const [id, link] of links) {
      if (id === here) link.setAttribute('aria-current', 'location')
      else link.removeAttribute('aria-current')
    }
  }
  if (headings.length > 0) {
    addEventListener('scroll', show, { passive: true })
    show()
  }
}
