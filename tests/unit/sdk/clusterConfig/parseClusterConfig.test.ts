import { describe, expect, it } from "vitest";
import { itemName } from "../../../../sdk/clusterConfig.ts";
import { parseClusterConfig, valueSource } from "../../../../sdk/configFile.ts";
import { settingsOf } from "../../../support/cluster/kubeconfigs.ts";
import { head, itemsOf, parse, problemsOf } from "./support.ts";

const path = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const role = path("dev");
const demo = { name: "demo", region: "us-west-2" };
const empty = `${head}  []\n`;
const title = "cluster.yaml is not a valid ClusterConfig:";
const at = (config: Readonly<Record<string, string>>, env = {}) => ({ settings: settingsOf({ config, env }) });

describe("a ClusterConfig that eksctl accepts", () => {
  it("is parsed into its items in order, and the cluster of its metadata", () => {
    const { cluster, mappings, namespaces } = parse(`---
# what eksctl's users have
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: { name: demo, region: us-west-2, version: 1.30, tags: { team: x }, annotations: { a: b } }
iamIdentityMappings:
  - arn: ${role}
    groups:
      - system:masters
    username: admin
    noDuplicateARNs: true # prevents shadowing
  - arn: arn:aws:iam::111122223333:user/oncall
    username: oncall
  - serviceName: emr-containers
    namespace: spark
  - account: "000000000000"
nodeGroups:
  - name: ng-1
    anything: [goes, { here: 1 }]
`);
    expect(cluster).toEqual(demo);
    expect(namespaces).toEqual(["spark"]);
    expect(mappings).toEqual([
      { kind: "identity", arn: role, username: "admin", groups: ["system:masters"] },
      { kind: "identity", arn: "arn:aws:iam::111122223333:user/oncall", username: "oncall" },
      { kind: "account", account: "000000000000" },
    ]);
  });

  it("can have anchors, aliases, merge keys and keys without a value, or no mappings", () => {
    const merged = `  - <<: *base\n    arn: ${path("ops")}\n    account: ""\n`;
    const items = itemsOf(`  - &base\n    arn: ${role}\n    groups: &groups [a, b]\n    username:\n${merged}`);
    expect(items).toEqual([role, path("ops")].map((arn) => ({ kind: "identity", arn, groups: ["a", "b"] })));
    expect(itemsOf("  []\n")).toEqual([]);
  });
});

