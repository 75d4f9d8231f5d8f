/** Many calls within a moment made few, without losing what the last one said. */

import type { Clock } from "./link.js";

export interface Coalesced<Value> {
  push(value: Value): void;
  /** Nothing is called any more. */
  cancel(): void;
}

/** The first value at once; then, once in `window` milliseconds at most, what came meanwhile, merged into one. */
export function coalesced<Value>(
  call: (value: Value) => void,
  merge: (earlier: Value, later: Value) => Value,
  window: number,
  clock: Clock,
): Coalesced<Value> {
  let timer: unknown;
  let held: { value: Value } | undefined;

  function pass(value: Value): void {
    held = undefined;
    timer = clock.setTimeout(() => {
      timer = undefined;
      if (held) pass(held.value);
    }, window);
    call(value);
  }

  return {
    push(value) {
      if (timer === undefined) pass(value);
      else held = { value: held ? merge(held.value, value) : value };
    },
    cancel() {
      clock.clearTimeout(timer);
      held = undefined;
    },
  };
}
