/** Does it when the browser has nothing else to do, soon in any case: for what nobody waits for when a page opens. */
export const whenIdle = (act) => (globalThis.requestIdleCallback ? requestIdleCallback(act, { timeout: 1000 }) : setTimeout(act, 100))
