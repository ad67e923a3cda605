import { type Door, dynamicDoor, pluginDoor } from "./door.ts";

/** The doors of two stacks that meet on one map. */
export interface DoorPair {
  readonly first: Door;
  readonly second: Door;
  /** For titles. */
  readonly title: string;
}

/** One stack through either door, in both orders. */
export const doorPairs: readonly DoorPair[] = [pairOf(dynamicDoor, pluginDoor), pairOf(pluginDoor, dynamicDoor)];

function pairOf(first: Door, second: Door): DoorPair {
  return { first, second, title: `a ${first.name} and a ${second.name}` };
}
