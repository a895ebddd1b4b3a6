/** Charts of results, as SVG in light and dark. */

export { type BarRow, drawBars } from './bar-chart.ts'
export { type CurveSeries, drawCurves } from './curve-chart.ts'
export { drawMatrix } from './matrix-chart.ts'
export { drawPoints } from './point-chart.ts'
export { drawScores } from './score-chart.ts'
export { drawStack, type StackNode } from './stack-graph.ts'
