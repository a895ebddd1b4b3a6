/** The HTML page with several runs in one picture. */

import { plainName } from '../../../plain-name.ts'
import { phaseReports } from '../../record/phase-peaks.ts'
import { largest } from '../../record/run-data.ts'
import type { RunData } from '../../record/run-data.ts'
import { formatBytes, formatTime } from '../../../format.ts'
import { element, type Markup, text, trusted } from '../../../pictures/internal.ts'
import { drawOverlay } from '../figure/overlay.ts'
import type { NamedRun } from '../figure/overlay.ts'
import { pageShell } from './page-shell.ts'
import type { PictureOptions } from '../figure/picture.ts'

/** More rows would not be read. */
const maxPhases = 100

/** Writes a page with the picture and a table of the peaks, a column for each run. */
export function drawOverlayPage(runs: readonly NamedRun[], options: PictureOptions = {}): string {
  const title = plainName(options.title ?? runs.map(({ name }) => name).join(', '), 200)
  const isHard = runs.every(({ data }) => data.total.hard)
  const peaks = runs.map(({ data }) => peaksOf(data, isHard))
  const names = [...new Set(peaks.flatMap((peak) => [...peak.keys()]))].slice(0, maxPhases)
  const svg = drawOverlay(runs, { ...options, theme: 'auto', title: '' })
  return pageShell(title, [
    element('h1', {}, text(title)),
    element('figure', {}, element('div', { class: 'picture' }, trusted(svg.trimEnd()))),
    element('h2', {}, text(isHard ? 'Peaks of hard memory' : 'Peaks of RSS')),
    element(
      'div',
      { class: 'wide' },
      element(
        'table',
        {},
        element('thead', {}, row('th', ['', ...runs.map(({ name }) => plainName(name))])),
        element(
          'tbody',
          {},
          row('td', ['time', ...runs.map(({ data }) => formatTime(data.durationMs))]),
          row('td', ['whole run', ...runs.map(({ data }) => formatBytes(peakOf(data, isHard)))]),
          ...names.map((name) =>
            row('td', [plainName(name), ...peaks.map((peak) => formatBytes(peak.get(name)))]),
          ),
        ),
      ),
    ),
  ])
}

function peaksOf(data: RunData, isHard: boolean): Map<string, number | undefined> {
  return new Map(
    phaseReports(data).map(({ name, peak, peakRss }) => [name, isHard ? peak.hard : peakRss]),
  )
}

function peakOf(data: RunData, isHard: boolean): number | undefined {
  return isHard ? data.peak.hard : data.total.rss && largest(data.total.rss)
}

function row(cell: 'th' | 'td', cells: readonly string[]): Markup {
  return element('tr', {}, ...cells.map((content) => element(cell, {}, text(content))))
}
