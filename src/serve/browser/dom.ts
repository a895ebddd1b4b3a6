/** Finds and makes elements of the page; writes text only, never markup. */

/** The element with an id, which the page must have. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`Expected the page to have an element #${id}.`)
  return found
}

/** Makes an element with a class and a text. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className = '',
  text = '',
  ...children: readonly Element[]
): HTMLElementTagNameMap[Name] {
  const node = document.createElement(name)
  if (className !== '') node.className = className
  node.textContent = text
  node.append(...children)
  return node
}
