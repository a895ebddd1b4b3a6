/** Marks the peak of a run, its budgets and its limit. */

import { peakMs, peakOf, peakSample } from '../../record/phase-peaks.ts'
import { known, largest, mainColumn } from '../../record/run-data.ts'
import type { RunData } from '../../record/run-data.ts'
import { formatBytes, formatPeak, formatTime } from '../../../format.ts'
import { FreeSpace } from './free-space.ts'
import type { Box } from './free-space.ts'
import type { Frame } from './frame.ts'
import { element, join, type Markup, text, textWidth } from '../../../pictures/internal.ts'

/** Most bytes of hard memory that a run, or a phase of it, may use. */
export interface Budget {
  readonly bytes: number
  /** Default is the whole run. */
  readonly phase?: string
}

/** A horizontal line at a size, over the whole frame or a part of it. */
interface Rule {
  readonly bytes: number
  readonly label: string
  readonly spans: readonly { readonly from: number; readonly to: number }[]
  readonly isBroken: boolean
}

const labelHeight = 15

/** Draws budgets, the limit, and the peak with its size, so that no label covers another. */
export function drawAnnotations(data: RunData, frame: Frame, budgets: readonly Budget[]): Markup {
  const { left, right, top, bottom } = frame
  const space = new FreeSpace({
    x: left,
    y: top - 2,
    width: right - left,
    height: bottom - top + 2,
  })
  const rules = [
    ...budgets.map((budget) => budgetRule(data, frame, budget)),
    ...limitRule(data, frame),
  ]
  const visible = rules.filter(({ bytes }) => bytes <= frame.y.domain()[1]!)
  const dot = peakDot(data, frame)
  if (dot) space.take({ x: dot.x - 6, y: dot.y - 6, width: 12, height: 12 })
  for (const { bytes, spans } of visible) {
    for (const { from, to } of spans) {
      space.take({ x: from, y: frame.y(bytes) - 1, width: to - from, height: 2 })
    }
  }
  // The peak is what readers look for, so its label chooses first.
  const peak = dot ? drawPeak(dot, space) : join()
  return join(
    ...visible.map((rule) => drawRule(rule, frame, space)),
    peak,
    drawCutCache(data, frame, space),
  )
}

/** Says how far the file cache goes on where the picture cuts it off. */
function drawCutCache(data: RunData, frame: Frame, space: FreeSpace): Markup {
  const highest = largest(data.total.fileBacked ?? new Float64Array())
  if (highest === undefined || highest + (data.peak.hard ?? 0) < frame.y.domain()[1]!) return join()
  const tops = data.times.findIndex((_, sample) => {
    const cache = data.total.fileBacked![sample]! + (data.total.hard?.[sample] ?? 0)
    return cache > frame.y.domain()[1]!
  })
  if (tops < 0) return join()
  const label = `\u2191 file cache up to ${formatBytes(highest)}`
  const width = textWidth(label, 12) + 4
  const start = Math.min(frame.x(data.times[tops]!) + 6, frame.right - width)
  const places = [0, 1, 2].map((row) => ({
    x: start,
    y: frame.top + 3 + row * (labelHeight + 4),
    width,
    height: labelHeight,
  }))
  const place = places[space.takeFirst(places.map((box) => [box]))]
  return place
    ? element('text', { class: 'muted halo', x: place.x + 2, y: place.y + 12 }, text(label))
    : join()
}

function budgetRule(data: RunData, { x, left, right }: Frame, budget: Budget): Rule {
  const phases = data.phases.filter(({ name }) => name === budget.phase)
  const spans = phases.map(({ startMs, endMs }) => ({ from: x(startMs), to: x(endMs) }))
  const peak = budget.phase === undefined ? data.peak : peakOf(data, phases).peak
  const of = budget.phase === undefined ? '' : ` of ${budget.phase}`
  return {
    bytes: budget.bytes,
    label: `budget${of} ${formatBytes(budget.bytes)}`,
    spans: budget.phase === undefined ? [{ from: left, to: right }] : spans,
    isBroken: (peak.hard ?? 0) > budget.bytes && !peak.isBound,
  }
}

function limitRule({ limit }: RunData, { left, right }: Frame): Rule[] {
  if (limit === undefined) return []
  const label = `limit ${formatBytes(limit)}`
  return [{ bytes: limit, label, spans: [{ from: left, to: right }], isBroken: false }]
}

function drawRule({ bytes, label, spans, isBroken }: Rule, frame: Frame, space: FreeSpace): Markup {
  const y = Math.round(frame.y(bytes)) + 0.5
  const width = textWidth(label, 12) + 4
  const widest = [...spans].sort((a, b) => b.to - b.from - (a.to - a.from))[0]
  const places = widest
    ? [widest.to - width - 4, widest.from + 4, (widest.from + widest.to - width) / 2].flatMap(
        (x) => [
          { x, y: y - labelHeight - 2, width, height: labelHeight },
          { x, y: y + 2, width, height: labelHeight },
        ],
      )
    : []
  const place = places[space.takeFirst(places.map((box) => [box]))]
  return join(
    ...spans.map(({ from, to }) =>
      element('line', {
        class: 's-alarm',
        'stroke-width': isBroken ? '2' : '1.5',
        'stroke-dasharray': isBroken ? undefined : '7 4',
        x1: from,
        x2: to,
        y1: y,
        y2: y,
      }),
    ),
    place
      ? element('text', { class: 'alarm halo', x: place.x + 2, y: place.y + 12 }, text(label))
      : join(),
  )
}

interface Dot {
  readonly x: number
  readonly y: number
  readonly label: string
}

function peakDot(data: RunData, { x, y }: Frame): Dot | undefined {
  const sample = peakSample(data)
  // On the curve; a bound is higher than what is likely.
  const bytes = known((mainColumn(data)[sample] ?? NaN) + data.peak.spike)
  if (bytes === undefined) return undefined
  const ms = peakMs(data)
  const label = data.peak.isBound ? formatPeak(data.peak) : formatBytes(bytes)
  return { x: x(ms), y: y(bytes), label: `peak ${label} at ${formatTime(ms)}` }
}

function drawPeak({ x, y, label }: Dot, space: FreeSpace): Markup {
  const width = textWidth(label, 12) + 4
  const box = (left: number, top: number): Box => ({ x: left, y: top, width, height: labelHeight })
  const places = [
    box(x + 9, y - labelHeight - 1),
    box(x - 9 - width, y - labelHeight - 1),
    box(x - width / 2, y - labelHeight - 8),
    box(x + 9, y + 3),
    box(x - 9 - width, y + 3),
    box(x - width / 2, y + 8),
    box(x + 9, y + 3 + labelHeight),
    box(x - 9 - width, y + 3 + labelHeight),
  ]
  const place = places[space.takeFirst(places.map((candidate) => [candidate]))]
  return join(
    element('circle', { class: 'text s-bg', 'stroke-width': '2', cx: x, cy: y, r: 5 }),
    place
      ? element('text', { class: 'halo', x: place.x + 2, y: place.y + 12 }, text(label))
      : join(),
  )
}
