import { type Door, dynamicDoor, pluginDoor } from "./door.ts";

/** The doors of two stacks that meet on one map. */
export interface DoorPair {
  readonly first: Door;
  readonly second: Door;
  /** For titles. */
  readonly title: string;
}

/** Suites take one order or the other: what a stack sees of another does not depend on the other's door. */
export const dynamicThenPlugin: DoorPair = pairOf(dynamicDoor, pluginDoor);
export const pluginThenDynamic: DoorPair = pairOf(pluginDoor, dynamicDoor);

function pairOf(first: Door, second: Door): DoorPair {
  return { first, second, title: `a ${first.name} and a ${second.name}` };
}
