/** Draws the live page and responds to the pointer. */

import type uPlot from 'uplot'
import { byId } from '../dom.ts'
import { lineChart, memoryChart } from './charts.ts'
import type { ChartSource } from './charts.ts'
import { showLegend } from './chart-legend.ts'
import { pickSamples } from './pick-samples.ts'
import { ProcessSlots, stackLayers } from './process-layers.ts'
import { showProcesses } from './process-rows.ts'
import { RunStore } from './run-store.ts'
import type { ShownProcess } from './run-store.ts'
import { showTiles } from './tiles.ts'

/** The page and the run that it shows. */
export class View {
  run = new RunStore()
  /** Of memory, CPU and, where there are any, tasks. */
  charts: readonly uPlot[] = []
  readonly #slots = new ProcessSlots()
  #lines: readonly (ShownProcess | undefined)[] = []
  #shown: readonly number[] = []
  /** Seconds that are shown, counted from the newest sample; 0 is the whole run. */
  #follow = 0
  /** A part of the run that was dragged over, in seconds. */
  #zoom: readonly [from: number, to: number] | undefined
  #isPlanned = false

  constructor() {
    byId('ranges').addEventListener('click', ({ target }) => {
      const seconds = target instanceof HTMLElement ? target.dataset['seconds'] : undefined
      if (seconds !== undefined) this.#showLast(Number(seconds))
    })
    document.addEventListener('visibilitychange', () => this.plan())
    // The colours on a canvas don't follow by themselves.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      if (this.charts.length === 0) return
      this.#makeCharts()
      this.#draw()
    })
    new ResizeObserver(() => {
      this.#resizeCharts()
      this.plan()
    }).observe(byId('memory'))
  }

  /** Draws before the next frame, once for all that came until then. */
  plan(): void {
    if (this.#isPlanned || document.hidden) return
    this.#isPlanned = true
    requestAnimationFrame(() => {
      this.#isPlanned = false
      this.#draw()
    })
  }

  #draw(): void {
    const { run } = this
    if (run.times.length === 0) return
    this.#lines = this.#slots.assign(run)
    showTiles(run)
    showProcesses(run, this.#slots)
    if (this.charts.length < (run.hasTasks ? 3 : 2)) this.#makeCharts()
    this.#fillCharts()
    this.#point(this.charts[0]?.cursor.idx)
    for (const button of byId('ranges').querySelectorAll('button')) {
      const isPressed = !this.#zoom && Number(button.dataset['seconds']) === this.#follow
      button.setAttribute('aria-pressed', String(isPressed))
    }
  }

  #makeCharts(): void {
    for (const chart of this.charts) chart.destroy()
    byId('tasks-panel').hidden = !this.run.hasTasks
    this.charts = [
      memoryChart(byId('memory'), this.#source),
      lineChart(byId('cpu'), this.#source, { ink: 'shared', formatTick: formatCores }),
      ...(this.run.hasTasks
        ? [lineChart(byId('tasks'), this.#source, { ink: 'p2', formatTick: formatRate })]
        : []),
    ]
    for (const { over } of this.charts) {
      over.addEventListener('dblclick', () => this.#showPart(undefined))
    }
  }

  #fillCharts(): void {
    const [memory, cpu, tasks] = this.charts
    const { run } = this
    const [from, to] = this.#range()
    const pixels = Math.max(100, Math.round(memory!.bbox.width / devicePixelRatio))
    const picked = pickSamples(run, from * 1000, to * 1000, pixels)
    this.#shown = picked.samples
    const seconds = picked.samples.map((sample) => run.times[sample]! / 1000)
    memory!.setData([seconds, ...stackLayers(run, picked, this.#lines)])
    const cores = picked.samples.map((sample) => {
      const hundredths = run.cpu[sample] ?? null
      return hundredths === null ? null : hundredths / 100
    })
    cpu!.setData([seconds, cores])
    tasks?.setData([seconds, picked.samples.map((sample) => run.tasks[sample] ?? null)])
  }

  #resizeCharts(): void {
    chartIds.forEach((id, i) => {
      const { clientWidth: width, clientHeight: height } = byId(id)
      const chart = this.charts[i]
      if (chart && width > 0 && chart.width !== width) chart.setSize({ width, height })
    })
  }

  readonly #source: ChartSource = {
    run: () => this.run,
    shown: () => this.#shown,
    range: () => this.#range(),
    onSelect: (from, to) => this.#showPart([from, to]),
    onPoint: (index) => this.#point(index),
  }

  #range(): [from: number, to: number] {
    if (this.#zoom) return [...this.#zoom]
    const end = Math.max(1, this.run.durationMs / 1000)
    return [this.#follow > 0 ? Math.max(0, end - this.#follow) : 0, end]
  }

  #showLast(seconds: number): void {
    this.#follow = seconds
    this.#showPart(undefined)
  }

  #showPart(part: readonly [from: number, to: number] | undefined): void {
    this.#zoom = part
    this.#draw()
  }

  /** Shows the figures under the pointer, or the newest where it is elsewhere. */
  #point(index: number | null | undefined): void {
    const sample = this.#shown[index ?? -1] ?? this.run.newest
    if (sample >= 0) showLegend(this.run, sample, this.#lines)
  }
}

const chartIds = ['memory', 'cpu', 'tasks'] as const

function formatCores(cores: number): string {
  return `${cores} ${cores === 1 ? 'core' : 'cores'}`
}

function formatRate(rate: number): string {
  if (rate >= 1e6) return `${rate / 1e6} M/s`
  return rate >= 1e4 ? `${rate / 1e3} k/s` : `${rate}/s`
}
