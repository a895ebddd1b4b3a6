/** Numbers classes that are sent as source, to recognize their instances later. */

let lastId = 0

/** Of the classes that this thread has sent. */
const ids = new WeakMap<object, number>()
const sent = new Map<number, WeakRef<object>>()
const registry = new FinalizationRegistry<number>((id) => sent.delete(id))

/** The number by which results name a class that this thread sends. */
export function idOfClass(Class: object): number {
  let id = ids.get(Class)
  if (id === undefined) {
    ids.set(Class, (id = ++lastId))
    sent.set(id, new WeakRef(Class))
    registry.register(Class, id)
  }
  return id
}

/** The class of a number of {@link idOfClass}; undefined when it does not exist any more. */
export function classOfId(id: number): object | undefined {
  return sent.get(id)?.deref()
}

/** Of the classes that this thread was sent: the numbers by which their sender knows them. */
const received = new WeakMap<object, number>()

/** Notes that a class was made of source that came with this number. */
export function rememberReceived(Class: object, id: number): void {
  received.set(Class, id)
}

/** The number by which the thread that sent the source of a class knows the class. */
export function receivedId(Class: object): number | undefined {
  return received.get(Class)
}
