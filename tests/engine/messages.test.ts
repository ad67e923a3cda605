import { join } from "node:path";
import { expect, it } from "vitest";
import * as messages from "../../provider/lifecycle/messages.ts";
import type { Accepted, Drift, Note, Refusal, ReleaseNote, SeenEntry } from "../../provider/lifecycle/types.ts";
import { printable } from "../../provider/text/text.ts";
import { repository, TestProject } from "../support/engine/testProject.ts";

/** A colour command that the engine does not know, one that it knows, and half of one. */
const hostile = "x<{%bogus%}>y<{%fg 1%}>z<{%";

const content = { username: hostile, groups: [hostile, "g"] };
const death = { kind: "recreated", text: hostile } as const;
const entry: SeenEntry = { position: "mapRoles entry 1", content, policies: [hostile], death, isInForce: true };
const claims = [{ principal: hostile, id: undefined, owner: hostile }];
const seen = { content, entries: [entry], claims };
const lastWrite = { writer: hostile, at: new Date(0) };
const removal = { ...seen, kind: "refused", place: "entries", previous: content, isOfOthers: false } as const;
const accepted: Accepted = {
  kind: "write",
  content,
  entry,
  adopts: [entry],
  loses: claims,
  removes: [],
  drops: [],
  shares: [],
  notes: [],
};

const codes = ["mapped", "takenOver", "shared", "unclaimed", "duplicate", "overridden", "policies", "noRole"] as const;
const refusals: readonly Refusal[] = [
  ...codes.map((code) => ({ ...seen, kind: "refused", code, adoptHelps: true }) as const),
  { ...seen, kind: "refused", code: "foreign", adoptHelps: true, reason: hostile },
  { ...removal, code: "changedOutside" },
  { ...removal, code: "successorFailed" },
  // The messages of all other codes contain only the subject.
  { kind: "refused", code: "staysFirst", mode: "API", clusterMode: "CONFIG_MAP", stays: "map" },
];

const notes: Readonly<Record<Note["kind"], Note>> = {
  foundIdentical: { kind: "foundIdentical", entry },
  renamed: { kind: "renamed", claims },
  resumed: { kind: "resumed", claims },
  severalEntries: { kind: "severalEntries", counts: entry, entries: [entry] },
  noRole: { kind: "noRole", death },
  deadElsewhere: { kind: "deadElsewhere", death },
  policies: { kind: "policies", policies: [hostile], isDeleted: true },
  otherPlace: { ...seen, kind: "otherPlace", place: "map" },
};

const drifts: Readonly<Record<Drift["kind"], Drift>> = {
  gone: { kind: "gone", lastWrite },
  claimRemoved: { kind: "claimRemoved" },
  dead: { kind: "dead", death },
  overridden: { kind: "overridden", counts: entry, lastWrite },
  changed: { kind: "changed", live: content, restores: { username: "a", groups: [] }, lastWrite },
};

const releaseNotes: Readonly<Record<ReleaseNote["kind"], ReleaseNote>> = {
  noEffect: { kind: "noEffect" },
  removed: { kind: "removed", entries: [entry] },
  ownedByOthers: { kind: "ownedByOthers", claims },
  foreign: { kind: "foreign", reason: hostile },
  remaining: { kind: "remaining", entries: [entry] },
  claimLost: { kind: "claimLost" },
  left: { kind: "left", entries: [entry] },
};

it("prints foreign text as it is in every message of the lifecycle", async () => {
  const subject = messages.describeSubject({ ...content, kind: "role", arn: hostile });
  const told = [
    ...Object.values(notes).map((note) => messages.describeNote(subject, note)),
    ...Object.values(drifts).flatMap((drift) => Object.values(messages.describeDrift(drift))),
    ...Object.values(releaseNotes).map((note) => messages.describeReleaseNote(subject, "map", note)),
    ...Object.values(messages.describeAdoption(accepted)),
    messages.describeLosses(subject, claims),
    messages.describeShares(subject, claims),
  ];
  const refusedTexts = refusals.map((refusal) => messages.refusalError(subject, refusal).message);
  const project = await TestProject.create();
  await project.write("messages.json", JSON.stringify({ told, refusedTexts }));
  // A dynamic resource that reports these messages as those of a mapping are reported.
  await project.write(
    "provider.js",
    `const { told, refusedTexts } = require("./messages.json");
    const { report } = require(${JSON.stringify(join(repository, "dist", "provider", "pulumi", "diagnostics.js"))});
    exports.check = async () => {
      for (const text of told) await report("warning", text, undefined);
      return { inputs: {}, failures: refusedTexts.map((reason) => ({ property: "", reason })) };
    };`,
  );
  const __provider = 'exports.handler = () => require(process.cwd() + "/provider.js");';
  await project.program(
    `new pulumi.CustomResource("pulumi-nodejs:dynamic/test:Messages", "all", ${JSON.stringify({ __provider })});`,
  );
  const { output } = await project.preview("--color", "always");
  for (const message of [...told, ...refusedTexts]) {
    expect(output).toContain(printable(message));
  }
  expect(output).toContain(String.raw`username "x\u003c{%bogus%}>y\u003c{%fg 1%}>z\u003c{%"`);
  await project.remove();
});