describe("a ClusterConfig with problems", () => {
  const exactly = "put the intended text in quotes";
  const keys = "arn, username, groups, account, serviceName, namespace, noDuplicateARNs";
  it.each([
    [`arn: ${role}, username: x, groop: a`, `.groop: unknown key "groop"; valid keys: ${keys}`],
    ["account: 000000000000", `.account: account 0 is not a string; ${exactly}`],
    [`arn: ${role}, username: y`, `.username: username true is not a string; ${exactly}`],
    [`arn: ${role}, groups: a`, '.groups: groups "a" is not a list of strings; write [...], with each item in quotes'],
    [`arn: ${role}, account: "111122223333"`, ": more than one of arn, account and serviceName is set; set one"],
    ["username: x", ": none of arn, account and serviceName is set; set one"],
    ['account: "111122223333", groups: [a]', ".groups: groups cannot be combined with account; remove it"],
    [
      "serviceName: emr-container, namespace: spark",
      ': invalid service name "emr-container"; the only service is emr-containers',
    ],
    ["serviceName: emr-containers", ": namespace is not set; add the namespace that the service uses"],
    [
      `arn: ${role}, noDuplicateARNs: false`,
      ".noDuplicateARNs: noDuplicateARNs: false is not supported, because only the last entry for an ARN takes effect; remove noDuplicateARNs",
    ],
  ])("is refused for the item { %s }", (item, problem) => {
    expect(problemsOf(`${head}  - { ${item} }\n`)).toEqual([title, `cluster.yaml:7: iamIdentityMappings[0]${problem}`]);
  });

  it("reports all problems together, each with its line", () => {
    expect(
      problemsOf(`apiVersion: eksctl.io/v1alpha4
kind: Cluster
metadata:
  name: demo
  region: us-west-2
  regoin: us-west-2
iamIdentityMappings:
  - just text
  - arn: ${role}
    groups: dev
`),
    ).toEqual([
      title,
      "cluster.yaml:1: apiVersion is not eksctl.io/v1alpha5; write apiVersion: eksctl.io/v1alpha5",
      "cluster.yaml:2: kind is not ClusterConfig; write kind: ClusterConfig",
      'cluster.yaml:6: metadata.regoin: unknown key "regoin"; valid keys: name, region, version, forceUpdateVersion, rollbackConfig, tags, annotations',
      "cluster.yaml:8: iamIdentityMappings[0]: this is not a map of keys to values",
      expect.stringMatching(/^cluster\.yaml:10: iamIdentityMappings\[1\]\.groups: /),
    ]);
  });

  const items = "iamIdentityMappings";
  it.each<[title: string, text: string, problem: string]>([
    ["is empty", "# nothing but a comment\n", "cluster.yaml: it is not a map of keys to values"],
    ["is a list", "- a\n", "cluster.yaml:1: it is not a map of keys to values"],
    ["is not YAML", `${head}  - arn: [\n`, "cluster.yaml:"],
    ["repeats a key", `${head}  - arn: ${role}\n    arn: ${role}\n`, "cluster.yaml:8:5: a key is repeated in a map"],
    ["has two documents", `${empty}---\na: b\n`, "cluster.yaml: it contains more than one document"],
    ["has no kind", "iamIdentityMappings: []\n", "cluster.yaml:1: kind is not ClusterConfig"],
    ["misspells its list", head.replace(items, "mappings"), `cluster.yaml:1: ${items} is not a list; write `],
    ["has a placeholder without quotes", `${head}  - arn: {{ .Values.x }}\n`, `cluster.yaml:7: ${items}[0].arn: arn `],
    [
      "names no region",
      empty.replace("  region: us-west-2\n", ""),
      "cluster.yaml:3: no cluster is specified; set name ",
    ],
  ])("is refused if it %s", (_title, text, problem) => {
    expect(problemsOf(text)).toEqual(expect.arrayContaining([title, expect.stringContaining(problem)]));
  });

  const service = "serviceName: emr-containers, namespace: spark";
  it.each<[title: string, first: string, second: string]>([
    ["an ARN, in any path and letter case", `arn: ${role}, username: a`, `arn: ${path("eng/DEV")}, groups: [b]`],
    ["an account", 'account: "111122223333"', 'account: "111122223333"'],
    ["a service and namespace", service, service],
  ])("is refused if two items map %s", (_title, first, second) => {
    expect(problemsOf(`${head}  - { ${first} }\n  - { ${second} }\n`)).toEqual([
      title,
      "cluster.yaml:8: iamIdentityMappings[1]: an earlier item (cluster.yaml:7, iamIdentityMappings[0]) maps the same identity; keep one of them",
    ]);
  });

  it("reports the position of the target of an alias", () => {
    expect(problemsOf(`${head}  - &a\n    arn: ${role}\n    groups: [1e3]\n  - *a\n`).slice(1)).toEqual([
      expect.stringContaining("cluster.yaml:9: iamIdentityMappings[0].groups: groups [1000] is not a list of strings"),
      expect.stringContaining("cluster.yaml:9: iamIdentityMappings[1].groups: groups [1000] is not a list of strings"),
    ]);
  });
});

