/** The script that reads values off the picture. */

/**
 * What the script finds in its page: `#samples` holds {@link HoverData}, `.picture` the pictures,
 * `#tip` an empty box. It writes text only, never markup.
 */
export interface HoverData {
  /** Edges of the frame in the pixels of the picture. */
  readonly left: number
  readonly right: number
  readonly durationMs: number
  /** Milliseconds after the start, rising. */
  readonly times: readonly number[]
  /** Name of the phase at each time, as a number in `phaseNames`; -1 for none. */
  readonly phases: readonly number[]
  readonly phaseNames: readonly string[]
  /** For each picture its lines from the top down, in kB; `null` is not known. */
  readonly pictures: readonly (readonly HoverLine[])[]
}

export interface HoverLine {
  readonly label: string
  /** The colour's name, or nothing for a line that is no layer. */
  readonly ink: string
  readonly values: readonly (number | null)[]
}

/** Plain JavaScript for any browser of the last years, without a dependency. */
export const hoverScript = `
const data = JSON.parse(document.getElementById('samples').textContent)
const tip = document.getElementById('tip')
const units = ['kB', 'MB', 'GB', 'TB', 'PB']
let current = -1

const formatSize = (kB) => {
  if (kB === null) return 'n/a'
  let unit = 0
  for (; kB >= 999.5 && unit < units.length - 1; unit++) kB /= 1000
  return kB.toFixed(kB >= 99.95 || unit === 0 ? 0 : kB >= 9.995 ? 1 : 2) + ' ' + units[unit]
}
const formatTime = (ms) => {
  if (ms < 1000) return Math.round(ms) + ' ms'
  if (ms < 100000) return (ms / 1000).toFixed(1) + ' s'
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60) % 60
  const rest = minutes + ' min ' + (seconds % 60) + ' s'
  return seconds < 3600 ? rest : Math.floor(seconds / 3600) + ' h ' + rest
}
const nearest = (ms) => {
  let low = 0
  let high = data.times.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (data.times[middle] < ms) low = middle + 1
    else high = middle
  }
  return low > 0 && ms - data.times[low - 1] < data.times[low] - ms ? low - 1 : low
}
const add = (parent, name, className, text) => {
  const node = parent.appendChild(document.createElement(name))
  node.className = className
  if (text !== undefined) node.textContent = text
  return node
}

document.querySelectorAll('.picture').forEach((picture, number) => {
  const svg = picture.querySelector('svg')
  const cursor = svg.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'path'))
  cursor.setAttribute('class', 's-text line')
  cursor.setAttribute('visibility', 'hidden')
  const span = data.right - data.left
  const show = (index) => {
    current = Math.max(0, Math.min(index, data.times.length - 1))
    const x = data.left + (data.times[current] / Math.max(data.durationMs, 100)) * span
    const box = svg.getBoundingClientRect()
    const scale = box.width / svg.viewBox.baseVal.width
    cursor.setAttribute('d', 'M' + x.toFixed(1) + ' ' + picture.dataset.top + 'V' + picture.dataset.bottom)
    cursor.setAttribute('visibility', 'visible')
    tip.textContent = ''
    const phase = data.phaseNames[data.phases[current]]
    add(tip, 'div', 'when', formatTime(data.times[current]) + (phase ? ' \\u00b7 ' + phase : ''))
    for (const line of data.pictures[number]) {
      if (line.values[current] === 0) continue
      const row = add(tip, 'div', 'row')
      add(row, 'span', 'swatch ' + (line.ink ? 'i-' + line.ink : 'sum'))
      add(row, 'span', 'label', line.label)
      add(row, 'span', 'size', formatSize(line.values[current]))
    }
    tip.hidden = false
    const left = box.left + x * scale
    const flip = left + 16 + tip.offsetWidth > document.documentElement.clientWidth
    tip.style.left = Math.max(4, (flip ? left - 16 - tip.offsetWidth : left + 16) + scrollX) + 'px'
    tip.style.top = box.top + scrollY + picture.dataset.top * scale + 12 + 'px'
  }
  const hide = () => {
    tip.hidden = true
    cursor.setAttribute('visibility', 'hidden')
  }
  picture.addEventListener('pointermove', (event) => {
    const box = svg.getBoundingClientRect()
    const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width
    if (x < data.left - 8 || x > data.right + 8) return hide()
    show(nearest(((x - data.left) / span) * Math.max(data.durationMs, 100)))
  })
  picture.addEventListener('pointerleave', hide)
  picture.addEventListener('blur', hide)
  picture.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key]
    if (event.key === 'Escape') return hide()
    if (!step) return
    event.preventDefault()
    show(current + step)
  })
})
`
