/** What modules draw pictures with: SVG and HTML, text, colours. */

export { htmlPage } from './html-page.ts'
export { element, join, jsonData, type Markup, text, trusted } from './markup.ts'
export { svgPicture } from './svg-picture.ts'
export { cutText, textWidth } from './text-width.ts'
export { pageVariables, processColours, runInks, type Theme } from './theme.ts'