describe("the cluster of a ClusterConfig", () => {
  it("is optional if the program specifies it", () => {
    const text = "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\niamIdentityMappings: []\n";
    expect(parse(text, {}).cluster).toBeUndefined();
    expect(problemsOf(`${text}metadata: { nmae: x }\n`, {})).toHaveLength(2);
  });

  const eks = (region: string) => `arn:aws:eks:${region}:111122223333:cluster/demo`;
  it.each<[setting: string, config: Readonly<Record<string, string>>, env?: Readonly<Record<string, string>>]>([
    ['aws-auth:manifest "map.yaml"', { "aws-auth:manifest": "map.yaml" }],
    ['aws-auth:context "demo"', { "aws-auth:context": "demo" }],
    // The content is secret.
    ["aws-auth:kubeconfig", { "aws-auth:kubeconfig": "{ users: [t0p-secret] }" }],
    ['aws-auth:cluster "dev"', { "aws-auth:cluster": "dev" }],
    ['aws-auth:cluster "demo" in eu-west-1', { "aws-auth:cluster": "demo", "aws-auth:region": "eu-west-1" }],
    ['aws-auth:cluster "demo" in eu-west-1', { "aws-auth:cluster": "demo" }, { AWS_REGION: "eu-west-1" }],
    [
      `aws-auth:cluster "${eks("eu-west-1")}" in eu-west-1`,
      { "aws-auth:cluster": eks("eu-west-1"), "aws-auth:region": "us-west-2" },
    ],
  ])("is refused if the stack specifies a different one: %s", (setting, config, env) => {
    expect(problemsOf(empty, at(config, env))).toEqual([
      title,
      `cluster.yaml:3: metadata specifies EKS cluster "demo" in us-west-2, but the stack configuration specifies ${setting}; remove metadata or the setting, or set cluster on the component`,
    ]);
    expect(parse(empty, {}).cluster).toEqual(demo);
  });

  it.each<[config: Readonly<Record<string, string>>, account: object]>([
    [{ "aws-auth:cluster": "demo" }, {}],
    [{ "aws-auth:cluster": "demo", "aws:region": "us-west-2" }, {}],
    [{ "aws:region": "eu-central-1" }, {}],
    [{ "aws-auth:cluster": eks("us-west-2"), "aws:region": "us-east-1" }, { account: "111122223333" }],
  ])("is accepted if the stack specifies the same one, in the account of its ARN: %j", (config, account) => {
    expect(parse(empty, at(config)).cluster).toEqual({ ...demo, ...account });
  });

  it("can be incomplete or missing if the stack specifies it", () => {
    const without = empty.replace(/metadata:\n.*\n.*\n/, "");
    expect(parse(without, at({ "aws-auth:manifest": "map.yaml" })).cluster).toBeUndefined();
    const nameless = empty.replace("  name: demo\n", "");
    expect(parse(nameless, at({ "aws-auth:cluster": "demo" })).cluster).toBeUndefined();
    expect(problemsOf(nameless, at({ "aws-auth:cluster": "demo", "aws:region": "us-east-1" }))[1]).toContain(
      'metadata specifies region us-west-2, but the stack configuration specifies aws-auth:cluster "demo" in us-east-1',
    );
  });
});

describe("a ClusterConfig as a value", () => {
  it("is checked in the same way, and reports properties instead of lines", () => {
    const item = { arn: role, username: new Date(0), groups: ["a", undefined], noDuplicateARNs: "true" };
    expect(() =>
      parseClusterConfig(valueSource({ kind: "Cluster", iamIdentityMappings: [item, []] }), undefined),
    ).toThrow(
      [
        "config is not a valid ClusterConfig:",
        "config: kind is not ClusterConfig; write kind: ClusterConfig",
        'config: iamIdentityMappings[0].username: username "1970-01-01T00:00:00.000Z" is not a string; put the intended text in quotes',
        'config: iamIdentityMappings[0].groups: groups ["a",null] is not a list of strings; write [...], with each item in quotes',
        'config: iamIdentityMappings[0].noDuplicateARNs: noDuplicateARNs "true" is not true or false',
        "config: iamIdentityMappings[1]: this is not a map of keys to values",
      ].join("\n  "),
    );
  });
});

describe("the name of an item", () => {
  const identity = (arn: string, more = "username: x") => `  - { arn: "${arn}", ${more} }\n`;
  const [admin, user] = [path("admin"), "arn:aws:iam::111122223333:user/admin"];

  it.each([
    ["111122223333-role-admin", identity(admin)],
    ["111122223333-role-admin", identity(admin, "groups: [g]")],
    ["111122223333-user-admin", identity(user)],
    // The path of a role is not part of its identity, but the path of a user is.
    ["111122223333-role-admin", identity(path("a/b/admin"))],
    ["111122223333-user-a/admin", identity(user.replace("/", "/a/"))],
    ["aws-cn-111122223333-role-admin", identity(admin.replace("aws", "aws-cn"))],
    ["account-012345678901", '  - account: "012345678901"\n'],
  ])("is %s", (name, item) => {
    expect(itemsOf(item).map(itemName)).toEqual([name]);
  });
});
