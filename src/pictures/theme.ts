/** Colours of the pictures, light and dark, for colour-blind eyes. */

import { trusted } from './markup.ts'
import type { Markup } from './markup.ts'

/** `auto` follows the reader's system; PNG, which can't, takes `light`. */
export type Theme = 'light' | 'dark' | 'auto'

/**
 * Colours of Okabe and Ito, which people with any colour blindness can distinguish. Only shared
 * memory is blue. Each colour has one variant for light and one for dark pages.
 *
 * @see https://jfly.uni-koeln.de/color/
 */
const inks: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  bg: ['#ffffff', '#0d1117'],
  text: ['#1f2328', '#e6edf3'],
  muted: ['#59636e', '#9198a1'],
  grid: ['#d1d9e0', '#30363d'],
  alarm: ['#c1121f', '#ff7b72'],
  shared: ['#0072b2', '#2b8fd0'],
  others: ['#8c959f', '#6e7781'],
  p0: ['#e69f00', '#e69f00'],
  p1: ['#56b4e9', '#7cc7f0'],
  p2: ['#009e73', '#12ab80'],
  p3: ['#cc79a7', '#cc79a7'],
  p4: ['#d55e00', '#d96a14'],
  p5: ['#e8d92f', '#f0e442'],
}

/** How many processes have a colour of their own. */
export const processColours = 6

/** Names of the colours that lines of different runs take, in order. */
export const runInks = ['shared', 'p4', 'p2', 'p3', 'p0', 'muted'] as const

/** The style sheet of a picture; everything in it is under `.onecopy`, so that a page can hold it. */
export function pictureStyle(theme: Theme): Markup {
  const light = rules(0)
  const dark = rules(1)
  const chosen =
    theme === 'auto'
      ? `${light}@media (prefers-color-scheme:dark){${dark}}`
      : theme === 'dark'
        ? dark
        : light
  return trusted(`<style>${shapes}${chosen}</style>`)
}

/** The colours and the font as variables of a page, and a class for each colour's swatches. */
export function pageVariables(): string {
  const variables = (which: 0 | 1): string =>
    Object.entries(inks)
      .map(([name, ink]) => `--${name}:${ink[which]}`)
      .join(';')
  const swatches = Object.keys(inks).map((name) => `.i-${name}{background:var(--${name})}`)
  return [
    `:root{color-scheme:light dark;--font:${fontFamily};${variables(0)}}`,
    `@media (prefers-color-scheme:dark){:root{${variables(1)}}}`,
    ...swatches,
  ].join('')
}

/** Fonts that look at home; where there is none of them, as in the PNG, DejaVu Sans. */
const fontFamily =
  "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','DejaVu Sans',Verdana,sans-serif"

const shapes = [
  `.onecopy text{font-family:${fontFamily};font-size:12px}`,
  '.onecopy .title{font-size:16px;font-weight:600}',
  '.onecopy .small{font-size:11px}',
  '.onecopy .halo{stroke-width:3.5px;stroke-linejoin:round;paint-order:stroke}',
  '.onecopy .end{text-anchor:end}.onecopy .middle{text-anchor:middle}',
  '.onecopy .line{fill:none;stroke-linejoin:round}',
].join('')

function rules(which: 0 | 1): string {
  const ink = (name: string): string => inks[name]![which]
  const fills = Object.keys(inks).map((name) => `.onecopy .${name}{fill:${ink(name)}}`)
  const strokes = Object.keys(inks).map((name) => `.onecopy .s-${name}{stroke:${ink(name)}}`)
  return [
    `.onecopy text{fill:${ink('text')}}`,
    `.onecopy text.muted{fill:${ink('muted')}}.onecopy text.alarm{fill:${ink('alarm')}}`,
    `.onecopy .halo{stroke:${ink('bg')}}`,
    ...fills,
    ...strokes,
  ].join('')
}
