/** What a model predicts, by each of its methods. */

const methods = ['predict', 'predictProba', 'decisionFunction', 'transform'] as const

/**
 * Calls all methods that a model has; those that refuse are left out.
 *
 * @returns results by the names of the methods
 */
export async function predictionsOf(
  model: object,
  data: unknown,
): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const method of methods) {
    const call = (model as Partial<Record<string, (X: unknown) => Promise<unknown>>>)[method]
    const result = await call?.call(model, data).catch(() => undefined)
    if (result !== undefined) found[method] = result
  }
  return found
}
