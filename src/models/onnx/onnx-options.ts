/** Options of saveOnnx. */

/** Options of `saveOnnx`. */
export interface OnnxOptions {
  /** Number of columns of `X`; default: those that the model was fitted on, which most models know. */
  readonly columns?: number
  /** Element type of the input, and of predictions and probabilities; default: `'float32'`. */
  readonly dtype?: 'float32' | 'float64'
  /** What the model is, for people; default: the name of its class. */
  readonly description?: string
}
