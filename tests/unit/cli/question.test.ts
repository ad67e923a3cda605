import { describe, expect, it } from "vitest";
import { CommandFailure } from "../../../cli/commandLine.ts";
import type { QuestionOptions } from "../../../cli/options.ts";
import { parseQuestion, requestOf } from "../../../cli/question.ts";
import type { ApiVersion } from "../../../provider/rbac/resourceTypes.ts";

const versions: readonly ApiVersion[] = [
  {
    group: "",
    version: "v1",
    resources: [
      { name: "pods", singular: "pod", shortNames: ["po"], isNamespaced: true, subresources: ["log"] },
      { name: "namespaces", singular: "namespace", shortNames: ["ns"], isNamespaced: false, subresources: ["status"] },
    ],
  },
  {
    group: "example.com",
    version: "v1",
    resources: [{ name: "widgets", singular: "widget", shortNames: [], isNamespaced: false, subresources: [] }],
  },
];

type Given = Omit<QuestionOptions, "output">;

const parse = (verb: string, target: string, given: Given = {}) =>
  parseQuestion(verb, target, { ...given, output: "table" });

describe("a question", () => {
  const pods = { verb: "get", group: "", resource: "pods", subresource: "", name: "", namespace: "team" };
  it.each<[target: string, given: Given, request: object, scope?: string]>([
    ["po", {}, pods],
    ["pods/web", {}, { ...pods, name: "web" }],
    ["pods", { namespace: "other" }, { ...pods, namespace: "other" }],
    ["pods", { allNamespaces: true }, { ...pods, namespace: "" }, " in all namespaces"],
    ["pods", { subresource: "log" }, { ...pods, subresource: "log" }],
    ["*", {}, { ...pods, resource: "*" }],
    ["users", {}, { ...pods, resource: "users" }],
    // What is in no namespace is asked for without one, but a namespace itself is in itself.
    ["widgets.example", {}, { ...pods, group: "example.com", resource: "widgets", namespace: "" }],
    ["ns", {}, { ...pods, resource: "namespaces", namespace: "" }],
    ["ns/dev", {}, { ...pods, resource: "namespaces", name: "dev", namespace: "dev" }],
    ["/healthz", { namespace: "x" }, { verb: "get", path: "/healthz" }],
  ])("get %s with %j is %j", (target, given, request, scope = "") => {
    expect(requestOf(parse("get", target, given), versions, "team")).toEqual({ request, scope, warnings: [] });
  });

  it.each<[verb: string, target: string, given: Given, warning: string]>([
    ["get", "Things.Example.org", {}, "the server doesn't have a resource type 'things' in group 'example.org'"],
    ["get", "things", {}, "the server doesn't have a resource type 'things'"],
    ["frob", "pods", {}, "verb 'frob' is not a known verb"],
    ["list", "/healthz", {}, "verb 'list' is not a known verb"],
    ["get", "widget", { namespace: "x" }, "resource 'widgets' is not namespace scoped in group 'example.com'"],
    ["get", "pods/log", {}, '"pods/log" is the object "log"; for the subresource write pods --subresource=log'],
  ])("%s %s with %j is asked with a warning", (verb, target, given, warning) => {
    expect(requestOf(parse(verb, target, given), versions, "team").warnings).toEqual([warning]);
  });

  it("is asked as it is given where the server has no such type, or does not tell", () => {
    const asked = { verb: "get", group: "", resource: "Things.example.org", subresource: "", name: "" };
    const question = parse("get", "Things.example.org");
    expect(requestOf(question, versions, "a").request).toEqual({ ...asked, namespace: "a" });
    const { request, warnings } = requestOf(question, undefined, "a");
    expect(request).toEqual({ ...asked, namespace: "a" });
    expect(warnings).toEqual(['the server does not list its resource types; "Things.example.org" is used as given']);
  });

  it.each<[verb: string, target: string, given: Given, message: string]>([
    ["", "pods", {}, 'verb "" is not a word such as get, list or create'],
    ["get pods", "pods", {}, 'verb "get pods" is not a word'],
    ["get", "", {}, 'type "" is not complete'],
    ["get", "pods/", {}, 'type "pods/" is not complete'],
    ["get", "pods", { namespace: "Team A" }, '--namespace "Team A" cannot be the name of a namespace'],
    ["get", "pods", { namespace: "a", allNamespaces: true }, "exclude each other"],
    ["get", "/api", { subresource: "log" }, '--subresource "log" does not go with the URL path "/api"'],
  ])("%j %j with %j is refused", (verb, target, given, message) => {
    expect(() => parse(verb, target, given)).toThrow(CommandFailure);
    expect(() => parse(verb, target, given)).toThrow(message);
  });
});
