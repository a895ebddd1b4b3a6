/** Stacks the memory of the largest processes. */

import type { PickedSamples } from './pick-samples.ts'
import { ownMemory } from './run-store.ts'
import type { RunStore, ShownProcess } from './run-store.ts'

/** How many processes have a layer and a colour of their own. */
export const slotCount = 6

/** Gives the largest processes a layer each; they keep it, and its colour, while they are among them. */
export class ProcessSlots {
  readonly #ids: (string | undefined)[] = Array.from({ length: slotCount })

  /** The processes by layer, from the bottom up; `undefined` where there is none. */
  assign(run: RunStore): (ShownProcess | undefined)[] {
    const largest = [...run.processes.values()].sort((a, b) => b.peak - a.peak).slice(0, slotCount)
    this.#ids.forEach((id, slot) => {
      if (!largest.some((line) => line.id === id)) this.#ids[slot] = undefined
    })
    for (const line of largest.sort((a, b) => a.startMs - b.startMs)) {
      if (!this.#ids.includes(line.id)) this.#ids[this.#ids.indexOf(undefined)] = line.id
    }
    return this.#ids.map((id) => (id === undefined ? undefined : run.processes.get(id)))
  }

  /** The layer of a process, or -1. */
  of(line: ShownProcess): number {
    return this.#ids.indexOf(line.id)
  }
}

/** An edge at each sample; uPlot stops at `null`, and draws on over `undefined`. */
type Edge = (number | null | undefined)[]

/**
 * The upper edges of the layers, from the top down, in the order in which uPlot paints them: file
 * cache, other processes, the processes, shared memory; last the line of the whole.
 */
export function stackLayers(
  run: RunStore,
  { samples, lows }: PickedSamples,
  lines: readonly (ShownProcess | undefined)[],
): Edge[] {
  const layers = Array.from({ length: lines.length + 4 }, (): Edge => [])
  for (const sample of samples) {
    const hard = run.hard[sample] ?? null
    const edges = hard === null ? layers.map(() => null) : edgesAt(run, sample, hard, lines)
    if (hard !== null && lows.has(sample)) edges[edges.length - 1] = undefined
    layers.forEach((layer, i) => layer.push(edges[i]))
  }
  return layers
}

function edgesAt(
  run: RunStore,
  sample: number,
  hard: number,
  lines: readonly (ShownProcess | undefined)[],
): (number | undefined)[] {
  let sum = run.shared[sample] ?? 0
  const edges = [sum]
  for (const line of lines) {
    if (line) sum += ownMemory(line, sample)
    edges.unshift(sum)
  }
  const whole = Math.max(hard, sum)
  return [whole + (run.cache[sample] ?? 0), whole, ...edges, whole]
}
