/** Picks the values that the HTML report shows under the pointer. */

import { plainName } from '../../../plain-name.ts'
import { phaseAt } from '../../record/phase-peaks.ts'
import { mainColumn, mainFigure, processValue } from '../../record/run-data.ts'
import type { RunData } from '../../record/run-data.ts'
import type { HoverData, HoverLine } from '../../browser/hover-data.ts'
import { linedProcesses, processLabel } from '../figure/layers.ts'
import type { Picture } from '../figure/picture.ts'

/** A pointer can't distinguish more. */
const maxTimes = 300

/** Values of some pictures of one run; of each part of it the moment when it was largest. */
export function pickHoverData(data: RunData, pictures: readonly Picture[]): HoverData {
  const { samples, frame } = pictures[0]!
  const chosen = choose(data, samples)
  const phaseNames: string[] = []
  return {
    left: frame.left,
    right: frame.right,
    durationMs: data.durationMs,
    times: chosen.map((i) => Math.round(data.times[samples[i]!]!)),
    phases: chosen.map((i) => {
      const phase = phaseAt(data, data.times[samples[i]!]!)
      if (!phase) return -1
      const name = plainName(phase.name, 60)
      if (!phaseNames.includes(name)) phaseNames.push(name)
      return phaseNames.indexOf(name)
    }),
    phaseNames,
    pictures: pictures.map((picture) => linesOf(data, picture, chosen)),
  }
}

/** Numbers of samples of the picture. */
function choose(data: RunData, samples: Int32Array): number[] {
  const all = Array.from(samples, (_, i) => i)
  if (samples.length <= maxTimes) return all
  const main = mainColumn(data)
  const highest = new Map<number, number>()
  for (const i of all) {
    const part = Math.floor((data.times[samples[i]!]! / data.durationMs) * (maxTimes - 1))
    const before = highest.get(part)
    if (before === undefined || !(main[samples[before]!]! >= main[samples[i]!]!)) {
      highest.set(part, i)
    }
  }
  return [...highest.values()]
}

function linesOf(
  data: RunData,
  { layers, samples }: Picture,
  chosen: readonly number[],
): HoverLine[] {
  const main = mainColumn(data)
  const total = {
    label: mainFigure(data) === 'hard' ? 'hard memory' : 'resident (RSS)',
    ink: '',
    valuesKiB: chosen.map((i) => toKiB(main[samples[i]!]!)),
  }
  const lines = layers.toReversed().map(({ layer }) => ({
    label: layer.label,
    ink: layer.isCache ? 'cache' : layer.ink,
    valuesKiB: chosen.map((i) => toKiB(layer.values[i]!)),
  }))
  if (data.total.hard) return [total, ...lines]
  const processes = linedProcesses(data).map((line, i) => ({
    label: processLabel(line),
    ink: `p${i}`,
    valuesKiB: chosen.map((sample) => toKiB(processValue(line, 'rss', samples[sample]!))),
  }))
  return [total, ...processes]
}

function toKiB(bytes: number): number | null {
  return Number.isNaN(bytes) ? null : Math.round(bytes / 1024)
}
