/** The page of a server, with its style and script. */

import { pageFiles, sourceHash } from '../../monitor/internal.ts'
import {
  element,
  htmlPage,
  type Markup,
  pageVariables,
  text,
  trusted,
} from '../../pictures/internal.ts'

/** A page and its policy. */
export interface DrawnPage {
  readonly html: string
  /** Its Content-Security-Policy. */
  readonly policy: string
}

let drawn: DrawnPage | undefined

/** Draws the page, which is the same for all servers: what it shows it asks the server for. */
export function drawPage(): DrawnPage {
  drawn ??= draw()
  return drawn
}

function draw(): DrawnPage {
  const files = pageFiles('serve/browser/page')
  const style = `${pageVariables()}${files.style}`
  const html = htmlPage({
    title: 'onecopy',
    head: [element('link', { rel: 'icon', href: 'data:,' })],
    style,
    content: content(),
    scripts: [trusted(`<script>${files.script}</script>`)],
  })
  return { html, policy: policyOf(files.script) }
}

function content(): Markup[] {
  return [
    element(
      'header',
      {},
      element('h1', { id: 'name' }, text('onecopy')),
      element('p', { id: 'about' }),
      element(
        'label',
        { id: 'choice', hidden: '' },
        text('model'),
        element('select', { id: 'models' }),
      ),
    ),
    element('p', { id: 'problem', role: 'status' }),
    element(
      'form',
      { id: 'key-form', hidden: '' },
      element(
        'label',
        {},
        element('span', {}, text('API key')),
        element('input', { id: 'key', type: 'password', autocomplete: 'off' }),
      ),
      element('button', { type: 'submit' }, text('Connect')),
    ),
    element(
      'div',
      { id: 'content', hidden: '' },
      element(
        'div',
        { class: 'columns' },
        element(
          'section',
          {},
          element('h2', {}, text('Try it')),
          element(
            'form',
            { id: 'form' },
            element('div', { id: 'fields' }),
            element('button', { type: 'submit' }, text('Predict')),
          ),
          element('div', { id: 'answer', role: 'status' }),
          element('pre', { id: 'call' }),
        ),
        element(
          'section',
          {},
          element('h2', {}, text('Now')),
          element('div', { id: 'tiles' }),
          line('memory-line', 'Memory', 'private, shared and file memory over two minutes'),
          line('latency-line', 'Latency', 'median and 99th percentile of latency over two minutes'),
          element('p', { id: 'live-state', class: 'problem' }),
          element('p', { class: 'notes' }, text(notes)),
        ),
      ),
      element('h2', {}, text('Inputs')),
      table('inputs'),
      element('h2', {}, text('Outputs')),
      table('outputs'),
      element(
        'p',
        { class: 'notes' },
        text('The same facts for programs: /v2/models, /openapi.json and /metrics.'),
      ),
    ),
  ]
}

const notes =
  'Private and shared memory are hard: the kernel cannot drop them. It can drop file cache, and a mapped model is in ' +
  'it once for all processes. Latency is that of the last ten seconds.'

function line(id: string, title: string, label: string): Markup {
  return element(
    'div',
    {},
    element('h2', {}, text(title)),
    element('svg', { id, class: 'line', role: 'img', 'aria-label': label }),
  )
}

function table(id: string): Markup {
  const headings = ['name', 'type', 'shape', '']
  return element(
    'div',
    { class: 'wide' },
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element('tr', {}, ...headings.map((name) => element('th', { scope: 'col' }, text(name)))),
      ),
      element('tbody', { id }),
    ),
  )
}

/** Nothing from anywhere but this server; widths of bars are set by the script. */
function policyOf(script: string): string {
  return [
    "default-src 'none'",
    `script-src ${sourceHash(script)}`,
    "style-src 'unsafe-inline'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
