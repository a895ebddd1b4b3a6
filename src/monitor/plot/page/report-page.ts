/** The HTML report, as one self-contained file. */

import { plainName } from '../../../plain-name.ts'
import { largest } from '../../record/run-data.ts'
import type { RunData } from '../../record/run-data.ts'
import { formatCount, formatTime } from '../../../format.ts'
import { describeRun } from '../../text/describe-run.ts'
import { pickHoverData } from './pick-hover-data.ts'
import { element, join, jsonData, type Markup, text, trusted } from '../../../pictures/internal.ts'
import { pageShell } from './page-shell.ts'
import { isolateTable, phaseTable, processTable, segmentTable } from './page-tables.ts'
import { drawPicture } from '../figure/picture.ts'
import type { Picture, PictureOptions } from '../figure/picture.ts'

/**
 * Writes a page with the pictures by process and by kind, a summary in plain words, and tables of
 * phases, processes and shared memory.
 */
export function drawPage(data: RunData, options: PictureOptions = {}): string {
  const pictures = (['process', 'kind'] as const).map((by) =>
    drawPicture(data, { ...options, by, theme: 'auto', id: by, title: '' }, pageDetail),
  )
  const title = plainName(options.title ?? data.command ?? 'memory report', 200)
  const content = [
    element('h1', {}, text(title)),
    element('p', { class: 'facts' }, text(facts(data))),
    element('p', { class: 'words' }, ...words(data)),
    drawPictures(pictures, data, options.by),
    phaseTable(data),
    processTable(data),
    segmentTable(data),
    isolateTable(data),
    notes(data),
  ]
  const tip = element('div', { id: 'tip', hidden: '' })
  return pageShell(title, content, join(tip, jsonData('samples', pickHoverData(data, pictures))))
}

/** Two pictures and all tables of the longest run stay under 200 kB. */
const pageDetail = 0.6

function facts(data: RunData): string {
  const when = new Date(data.startEpochMs).toISOString().slice(0, 19).replace('T', ' ')
  const count = data.processes.length + data.otherProcesses
  return [
    `${when} UTC`,
    `${formatTime(data.durationMs)} long`,
    ...(count > 0 ? [formatCount(count, 'process', 'processes')] : []),
    formatCount(data.samples, 'sample'),
  ].join(' \u00b7 ')
}

function words(data: RunData): Markup[] {
  const [first, ...others] = describeRun(data)
  return [
    element('strong', {}, text(first!)),
    text(others.map((sentence) => ` ${sentence}`).join('')),
  ]
}

/** Both pictures; radio buttons show one of them, also where scripts are off. */
function drawPictures(
  [byProcess, byKind]: readonly Picture[],
  data: RunData,
  first: PictureOptions['by'] = 'process',
): Markup {
  // A file of mprof's has nothing to show by kind.
  if (!data.total.hard) return element('figure', {}, onePicture(byProcess!, 'process'))
  const choice = (by: string, label: string): Markup =>
    join(
      element('input', {
        type: 'radio',
        name: 'by',
        id: `by-${by}`,
        checked: by === first ? '' : undefined,
      }),
      element('label', { for: `by-${by}` }, text(label)),
    )
  return element(
    'figure',
    {},
    choice('process', 'by process'),
    choice('kind', 'by kind'),
    onePicture(byProcess!, 'process'),
    onePicture(byKind!, 'kind'),
  )
}

function onePicture({ svg, frame }: Picture, by: string): Markup {
  return element(
    'div',
    {
      class: `picture ${by}`,
      tabindex: 0,
      'data-top': frame.top,
      'data-bottom': frame.bottom,
      'aria-label': 'memory over time; arrow keys read values',
    },
    // The picture escaped all its text itself.
    trusted(svg.trimEnd()),
  )
}

function notes(data: RunData): Markup {
  const sentences = [
    ...(data.total.hard ? terms : []),
    ...(data.otherProcesses > 0
      ? [
          `${formatCount(data.otherProcesses, 'small process', 'small processes')} that have ended are not listed.`,
        ]
      : []),
    ...(largest(data.times) !== undefined && data.samples > data.times.length
      ? ['A run this long keeps every peak, but not every sample.']
      : []),
  ]
  return element('p', { class: 'notes' }, text(sentences.join(' ')))
}

const terms = [
  'Hard memory is private memory plus shared memory, each piece counted once: what the kernel cannot drop.',
  'File cache is pages of mapped files, which the kernel can drop and read again; the figure is that of the process that maps most.',
  'RSS counts a shared page once for each process that maps it.',
]
