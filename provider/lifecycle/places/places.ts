import type { Settings } from "../../cluster";
import type { ClusterSession } from "../../session/session";
import type { Placed } from "../state";
import { EntryPlace } from "./entryPlace";
import { MapPlace } from "./mapPlace";
import type { Place } from "./place";

/** The places of a cluster. */
export interface Places {
  readonly map: MapPlace;
  readonly entry: EntryPlace;
  /** First the one whose entries win over those of the other. */
  readonly all: readonly Place[];
  /** The place that decides who the principal of a resource becomes. */
  deciding(placed: Placed): Place;
}

export function placesOf(session: ClusterSession, settings: Settings): Places {
  const [map, entry] = [new MapPlace(session, settings), new EntryPlace(session, settings)];
  return { map, entry, all: [entry, map], deciding: (placed) => (entry.keeps(placed) ? entry : map) };
}
