import { describe, expect, it } from "vitest";
import { type QuestionOptions, requestOf } from "../../../cli/question.ts";
import type { ApiVersion } from "../../../provider/rights/authorizer.ts";

const type = (name: string, shortName: string, isNamespaced: boolean, ...subresources: string[]) => {
  return { name, singular: name.replace(/s$/, ""), shortNames: [shortName], isNamespaced, subresources };
};
const core = [type("pods", "po", true, "log"), type("namespaces", "ns", false, "status")];
const versions: readonly ApiVersion[] = [
  { group: "", version: "v1", resources: core },
  { group: "example.com", version: "v1", resources: [type("widgets", "wi", false)] },
];

type Given = Omit<QuestionOptions, "output">;

const ask = (verb: string, target: string, given: Given = {}) =>
  requestOf({ verb, target, options: { ...given, output: "table" } }, versions, "team");

describe("a question", () => {
  const pods = { verb: "get", group: "", resource: "pods", subresource: "", name: "", namespace: "team" };
  it.each<[target: string, given: Given, request: object]>([
    ["po", {}, pods],
    ["pods/web", {}, { ...pods, name: "web" }],
    ["pods", { namespace: "other" }, { ...pods, namespace: "other" }],
    ["pods", { allNamespaces: true }, { ...pods, namespace: "" }],
    ["pods", { subresource: "log" }, { ...pods, subresource: "log" }],
    ["*", {}, { ...pods, resource: "*" }],
    ["users", {}, { ...pods, resource: "users" }],
    // What is in no namespace is asked for without one, but a namespace itself is in itself.
    ["widgets.example.com", {}, { ...pods, group: "example.com", resource: "widgets", namespace: "" }],
    ["ns", {}, { ...pods, resource: "namespaces", namespace: "" }],
    ["ns/dev", {}, { ...pods, resource: "namespaces", name: "dev", namespace: "dev" }],
    ["/healthz", { namespace: "x" }, { verb: "get", path: "/healthz" }],
  ])("get %s with %j is %j", (target, given, request) => {
    expect(ask("get", target, given)).toEqual(request);
  });

  it.each<[verb: string, target: string, given: Given, missing: string]>([
    ["get", "things.example.org", {}, 'resource type "things.example.org"'],
    ["get", "podz", {}, 'resource type "podz"'],
    ["get", "pods", { subresource: "lgo" }, 'subresource "lgo" of pods'],
    ["frob", "pods", {}, 'verb "frob"; verbs: get, list'],
    ["list", "/healthz", {}, 'verb "list"; verbs: get, put'],
    ["get pods", "pods", {}, 'verb "get pods"'],
  ])("%s %s with %j is unknown", (verb, target, given, missing) => {
    const message = expect.stringContaining(`unknown: the server has no ${missing}`);
    expect(() => ask(verb, target, given)).toThrow(expect.objectContaining({ exitCode: 2, message }));
  });
});
