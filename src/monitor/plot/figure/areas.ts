/** Draws stacked layers, gaps in them, and lines. */

import { line as lineShape, stack } from 'd3-shape'
import { highestColumn, mainColumn, processValue, spikeSample } from '../../record/run-data.ts'
import type { Column, RunData } from '../../record/run-data.ts'
import { pick } from '../../record/downsample.ts'
import type { Frame } from './frame.ts'
import { incompleteSamples, linedProcesses } from './layers.ts'
import type { Layer } from './layers.ts'
import { element, join, type Markup, text } from '../../../pictures/internal.ts'
import { areaPath, linePath, unitsPerPixel } from './path.ts'

/** A layer and its upper edge, in bytes. */
export interface StackedLayer {
  readonly layer: Layer
  /** NaN where the layer has a gap; those above it close up. */
  readonly tops: Column
}

/** Puts the layers one on the other. */
export function stackLayers(layers: readonly Layer[]): StackedLayer[] {
  const count = layers[0]?.values.length ?? 0
  const rows = Array.from({ length: count }, (_, sample) => sample)
  const series = stack<unknown, number, number>()
    .keys(layers.keys())
    .value((sample, layer) => layers[layer]!.values[sample]!)(rows)
  return layers.map((layer, i) => ({
    layer,
    tops: Float64Array.from(series[i]!, (edges) => edges[1]),
  }))
}

/** Patterns that other parts refer to by `url(#id-cache)` and `url(#id-gap)`, and the clip path. */
export function gapPatterns(id: string, { left, right, top, bottom }: Frame): Markup {
  const stripes = (name: string, attributes: Record<string, string>): Markup =>
    element(
      'pattern',
      { id: `${id}-${name}`, width: 6, height: 6, patternUnits: 'userSpaceOnUse', ...attributes },
      element('rect', { class: 'muted', 'fill-opacity': '.14', width: 6, height: 6 }),
      element('path', {
        class: 's-muted',
        'stroke-opacity': '.5',
        d: 'M-1 1 1-1M0 6 6 0M5 7 7 5',
      }),
    )
  return element(
    'defs',
    {},
    stripes('cache', {}),
    // Within the group of the layers a pixel has several units.
    stripes('cache-layer', { patternTransform: `scale(${unitsPerPixel})` }),
    stripes('gap', { patternTransform: 'scale(-1 1)' }),
    element(
      'clipPath',
      { id: `${id}-clip` },
      element('rect', { x: left, y: top, width: right - left, height: bottom - top }),
    ),
  )
}

/**
 * The layers from the top down, each down to the baseline: the next one covers what is below its
 * own edge, so that every edge is written once. Above them a line for the hard memory, which runs
 * up to what rose and fell between samples.
 */
export function drawLayers(
  layers: readonly StackedLayer[],
  data: RunData,
  samples: Int32Array,
  frame: Frame,
  { id, detail }: { readonly id: string; readonly detail: number },
): Markup {
  const areas = layers.toReversed().map(({ layer, tops }) =>
    element('path', {
      ...(layer.isCache ? { fill: `url(#${id}-cache-layer)` } : { class: layer.ink }),
      d: areaPath(edge(data, samples, tops, frame), frame.bottom),
    }),
  )
  const outline = data.total.hard
    ? [
        element('path', {
          class: 's-text line',
          'stroke-width': String(unitsPerPixel),
          'stroke-opacity': '.8',
          d: linePath(upperEdge(data, samples, frame, detail)),
        }),
      ]
    : []
  return element(
    'g',
    { 'clip-path': `url(#${id}-clip)` },
    element('g', { transform: `scale(${1 / unitsPerPixel})` }, ...areas, ...outline),
    drawSpikes(data, samples, frame),
  )
}

/** Upright lines where memory rose and fell between two samples. */
export function drawSpikes(
  data: RunData,
  samples: Int32Array,
  { x, y }: Frame,
  ink = 's-text',
): Markup {
  const [main, highest] = [mainColumn(data), highestColumn(data)]
  const path = Array.from(samples)
    .filter((sample) => y(main[sample]!) - y(highest[sample]!) > 3)
    .map((sample) => {
      const foot = spikeSample(data, sample)
      const at = Math.round(x(data.times[foot]!))
      return `M${at + 0.5} ${Math.round(y(main[foot]!))}V${Math.round(y(highest[sample]!))}`
    })
    .join('')
  return path === ''
    ? join()
    : element('path', { class: `${ink} line`, 'stroke-opacity': '.8', d: path })
}

