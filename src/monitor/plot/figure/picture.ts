/** Draws the memory of a run as SVG. */

import { plainName } from '../../../plain-name.ts'
import { hasFigures, highestColumn, largest, mainFigure } from '../../record/run-data.ts'
import type { RunData } from '../../record/run-data.ts'
import { whyNoFigures } from '../../text/describe-run.ts'
import { drawAnnotations } from './annotations.ts'
import type { Budget } from './annotations.ts'
import { frameOf, memoryAxis, timeAxis } from './frame.ts'
import type { Frame } from './frame.ts'
import { drawGaps, drawLayers, drawProcessLines, gapPatterns, stackLayers } from './areas.ts'
import type { StackedLayer } from './areas.ts'
import { layersOf } from './layers.ts'
import type { LayersBy } from './layers.ts'
import { drawLegend } from './legend.ts'
import {
  cutText,
  element,
  join,
  type Markup,
  svgPicture,
  text,
  type Theme,
} from '../../../pictures/internal.ts'
import { legendOf } from './picture-legend.ts'
import { bandsOf, drawPhases, layPhases } from './phase-strip.ts'
import type { PhaseBar } from './phase-strip.ts'
import { pictureSamples } from './picture-samples.ts'

/** Options of a picture. */
export interface PictureOptions {
  /** What the layers show: processes (default), or kinds of memory. */
  readonly by?: LayersBy
  /** Default `auto`, which follows the reader's system; a PNG is then `light`. */
  readonly theme?: Theme
  /** Width in pixels, default 1200, at least 560. */
  readonly width?: number
  /** Height in pixels, default 500, at least 280. */
  readonly height?: number
  /** Default: the command; an empty text draws no title. */
  readonly title?: string
  /** Limits that are drawn as lines. */
  readonly budgets?: readonly Budget[]
  /** Prefix of the ids in the SVG; two pictures on one page need different prefixes. */
  readonly id?: string
}

/** A picture and what a script needs to read values off it. */
export interface Picture {
  readonly svg: string
  readonly frame: Frame
  readonly layers: readonly StackedLayer[]
  /** Which samples of the run it shows. */
  readonly samples: Int32Array
}

const margin = { left: 76, right: 16, bottom: 34 }

/**
 * Draws one run; the same run and options give the same bytes.
 *
 * @param detail - parts of a long run for each pixel of its picture; each shows its lowest and
 *   highest point
 */
export function drawPicture(data: RunData, options: PictureOptions = {}, detail = 1): Picture {
  const { width, height, by = 'process', theme = 'auto', id = 'onecopy' } = options
  const size = { width: Math.max(560, width ?? 1200), height: Math.max(280, height ?? 500) }
  const legendWidth = Math.min(236, size.width * 0.3)
  const left = margin.left
  const right = size.width - legendWidth - margin.right - 20
  const x = frameOf({ left, right, top: 0, bottom: 1 }, data.durationMs, 1).x
  const strip = layPhases(data.phases, x, left, right)
  const samples = pictureSamples(data, detail * (right - left))
  const layers = stackLayers(layersOf(data, by, samples))
  const frame = frameOf(
    { left, right, top: headerHeight(options) + strip.height, bottom: size.height - margin.bottom },
    data.durationMs,
    highestOf(data, layers, options.budgets ?? []),
  )
  const bands = bandsOf(strip.bars)
  const label = `${titleOf(data, options)}: ${subtitleOf(data, by)}`
  const svg = svgPicture(
    { ...size, label, theme, definitions: gapPatterns(id, frame) },
    drawHeader(data, options, right - left),
    drawBands(bands, frame),
    hasFigures(data) ? memoryAxis(frame) : join(),
    drawLayers(layers, data, samples, frame, { id, detail }),
    drawGaps(data, samples, frame, id),
    drawProcessLines(data, samples, frame),
    drawBorders(bands, frame),
    timeAxis(frame),
    drawPhases(strip, frame.top),
    drawAnnotations(data, frame, options.budgets ?? []),
    drawLegend(legendOf(data, layers, samples, id), {
      x: size.width - margin.right - legendWidth,
      y: frame.top,
      width: legendWidth,
      height: frame.bottom - frame.top,
      heading: 'at the peak',
    }),
  )
  return { svg: `${svg}\n`, frame, layers, samples }
}

/**
 * The upper end of the memory axis. A file cache of many times the hard memory is cut off, so that
 * it does not flatten what matters.
 */
function highestOf(
  data: RunData,
  layers: readonly StackedLayer[],
  budgets: readonly Budget[],
): number {
  const hard = Math.max(
    data.peak[mainFigure(data) === 'hard' ? 'hard' : 'anonymous'] ?? 0,
    largest(highestColumn(data)) ?? 0,
    ...(data.total.hard ? [] : data.processes.map((line) => line.peak.rss ?? 0)),
  )
  const near = [
    ...budgets.map(({ bytes }) => bytes).filter((bytes) => bytes < 4 * hard),
    ...(data.limit !== undefined && data.limit < 1.6 * hard ? [data.limit] : []),
  ]
  const withCache = Math.max(0, ...layers.map((layer) => largest(layer.tops) ?? 0))
  return Math.max(
    hard * 1.12,
    ...near.map((bytes) => bytes * 1.08),
    Math.min(withCache * 1.04, 2 * hard),
  )
}

function titleOf(data: RunData, options: PictureOptions): string {
  return plainName(options.title ?? data.command ?? 'memory', 200)
}

function subtitleOf(data: RunData, by: LayersBy): string {
  if (!hasFigures(data)) return `no figures: ${whyNoFigures(data)}`
  if (!data.total.hard) return 'resident memory (RSS): private, shared and file-backed together'
  const parts = by === 'process' ? 'by process' : 'by kind'
  return `hard memory ${parts}, shared memory counted once; hatched: file cache, which the kernel can drop`
}

function headerHeight({ title }: PictureOptions): number {
  return title === '' ? 28 : 52
}

function drawHeader(data: RunData, options: PictureOptions, width: number): Markup {
  const x = margin.left
  const y = headerHeight(options) - 9
  // Bold letters are a little wider.
  const title = cutText(titleOf(data, options), 17.5, width)
  const subtitle = cutText(subtitleOf(data, options.by ?? 'process'), 12, width)
  return join(
    title === '' ? join() : element('text', { class: 'title', x, y: 24 }, text(title)),
    element('text', { class: 'muted', x, y }, text(subtitle)),
  )
}

function drawBands(bands: readonly PhaseBar[], { top, bottom }: Frame): Markup {
  return join(
    ...bands
      .filter((_, i) => i % 2 === 0)
      .map(({ x, width }) =>
        element('rect', {
          class: 'text',
          'fill-opacity': '.05',
          x,
          y: top,
          width,
          height: bottom - top,
        }),
      ),
  )
}

function drawBorders(bands: readonly PhaseBar[], { top, bottom }: Frame): Markup {
  // Where phases are narrower than this, lines would make a fence.
  const wide = bands.filter(({ width }) => width >= 6)
  const edges = new Set(wide.flatMap(({ x, width }) => [Math.round(x), Math.round(x + width)]))
  const path = [...edges]
    .map((x) => `M${x + 0.5} ${Math.round(top)}V${Math.round(bottom)}`)
    .join('')
  return path === ''
    ? join()
    : element('path', {
        class: 's-text line',
        'stroke-opacity': '.35',
        'stroke-dasharray': '2 4',
        d: path,
      })
}
