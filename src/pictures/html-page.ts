/** The frame of every HTML page. */

import { element, type Markup, text, trusted } from './markup.ts'

/** The parts of a page. */
interface PageParts {
  readonly title: string
  /** What its head has besides. */
  readonly head: readonly Markup[]
  readonly style: string
  readonly content: readonly Markup[]
  /** Scripts, and data for them, which stand after the content. */
  readonly scripts: readonly Markup[]
}

/** The text of a whole page, which loads nothing. */
export function htmlPage({ title, head, style, content, scripts }: PageParts): string {
  const page = element(
    'html',
    { lang: 'en' },
    element(
      'head',
      {},
      element('meta', { charset: 'utf-8' }),
      ...head,
      element('meta', { name: 'viewport', content: 'width=device-width,initial-scale=1' }),
      element('title', {}, text(title)),
      trusted(`<style>${style}</style>`),
    ),
    element('body', {}, element('main', {}, ...content), ...scripts),
  )
  return `<!doctype html>\n${page}\n`
}
