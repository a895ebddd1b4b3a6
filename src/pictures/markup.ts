/** Builds SVG and HTML from values, so that nothing comes in unescaped. */

import { plainName, plainText } from '../plain-name.ts'

/** Markup that is finished: only this file makes it from text. */
export type Markup = string & { readonly markup: unique symbol }

/** Attributes of an element; numbers are written to a tenth, `undefined` is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>

/** An element with its children, which are markup already. */
export function element(
  name: string,
  attributes: Attributes = {},
  ...children: readonly Markup[]
): Markup {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        ` ${key}="${typeof value === 'number' ? tenth(value) : escape(plainText(value!))}"`,
    )
    .join('')
  const content = children.join('')
  return (
    content === '' && !needsEnd.has(name)
      ? `<${name}${written}/>`
      : `<${name}${written}>${content}</${name}>`
  ) as Markup
}

/** Text between elements; an untrusted name can't end it. */
export function text(content: string): Markup {
  return escape(plainName(content, 2000)) as Markup
}

/** Several pieces one after the other. */
export function join(...pieces: readonly Markup[]): Markup {
  return pieces.join('') as Markup
}

/** Markup that this project wrote itself: style sheets, scripts. Never give it data. */
export function trusted(markup: string): Markup {
  return markup as Markup
}

/** Data for a script of the page: JSON that can't end its element. */
export function jsonData(id: string, value: unknown): Markup {
  const json = JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `<script type="application/json" id="${escape(id)}">${json}</script>` as Markup
}

/** A number with at most one digit after the point. */
function tenth(value: number): string {
  const rounded = Math.round(value * 10) / 10
  return String(rounded === 0 ? 0 : rounded)
}

function escape(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => entities[character]!)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Elements of HTML that a browser would leave open when they are written `<name/>`. */
const needsEnd = new Set(['div', 'span', 'p', 'pre', 'select', 'tbody', 'td', 'th', 'title'])
