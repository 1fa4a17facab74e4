/* A classic script, so that a deck opens from disk as well. */
Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0.02,
  controls: true,
  progress: true,
  slideNumber: 'c/t',
  hash: true,
  pdfSeparateFragments: false,
  transition: 'none',
  center: false,
  plugins: [RevealNotes],
}).then(light)

for (const event of ['slidechanged', 'fragmentshown', 'fragmenthidden']) Reveal.on(event, light)

/** The lines of the present step are lit, the others are dimmed; before the first step all are lit. */
function light() {
  for (const block of document.querySelectorAll('.reveal pre.quote')) {
    const steps = [...block.parentElement.querySelectorAll('.step.visible')]
    const step = steps[steps.length - 1]
    block.querySelectorAll('.line').forEach((line, n) => {
      const lit = !step || (n + 1 >= Number(step.dataset.first) && n + 1 <= Number(step.dataset.last))
      line.classList.toggle('dimmed', !lit)
    })
  }
}
