/** The names that classes get as steps and learners. */

/** The default name of a step or a learner: `linear-regression` for `LinearRegression`. */
export function kebabCase(className: string): string {
  return className.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase()
}
