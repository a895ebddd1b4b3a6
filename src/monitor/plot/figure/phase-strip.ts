/** Draws the phases of a run above its picture. */

import { plainName } from '../../../plain-name.ts'
import type { Phase } from '../../record/run-data.ts'
import { formatTime } from '../../../format.ts'
import { FreeSpace } from './free-space.ts'
import type { Box } from './free-space.ts'
import { cutText, element, join, type Markup, text, textWidth } from '../../../pictures/internal.ts'

const laneHeight = 18
const rowHeight = 16
/** The longest; more would be too narrow to see. */
const maxBars = 80
const maxLanes = 4
const maxRows = 4
const fontSize = 11
const longestLabel = 40
/** Between two names in a row, so that they do not read as one. */
const gap = 10

/** A phase in its lane, in which no two overlap. */
interface PhaseLane {
  readonly phase: Phase
  /** Counted from the outermost phase on; an inner phase stands nearer to the picture. */
  readonly lane: number
}

/** A phase as a bar; `y` counts from the top of the picture's frame upwards, so it is negative. */
export interface PhaseBar extends Box, PhaseLane {}

/** A label and, when it stands above the bars, the line that leads down from it. */
interface PhaseLabel extends Box {
  readonly text: string
  readonly leader: Box | undefined
}

/** What {@link layPhases} found room for. */
export interface PhaseStrip {
  readonly bars: readonly PhaseBar[]
  readonly labels: readonly PhaseLabel[]
  /** Height above the frame that the whole takes. */
  readonly height: number
}

/**
 * Finds a place for phases and their names. A name stands in its bar when it fits, else above it
 * where there is room, else cut short in the bar, else it is left out: no two names ever touch.
 *
 * @param x - from milliseconds to pixels
 * @param left - where names may begin
 * @param right - where names must end
 */
export function layPhases(
  phases: readonly Phase[],
  x: (ms: number) => number,
  left: number,
  right: number,
): PhaseStrip {
  const longest = [...phases]
    .sort((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs))
    .slice(0, maxBars)
  const lanes = assignLanes(longest)
  const laneCount = Math.max(0, ...lanes.map(({ lane }) => lane + 1))
  const bars = lanes.map(({ phase, lane }) => ({
    phase,
    lane,
    x: x(phase.startMs),
    y: (lane - laneCount) * laneHeight,
    width: Math.max(1, x(phase.endMs) - x(phase.startMs)),
    height: laneHeight - 2,
  }))
  const barsTop = -laneCount * laneHeight
  const space = new FreeSpace({
    x: left,
    y: barsTop - maxRows * rowHeight,
    width: right - left,
    height: maxRows * rowHeight - barsTop,
  })
  const labels = labelBars(bars, space, barsTop)
  const top = Math.min(barsTop, ...labels.map((label) => label.y))
  return { bars, labels, height: bars.length > 0 ? 4 - top : 0 }
}

/** Draws the strip above a frame whose top is at `top`. */
export function drawPhases(strip: PhaseStrip, top: number): Markup {
  return join(
    ...strip.bars.map(({ phase, x, y, width, height }, i) =>
      element(
        'rect',
        {
          class: 'text',
          'fill-opacity': i % 2 === 0 ? '.18' : '.09',
          x,
          y: y + top,
          width,
          height,
          rx: Math.min(3, width / 2),
        },
        element('title', {}, text(describe(phase))),
      ),
    ),
    ...strip.labels.map(({ leader }) =>
      leader
        ? element('line', {
            class: 's-muted',
            x1: leader.x,
            x2: leader.x,
            y1: leader.y + top,
            y2: leader.y + leader.height + top,
          })
        : join(),
    ),
    ...strip.labels.map((label) =>
      element('text', { class: 'small', x: label.x, y: label.y + top + 12 }, text(label.text)),
    ),
  )
}

/** Tints behind the layers and dashed borders before them, for one lane that parts the run. */
export function bandsOf<B extends PhaseLane>(bars: readonly B[]): readonly B[] {
  const lanes = Map.groupBy(bars, ({ lane }) => lane)
  const [outer, inner] = [lanes.get(0) ?? [], lanes.get(1) ?? []]
  // One function around everything parts nothing; what it calls does.
  return outer.length === 1 && inner.length > 0 ? inner : outer
}

function describe({ name, startMs, endMs }: Phase): string {
  return `${plainName(name)}: ${formatTime(startMs)} to ${formatTime(endMs)}`
}

/** Puts each phase in the first lane that is free; longer ones that begin together go outside. */
export function assignLanes(phases: readonly Phase[]): PhaseLane[] {
  const ends: number[] = []
  const sorted = [...phases].sort((a, b) => a.startMs - b.startMs || b.endMs - a.endMs)
  return sorted.flatMap((phase) => {
    const free = ends.findIndex((end) => end <= phase.startMs)
    const lane = free < 0 ? ends.length : free
    if (lane >= maxLanes) return []
    ends[lane] = phase.endMs
    return [{ phase, lane }]
  })
}

function labelBars(bars: readonly PhaseBar[], space: FreeSpace, barsTop: number): PhaseLabel[] {
  const labels: PhaseLabel[] = []
  const outside: PhaseBar[] = []
  for (const bar of bars) {
    const label = inBar(bar, plainName(bar.phase.name, longestLabel))
    if (label && space.takeFirst([[label]]) === 0) labels.push(label)
    else outside.push(bar)
  }
  for (const bar of outside.sort((a, b) => b.width - a.width)) {
    const name = plainName(bar.phase.name, longestLabel)
    const above = aboveBars(bar, name, barsTop)
    const place = space.takeFirst(above.map((label) => [label, label.leader!]))
    if (place >= 0) {
      labels.push(above[place]!)
      continue
    }
    const cut = inBar(bar, cutText(name, fontSize, bar.width - 8))
    if (cut && space.takeFirst([[cut]]) === 0) labels.push(cut)
  }
  return labels
}

function inBar(bar: PhaseBar, name: string): PhaseLabel | undefined {
  const width = textWidth(name, fontSize)
  if (name === '' || width > bar.width - 8) return undefined
  return { text: name, x: bar.x + 4, y: bar.y, width, height: rowHeight, leader: undefined }
}

/** Places above the bars: in each row to the right of the leading line, or to the left of it. */
function aboveBars(bar: PhaseBar, name: string, barsTop: number): PhaseLabel[] {
  const width = textWidth(name, fontSize)
  const at = Math.round(bar.x + Math.min(bar.width / 2, 4)) + 0.5
  return Array.from({ length: maxRows }, (_, row) => {
    const y = barsTop - (row + 1) * rowHeight
    const leader = { x: at, y: y + 2, width: 1, height: bar.y - y - 2 }
    const label = { text: name, y, height: rowHeight, leader }
    return [
      { ...label, x: at + 3, width: width + gap },
      { ...label, x: at - 4 - width, width: width + 3 },
    ]
  }).flat()
}