/** Times without any figure, and below them those in which a process could not be read. */
export function drawGaps(data: RunData, samples: Int32Array, frame: Frame, id: string): Markup {
  const { top, bottom } = frame
  const values = pick(mainColumn(data), samples)
  const incomplete = incompleteSamples(data, samples)
  // After the last process nothing is missing: the run is over.
  const end = values.findLastIndex((value) => !Number.isNaN(value))
  const isGap = (i: number): boolean =>
    Number.isNaN(values[i]) && (i < end || end < 0 || incomplete[i]!)
  const gaps = spansOf(data, samples, isGap, frame, 1)
  return join(
    ...gaps.flatMap(({ x, width }) => [
      element('rect', {
        fill: `url(#${id}-gap)`,
        'fill-opacity': '.6',
        x,
        y: top,
        width,
        height: bottom - top,
      }),
      width < 28
        ? join()
        : element(
            'text',
            { class: 'muted middle halo', x: x + width / 2, y: (top + bottom) / 2 },
            text('n/a'),
          ),
    ]),
    ...spansOf(data, samples, (i) => incomplete[i]!, frame, 0).map(({ x, width }) =>
      element(
        'rect',
        { class: 'alarm', x, y: bottom + 1, width: Math.max(width, 2), height: 3 },
        element('title', {}, text('a process could not be read: the total is too low')),
      ),
    ),
  )
}

/** Lines of the processes of a run whose parts do not add up to its total: a file of mprof's. */
export function drawProcessLines(data: RunData, samples: Int32Array, frame: Frame): Markup {
  const paths = linedProcesses(data).map((line, i) => {
    const values = Float64Array.from(samples, (sample) => processValue(line, 'rss', sample) || NaN)
    return element('path', {
      class: `s-p${i} line`,
      'stroke-width': String(2 * unitsPerPixel),
      d: linePath(edge(data, samples, values, frame)),
    })
  })
  return element('g', { transform: `scale(${1 / unitsPerPixel})` }, ...paths)
}

/**
 * The line of the whole run; of a column of pixels only its top, or noise would be a black band.
 * Where the next column is further away, the last sample is there as well: the areas end with it.
 *
 * @param detail - columns for each pixel, as the samples were picked
 */
export function upperEdge(data: RunData, samples: Int32Array, frame: Frame, detail = 1): string {
  const main = mainColumn(data)
  const columnOf = (i: number): number =>
    Math.floor(detail * (frame.x(data.times[samples[i]!]!) - frame.left))
  const chosen: number[] = []
  for (let i = 0; i < samples.length; i++) {
    const column = columnOf(i)
    let top = samples[i]!
    while (i + 1 < samples.length && columnOf(i + 1) === column) {
      const next = samples[++i]!
      if (Number.isNaN(main[top]) || main[next]! > main[top]!) top = next
    }
    chosen.push(top)
    const isApart = i + 1 < samples.length && columnOf(i + 1) > column + 1
    if (isApart && samples[i]! > top) chosen.push(samples[i]!)
  }
  return edge(data, Int32Array.from(chosen), pick(main, Int32Array.from(chosen)), frame)
}

/** The path of a line through values in bytes, as d3-shape writes it. */
function edge({ times }: RunData, samples: Int32Array, values: Column, { x, y }: Frame): string {
  return (
    lineShape<number>()
      .defined((value) => !Number.isNaN(value))
      .x((_, i) => x(times[samples[i]!]!))
      .y((value) => y(value))
      .digits(1)(values) ?? ''
  )
}

/** Where something holds for samples that follow each other, from pixel to pixel. */
function spansOf(
  { times }: RunData,
  samples: Int32Array,
  holds: (i: number) => boolean,
  { x }: Frame,
  neighbours: 0 | 1,
): { x: number; width: number }[] {
  const spans: { x: number; width: number }[] = []
  const at = (i: number): number =>
    x(times[samples[Math.max(0, Math.min(i, samples.length - 1))]!]!)
  for (let i = 0; i < samples.length; i++) {
    if (!holds(i)) continue
    const from = i
    while (i + 1 < samples.length && holds(i + 1)) i++
    const left = at(from - neighbours)
    spans.push({ x: left, width: at(i + neighbours) - left })
  }
  return spans
}
