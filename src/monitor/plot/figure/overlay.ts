/** Draws several runs in one picture. */

import { plainName } from '../../../plain-name.ts'
import { peakMs, peakSample } from '../../record/phase-peaks.ts'
import { highestColumn, known, largest, mainColumn } from '../../record/run-data.ts'
import type { RunData } from '../../record/run-data.ts'
import { formatBytes } from '../../../format.ts'
import { drawSpikes, upperEdge } from './areas.ts'
import { FreeSpace } from './free-space.ts'
import { frameOf, memoryAxis, timeAxis } from './frame.ts'
import type { Frame } from './frame.ts'
import { drawLegend } from './legend.ts'
import type { LegendEntry } from './legend.ts'
import {
  cutText,
  element,
  join,
  type Markup,
  runInks,
  svgPicture,
  text,
  textWidth,
} from '../../../pictures/internal.ts'
import { linePath, unitsPerPixel } from './path.ts'
import type { PictureOptions } from './picture.ts'
import { pictureSamples } from './picture-samples.ts'

/** A run and what it is called in a picture with others. */
export interface NamedRun {
  readonly name: string
  readonly data: RunData
}

/** Draws the totals of several runs as lines from the same start; each has a colour and a dash. */
export function drawOverlay(runs: readonly NamedRun[], options: PictureOptions = {}): string {
  const { theme = 'auto', id = 'onecopy' } = options
  const width = Math.max(560, options.width ?? 1200)
  const height = Math.max(280, options.height ?? 500)
  const legendWidth = Math.min(236, width * 0.3)
  const budgets = options.budgets ?? []
  const frame = frameOf(
    { left: 76, right: width - legendWidth - 36, top: 52, bottom: height - 34 },
    Math.max(0, ...runs.map(({ data }) => data.durationMs)),
    1.12 * Math.max(0, ...runs.map(({ data }) => peakBytes(data) ?? 0), ...budgets.map(bytesOf)),
  )
  const isHard = runs.every(({ data }) => data.total.hard)
  const title = plainName(options.title ?? runs.map(({ name }) => name).join(', '), 200)
  const svg = svgPicture(
    {
      width,
      height,
      label: subtitle(isHard),
      theme,
      definitions: element('defs', {}, clip(id, frame)),
    },
    title === ''
      ? join()
      : element(
          'text',
          { class: 'title', x: 76, y: 24 },
          text(cutText(title, 17.5, frame.right - 76)),
        ),
    element('text', { class: 'muted', x: 76, y: 43 }, text(subtitle(isHard))),
    memoryAxis(frame),
    element(
      'g',
      { 'clip-path': `url(#${id}-clip)` },
      ...runs.map((run, i) => drawRun(run, i, frame)),
    ),
    timeAxis(frame),
    ...budgets.map(({ bytes }) => drawBudget(bytes, frame)),
    drawPeaks(runs, frame),
    drawLegend(runs.map(legendEntry), {
      x: width - 16 - legendWidth,
      y: frame.top,
      width: legendWidth,
      height: frame.bottom - frame.top,
      heading: 'peak',
    }),
  )
  return `${svg}\n`
}

function legendEntry({ name, data }: NamedRun, number: number): LegendEntry {
  return {
    label: plainName(name, 60),
    value: peakBytes(data) ?? NaN,
    swatch: (x, y) => runLine(number, `M${x} ${y - 4.5}h16`),
  }
}

function subtitle(isHard: boolean): string {
  return isHard
    ? 'hard memory of the whole tree, shared memory counted once, from the start of each run'
    : 'memory of the whole tree from the start of each run; files of mprof show RSS'
}

function clip(id: string, { left, right, top, bottom }: Frame): Markup {
  const box = { x: left, y: top, width: right - left, height: bottom - top }
  return element('clipPath', { id: `${id}-clip` }, element('rect', box))
}

/** Dashes tell the lines apart for those who can't by colour. */
const dashes = [undefined, '8 3', '2 3', '10 3 2 3', '5 5', '1 2'] as const

function runLine(number: number, path: string, scale = 1): Markup {
  const dash = dashes[number % dashes.length]
  return element('path', {
    class: `s-${runInks[number % runInks.length]} line`,
    'stroke-width': 1.8 * scale,
    'stroke-dasharray': dash
      ?.split(' ')
      .map((length) => Number(length) * scale)
      .join(' '),
    d: path,
  })
}

function drawRun({ data }: NamedRun, number: number, frame: Frame): Markup {
  const samples = pictureSamples(data, frame.x(data.durationMs) - frame.left)
  const path = linePath(upperEdge(data, samples, frame))
  return join(
    element(
      'g',
      { transform: `scale(${1 / unitsPerPixel})` },
      runLine(number, path, unitsPerPixel),
    ),
    drawSpikes(data, samples, frame, `s-${runInks[number % runInks.length]}`),
  )
}

function drawBudget(bytes: number, { left, right, y }: Frame): Markup {
  const at = Math.round(y(bytes)) + 0.5
  const label = `budget ${formatBytes(bytes)}`
  return join(
    element('line', {
      class: 's-alarm',
      'stroke-width': 1.5,
      'stroke-dasharray': '7 4',
      x1: left,
      x2: right,
      y1: at,
      y2: at,
    }),
    element('text', { class: 'alarm halo', x: left + 6, y: at - 5 }, text(label)),
  )
}

/** A dot on each peak, and its size where there is room for it. */
function drawPeaks(runs: readonly NamedRun[], frame: Frame): Markup {
  const { left, right, top, bottom } = frame
  const space = new FreeSpace({ x: left, y: top, width: right - left, height: bottom - top })
  const dots = runs.flatMap(({ data }, number) => {
    const bytes = peakBytes(data)
    const x = frame.x(peakMs(data))
    return bytes === undefined ? [] : [{ number, bytes, x, y: frame.y(bytes) }]
  })
  space.take(...dots.map(({ x, y }) => ({ x: x - 6, y: y - 6, width: 12, height: 12 })))
  return join(
    ...dots.map(({ number, x, y, bytes }) => {
      const label = formatBytes(bytes)
      const width = textWidth(label, 12) + 4
      const places = [-16, 2, -30, 16].flatMap((dy) =>
        [9, -9 - width].map((dx) => ({ x: x + dx, y: y + dy, width, height: 15 })),
      )
      const place = places[space.takeFirst(places.map((box) => [box]))]
      return join(
        element('circle', {
          class: `${runInks[number % runInks.length]} s-bg`,
          'stroke-width': 2,
          cx: x,
          cy: y,
          r: 5,
        }),
        place
          ? element('text', { class: 'halo', x: place.x + 2, y: place.y + 12 }, text(label))
          : join(),
      )
    }),
  )
}

function peakBytes(data: RunData): number | undefined {
  if (!data.total.hard) return known(mainColumn(data)[peakSample(data)])
  return data.peak.hard ?? largest(highestColumn(data))
}

function bytesOf({ bytes }: { readonly bytes: number }): number {
  return bytes
}
