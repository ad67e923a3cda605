import { expect, it } from "vitest";
import { type ApiVersion, findType } from "../../../provider/rights/authorizer.ts";

const type = (name: string, singular: string, ...shortNames: string[]) => ({
  name,
  singular,
  shortNames,
  isNamespaced: true,
  subresources: [],
});

/** In the order of a server; what is called "pods" for short is not meant by it. */
const versions: readonly ApiVersion[] = [
  { group: "early.example.com", version: "v1", resources: [type("earlies", "early", "pods")] },
  { group: "", version: "v1", resources: [type("pods", "pod", "po"), type("events", "event", "ev")] },
  { group: "apps", version: "v1", resources: [type("deployments", "deployment", "deploy")] },
  { group: "apps", version: "v1beta1", resources: [type("deployments", "deployment"), type("olds", "old")] },
  { group: "events.k8s.io", version: "v1", resources: [type("events", "event", "ev")] },
  { group: "storage.k8s.io", version: "v1", resources: [type("storageclasses", "storageclass", "sc")] },
  { group: "apps.example.com", version: "v1", resources: [type("deployments", "deployment", "deploy")] },
];

it.each<[text: string, found: string | undefined]>([
  ["pods", "pods."],
  ["pod", "pods."],
  ["po", "pods."],
  ["PODS", "pods."],
  ["deploy", "deployments.apps"],
  ["deploy.apps", "deployments.apps"],
  ["olds", "olds.apps"],
  ["deployments.apps.example.com", "deployments.apps.example.com"],
  ["events", "events."],
  ["ev", "events."],
  ["ev.events.k8s.io", "events.events.k8s.io"],
  ["sc.storage", undefined],
  ["pods.apps", undefined],
  ["widgets", undefined],
  ["", undefined],
])("%s is %s", (text, found) => {
  const match = findType(versions, text);
  expect(match && `${match.name}.${match.group}`).toBe(found);
});
