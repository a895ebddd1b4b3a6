/** Finds and fills elements of a page; writes text only, never markup. */

/** The element with an id, which the page must have. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`Expected the page to have an element #${id}.`)
  return found
}

/** Appends an element. */
export function append<Name extends keyof HTMLElementTagNameMap>(
  parent: Element,
  name: Name,
  className = '',
  text = '',
): HTMLElementTagNameMap[Name] {
  const node = document.createElement(name)
  node.className = className
  node.textContent = text
  parent.append(node)
  return node
}

/** Sets a text unless it is there already, so that the browser has nothing to lay out. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text
}
