/** `act`, one call after the other, so that none overtakes another; one that failed holds nothing up. */
export function inTurn(act) {
  let turn = Promise.resolve()
  return () => {
    turn = turn.catch(() => {}).then(act)
    return turn
  }
}
