/** Dark or light: what the system says, until somebody says something else. Where a page may keep nothing, that lasts as long as the page. */
'use strict'
{
  const root = document.documentElement
  const system = matchMedia('(prefers-color-scheme: dark)')

  const kept = () => {
    try {
      return localStorage.getItem('light')
    } catch {
      return null
    }
  }
  const keep = (light) => {
    try {
      localStorage.setItem('light', light)
    } catch {
      // A page on a disk may not be allowed to.
    }
  }
  const isDark = () => (root.dataset.light ? root.dataset.light === 'dark' : system.matches)

  // Before anything is painted.
  const before = kept()
  if (before === 'dark' || before === 'light') root.dataset.light = before

  document.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('light')
    const name = () => (button.textContent = isDark() ? 'Light' : 'Dark')
    button.addEventListener('click', () => {
      root.dataset.light = isDark() ? 'light' : 'dark'
      keep(root.dataset.light)
      name()
    })
    system.addEventListener('change', name)
    name()
    button.hidden = false
  })
}
