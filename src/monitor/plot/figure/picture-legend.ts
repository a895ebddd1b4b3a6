/** Chooses the entries of a picture's legend. */

import { peakSample } from '../../record/phase-peaks.ts'
import { known, processValue } from '../../record/run-data.ts'
import type { RunData } from '../../record/run-data.ts'
import type { StackedLayer } from './areas.ts'
import { incompleteSamples, linedProcesses, processLabel } from './layers.ts'
import type { LegendEntry } from './legend.ts'
import { element, join, type Markup } from '../../../pictures/internal.ts'

/** Entries in the order of the picture, from the top down. */
export function legendOf(
  data: RunData,
  layers: readonly StackedLayer[],
  samples: Int32Array,
  id: string,
): LegendEntry[] {
  const entries = layers.toReversed().map(({ layer }) => ({
    label: layer.label,
    value: layer.atPeak ?? NaN,
    swatch: layer.isCache ? hatchedSwatch(id) : solidSwatch(layer.ink),
  }))
  const peak = peakSample(data)
  const lines = linedProcesses(data).map((line, i) => ({
    label: processLabel(line),
    value: processValue(line, 'rss', peak),
    swatch: lineSwatch(`s-p${i}`, 2),
  }))
  if (!data.total.hard) return [...entries, ...lines]
  const hard = {
    label: 'hard memory',
    value: (data.total.hard[peak] ?? NaN) + data.peak.spike,
    swatch: lineSwatch('s-text', 1.5),
  }
  const { spike } = data.peak
  const between = { label: 'between two samples', value: spike, swatch: lineSwatch('s-text', 1.5) }
  const caches = layers.filter(({ layer }) => layer.isCache).length
  const rss = known(data.total.rss?.[peak])
  const nothing = (): Markup => join()
  return [
    ...entries.toSpliced(caches, 0, hard, ...(spike > 0.002 * hard.value ? [between] : [])),
    ...(rss === undefined
      ? []
      : [{ label: 'RSS would show', value: rss, isMuted: true, swatch: nothing }]),
    ...(incompleteSamples(data, samples).includes(true)
      ? [{ label: 'not all could be read', isMuted: true, swatch: lineSwatch('s-alarm', 3) }]
      : []),
  ]
}

type Swatch = LegendEntry['swatch']

function hatchedSwatch(id: string): Swatch {
  return (x, y) =>
    element('rect', {
      fill: `url(#${id}-cache)`,
      class: 's-muted',
      x: x + 0.5,
      y: y - 10.5,
      width: 13,
      height: 12,
    })
}

function solidSwatch(ink: string): Swatch {
  return (x, y) => element('rect', { class: ink, x, y: y - 11, width: 14, height: 13, rx: 2 })
}

function lineSwatch(ink: string, width: number): Swatch {
  return (x, y) =>
    element('path', { class: `${ink} line`, 'stroke-width': width, d: `M${x} ${y - 4.5}h14` })
}
