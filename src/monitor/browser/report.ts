/** Shows the values under the pointer in the HTML report. */

import { formatBytes, formatTime } from '../../format.ts'
import { append, byId } from './dom.ts'
import type { HoverData } from './hover-data.ts'

const data = JSON.parse(byId('samples').textContent) as HoverData
const tip = byId('tip')
const span = data.right - data.left
const durationMs = Math.max(data.durationMs, 100)
/** The sample that the arrow keys start from; all pictures share it. */
let current = -1

document.querySelectorAll<HTMLElement>('.picture').forEach((picture, number) => {
  const svg = picture.querySelector('svg')
  if (!svg) return
  const cursor = appendCursor(svg)
  const show = (index: number): void => {
    current = Math.max(0, Math.min(index, data.times.length - 1))
    const x = data.left + (data.times[current]! / durationMs) * span
    const { top = '0', bottom = '0' } = picture.dataset
    cursor.setAttribute('d', `M${x.toFixed(1)} ${top}V${bottom}`)
    cursor.setAttribute('visibility', 'visible')
    fillTip(number, current)
    placeTip(svg, x, Number(top))
  }
  const hide = (): void => {
    tip.hidden = true
    cursor.setAttribute('visibility', 'hidden')
  }
  picture.addEventListener('pointermove', ({ clientX }) => {
    const box = svg.getBoundingClientRect()
    const x = ((clientX - box.left) / box.width) * svg.viewBox.baseVal.width
    if (x < data.left - 8 || x > data.right + 8) hide()
    else show(nearestSample(((x - data.left) / span) * durationMs))
  })
  picture.addEventListener('pointerleave', hide)
  picture.addEventListener('blur', hide)
  picture.addEventListener('keydown', (event) => {
    const step = steps.get(event.key)
    if (event.key === 'Escape') hide()
    if (step === undefined) return
    event.preventDefault()
    show(current + step)
  })
})

const steps: ReadonlyMap<string, number> = new Map([
  ['ArrowLeft', -1],
  ['ArrowRight', 1],
  ['PageUp', -20],
  ['PageDown', 20],
])

/** The vertical line under the pointer, which is hidden at first. */
function appendCursor(svg: SVGSVGElement): SVGPathElement {
  const cursor = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  cursor.setAttribute('class', 's-text line')
  cursor.setAttribute('visibility', 'hidden')
  svg.append(cursor)
  return cursor
}

function nearestSample(ms: number): number {
  const { times } = data
  let low = 0
  let high = times.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < ms) low = middle + 1
    else high = middle
  }
  return low > 0 && ms - times[low - 1]! < times[low]! - ms ? low - 1 : low
}

function fillTip(picture: number, sample: number): void {
  tip.replaceChildren()
  const phase = data.phaseNames[data.phases[sample] ?? -1]
  append(tip, 'div', 'when', formatTime(data.times[sample]!) + (phase ? ` \u00b7 ${phase}` : ''))
  for (const { label, ink, valuesKiB } of data.pictures[picture] ?? []) {
    const kib = valuesKiB[sample] ?? undefined
    if (kib === 0) continue
    const row = append(tip, 'div', 'row')
    append(row, 'span', `swatch ${ink ? `i-${ink}` : 'sum'}`)
    append(row, 'span', 'label', label)
    append(row, 'span', 'size', formatBytes(kib === undefined ? undefined : kib * 1024))
  }
  tip.hidden = false
}

/** Puts the box beside the line: to its left where there is no room to its right. */
function placeTip(svg: SVGSVGElement, x: number, top: number): void {
  const box = svg.getBoundingClientRect()
  const scale = box.width / svg.viewBox.baseVal.width
  const at = box.left + x * scale
  const isLeft = at + 16 + tip.offsetWidth > document.documentElement.clientWidth
  const left = isLeft ? at - 16 - tip.offsetWidth : at + 16
  tip.style.left = `${Math.max(4, left + scrollX)}px`
  tip.style.top = `${box.top + scrollY + top * scale + 12}px`
}
