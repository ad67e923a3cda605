import { otherContentCases } from "./otherContentCases.ts";
import { sameContentCases } from "./sameContentCases.ts";
import type { DecideCase } from "./tables.ts";

/** The rows of the table of `decide`, in its order, and what each of them leaves open. */
export const decideCases: readonly DecideCase[] = [
  ...sameContentCases,
  ...otherContentCases,
  // Access entries that are never a mapping's.
  {
    title: "refuses an access entry that EKS made, with adopt too",
    place: "entries",
    entries: ["dev"],
    foreign: "EKS made it",
    adopt: true,
    outcome: "refused foreign, entries dev@1, EKS made it",
  },
  // The other place.
  {
    title: "refuses a new mapping that the other place contradicts",
    place: "entries",
    other: { entries: ["ops"], claims: ["other"] },
    outcome: "refused mapped, entries ops@1, claims other, adopt helps",
  },
  {
    title: "refuses a changed mapping that the other place contradicts",
    place: "entries",
    entries: ["ops"],
    claims: ["mine"],
    previous: "ops",
    other: { entries: ["ops"] },
    outcome: "refused mapped, entries ops@1, adopt helps",
  },
  {
    title: "adopts in the place that counts",
    place: "entries",
    adopt: true,
    other: { entries: ["ops"], claims: ["other"] },
    outcome: "add dev, warns of map, ops@1, of other",
  },
  {
    title: "refuses to adopt in the map where an access entry counts",
    adopt: true,
    other: { entries: ["ops"] },
    outcome: "refused mapped, entries ops@1",
  },
  {
    title: "warns where the other place contradicts an unchanged mapping",
    entries: ["dev"],
    claims: ["mine"],
    previous: "dev",
    other: { entries: ["ops"] },
    outcome: "same dev, at 1, warns of entries, ops@1",
  },
  {
    title: "ignores another place that agrees by the entry that counts",
    place: "entries",
    other: { entries: ["ops", "dev"], claims: ["other"] },
    outcome: "add dev",
  },
  {
    title: "ignores its own entry in the other place",
    place: "entries",
    other: { entries: ["ops"], claims: ["mine"] },
    outcome: "add dev",
  },
  { title: "ignores another place that is unknown", place: "map", other: "unknown", outcome: "add dev" },
  {
    title: "leaves the other place to its own decision if the mapping is stored there too",
    place: "map",
    places: ["map", "entries"],
    other: { entries: ["ops"] },
    outcome: "add dev",
  },
];
