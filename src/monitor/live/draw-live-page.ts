/** The HTML of the live page, with its styles and scripts. */

import { plainName } from '../../plain-name.ts'
import {
  element,
  htmlPage,
  join,
  type Markup,
  pageVariables,
  text,
  trusted,
} from '../../pictures/internal.ts'
import { browserFiles } from '../plot/page/browser-files.ts'
import { sourceHash } from '../plot/page/source-hash.ts'

/** Draws the page without data; the data comes later, as events. */
export function drawLivePage(title: string): { html: string; policy: string } {
  const files = browserFiles('live')
  const style = `${pageVariables()}${files.style}`
  const html = htmlPage({
    title: `${plainName(title, 100)} \u2013 live memory`,
    head: [element('link', { rel: 'icon', href: 'data:,' })],
    style,
    content: content(plainName(title, 200)),
    scripts: [trusted(`<script>${files.script}</script>`)],
  })
  return { html, policy: policyOf(files.script, style) }
}

function content(title: string): Markup[] {
  return [
    element(
      'header',
      {},
      element('h1', { id: 'title' }, text(title)),
      element('p', { id: 'state', role: 'status' }, text('connecting')),
    ),
    element('div', { id: 'tiles' }),
    element(
      'div',
      { class: 'bar' },
      element('h2', {}, text('Memory')),
      element(
        'div',
        { id: 'ranges', role: 'group', 'aria-label': 'part of the run that is shown' },
        ...ranges.map(([label, seconds]) =>
          element('button', { type: 'button', 'data-seconds': seconds }, text(label)),
        ),
      ),
    ),
    element(
      'div',
      { class: 'charts' },
      chart('memory', 'hard memory by process over time, with file cache on top'),
      element('div', { id: 'legend' }),
    ),
    element('h2', {}, text('CPU')),
    element(
      'div',
      { class: 'charts' },
      chart('cpu', 'busy cores over time'),
      element('div', { id: 'cpu-now', class: 'now' }),
    ),
    element(
      'div',
      { id: 'tasks-panel', hidden: '' },
      element('h2', {}, text('Tasks')),
      element(
        'div',
        { class: 'charts' },
        chart('tasks', 'tasks finished per second over time'),
        element('div', { id: 'tasks-now', class: 'now' }),
      ),
    ),
    element('h2', {}, text('Processes')),
    element(
      'div',
      { class: 'wide' },
      element(
        'table',
        {},
        element('thead', {}, element('tr', {}, ...headings.map(heading))),
        element('tbody', { id: 'processes' }, join()),
      ),
    ),
    element('p', { class: 'notes', id: 'notes' }, text(notes)),
  ]
}

function chart(id: string, label: string): Markup {
  return element('div', { id, class: 'chart', role: 'img', 'aria-label': label })
}

function heading(name: string): Markup {
  return element('th', { scope: 'col' }, text(name))
}

const ranges = [
  ['whole run', 0],
  ['5 min', 300],
  ['1 min', 60],
] as const

const headings = ['process', 'pid', 'private', 'peak', 'RSS', 'CPU', 'threads', 'seen']

const notes =
  'Hard memory is private memory plus shared memory, each piece counted once: what the kernel ' +
  'cannot drop. It can drop file cache. Drag over a chart to zoom in; double-click to zoom out.'

/** Nothing from anywhere but the script, the style sheet, and events from the same server. */
function policyOf(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src ${sourceHash(script)}`,
    `style-src ${sourceHash(style)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
