import type { Placed } from "../state";
import { AccessEntryPlace } from "./accessEntryPlace";
import { MapPlace } from "./mapPlace";
import { type Place, Scope } from "./place";

export class Places extends Scope {
  readonly map = new MapPlace(this.session, this.settings);
  readonly entry = new AccessEntryPlace(this.session, this.settings);
  /** First the one whose entries win over those of the other. */
  readonly all: readonly Place[] = [this.entry, this.map];

  /** The place that decides who the principal of a resource becomes. */
  deciding(placed: Placed): Place {
    return this.entry.keeps(placed) ? this.entry : this.map;
  }
}
