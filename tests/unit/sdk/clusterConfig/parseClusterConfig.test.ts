import { describe, expect, it } from "vitest";
import { valueSource } from "../../../../sdk/clusterConfig/config.ts";
import { parseClusterConfig } from "../../../../sdk/clusterConfig/parseClusterConfig.ts";
import { settingsOf } from "../../cluster/support.ts";
import { head, itemsOf, parse, problemsOf } from "./support.ts";

const role = "arn:aws:iam::111122223333:role/dev";

describe("a ClusterConfig that eksctl accepts", () => {
  it("gives its items in their order, and the cluster of its metadata", () => {
    const { cluster, items, warnings } = parse(`---
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
    expect(cluster).toEqual({ name: "demo", region: "us-west-2" });
    expect(warnings).toEqual([]);
    expect(items).toEqual([
      { kind: "identity", arn: role, username: "admin", groups: ["system:masters"], noDuplicateARNs: true },
      {
        kind: "identity",
        arn: "arn:aws:iam::111122223333:user/oncall",
        username: "oncall",
        groups: undefined,
        noDuplicateARNs: false,
      },
      { kind: "service", serviceName: "emr-containers", namespace: "spark", noDuplicateARNs: false },
      { kind: "account", account: "000000000000" },
    ]);
  });

  it("may have anchors, aliases, merge keys and keys without a value", () => {
    const items = itemsOf(`  - &base
    arn: ${role}
    groups: &groups [a, b]
    username:
  - <<: *base
    arn: arn:aws:iam::111122223333:role/ops
    account: ""
`);
    expect(items).toMatchObject([
      { arn: role, groups: ["a", "b"], username: undefined },
      { arn: "arn:aws:iam::111122223333:role/ops", groups: ["a", "b"] },
    ]);
  });

  it("may leave out quotes where YAML reads the text as it stands", () => {
    expect(
      itemsOf(`  - account: 111122223333\n  - arn: ${role}\n    username: 42\n    groups: [true]\n`),
    ).toMatchObject([{ account: "111122223333" }, { username: "42", groups: ["true"] }]);
  });

  it("may have no mappings, which is worth a warning unless the list is there", () => {
    const bare = head.replace("iamIdentityMappings:\n", "");
    expect(parse(bare)).toMatchObject({
      items: [],
      warnings: ["cluster.yaml:1: there are no iamIdentityMappings, so nothing is mapped"],
    });
    expect(parse(`${bare}iamIdentityMappings: []\n`)).toMatchObject({ items: [], warnings: [] });
  });

  it("has none of its sections taken for a misspelling", () => {
    // The keys of eksctl's ClusterConfig.
    const sections = [
      ...["upgradePolicy", "kubernetesNetworkConfig", "autoModeConfig", "remoteNetworkConfig", "iam", "accessConfig"],
      ...["identityProviders", "vpc", "addons", "addonsConfig", "privateCluster", "nodeGroups", "managedNodeGroups"],
      ...[
        "fargateProfiles",
        "availabilityZones",
        "localZones",
        "cloudWatch",
        "secretsEncryption",
        "gitops",
        "karpenter",
      ],
      ...["outpost", "controlPlaneScalingConfig", "zonalShiftConfig", "kubeAPIServerConfig", "capabilities"],
    ];
    const bare = head.replace("iamIdentityMappings:\n", "");
    expect(parse(bare + sections.map((key) => `${key}: {}\n`).join("")).items).toEqual([]);
  });
});

describe("a ClusterConfig with problems", () => {
  it("reports all of them together, each with its line", () => {
    expect(
      problemsOf(`apiVersion: eksctl.io/v1alpha4
kind: Cluster
metadata:
  name: demo
  regoin: us-west-2
iamIdentityMappings:
  - arn: ${role}
    username: x
    noDuplicateArns: true
  - account: 000000000000
  - arn: ${role}
    groups: dev
    userName: x
  - just text
`),
    ).toEqual([
      "cluster.yaml has 8 errors:",
      'cluster.yaml:1: apiVersion "eksctl.io/v1alpha4" is not supported; write apiVersion: eksctl.io/v1alpha5',
      'cluster.yaml:2: kind "Cluster" is not supported; write kind: ClusterConfig',
      'cluster.yaml:5: metadata.regoin: unknown key "regoin"; did you mean "region"? allowed: name, region, version, forceUpdateVersion, rollbackConfig, tags, annotations',
      'cluster.yaml:9: iamIdentityMappings[0].noDuplicateArns: unknown key "noDuplicateArns"; did you mean "noDuplicateARNs"? allowed: arn, username, groups, account, serviceName, namespace, noDuplicateARNs',
      'cluster.yaml:10: iamIdentityMappings[1].account: account 000000000000 is not a string but a number to YAML, which loses leading zeros; write it in quotes: "000000000000"',
      'cluster.yaml:12: iamIdentityMappings[2].groups: groups "dev" is not a list; write groups: ["dev"]',
      'cluster.yaml:13: iamIdentityMappings[2].userName: unknown key "userName"; did you mean "username"? allowed: arn, username, groups, account, serviceName, namespace, noDuplicateARNs',
      'cluster.yaml:14: iamIdentityMappings[3]: "just text" is not a mapping of keys to values',
    ]);
  });

  const problems: readonly { title: string; text: string; prints: readonly string[] }[] = [
    {
      title: "is empty",
      text: "# nothing but a comment\n",
      prints: ["cluster.yaml is not an eksctl ClusterConfig:", "cluster.yaml: it is empty"],
    },
    {
      title: "is a list",
      text: "- a\n",
      prints: ["cluster.yaml is not an eksctl ClusterConfig:", "cluster.yaml:1: it is not a mapping of keys to values"],
    },
    {
      title: "is not YAML",
      text: `${head}  - arn: [\n`,
      prints: ["cluster.yaml cannot be read as YAML:"],
    },
    {
      title: "repeats a key",
      text: `${head}  - arn: ${role}\n    username: a\n    username: b\n`,
      prints: [
        "cluster.yaml cannot be read as YAML:",
        "cluster.yaml:9:5: a key is repeated in a map: keep one of them",
      ],
    },
    {
      title: "says not what it is",
      text: "metadata: { name: demo, region: us-west-2 }\niamIdentityMappings: []\n",
      prints: [
        "cluster.yaml has 2 errors:",
        "cluster.yaml:1: apiVersion must be set; write apiVersion: eksctl.io/v1alpha5",
        "cluster.yaml:1: kind must be set; write kind: ClusterConfig",
      ],
    },
    {
      title: "names no region",
      text: `${head.replace("  region: us-west-2\n", "")}  - account: "111122223333"\n`,
      prints: ["cluster.yaml has an error:", "cluster.yaml:3: metadata.region must be set"],
    },
    {
      title: "names no cluster",
      text: "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\niamIdentityMappings: []\n",
      prints: ["cluster.yaml has an error:", "cluster.yaml:1: metadata must be set: name and region of the cluster"],
    },
    {
      title: "misspells iamIdentityMappings",
      text: `${head.replace("iamIdentityMappings", "iamIdentityMapping")}  - account: "111122223333"\n`,
      prints: [
        "cluster.yaml has an error:",
        'cluster.yaml:6: unknown key "iamIdentityMapping"; did you mean "iamIdentityMappings"?',
      ],
    },
    {
      title: "was not expanded",
      text: `${head.replace("us-west-2", "<REGION>")}  - arn: {{ .Values.role }}\n    username: {{ .Values.user }}\n`,
      prints: [
        "cluster.yaml has 3 errors:",
        'cluster.yaml:5: metadata.region: region "<REGION>" has the placeholder <REGION>; expand it first',
        "cluster.yaml:7: iamIdentityMappings[0].arn: arn has the placeholder {{ .Values.role }}; expand it first",
        "cluster.yaml:8: iamIdentityMappings[0].username: username has the placeholder {{ .Values.user }}; expand it first",
      ],
    },
    {
      title: "has a username that YAML takes for a boolean",
      text: `${head}  - arn: ${role}\n    username: y\n`,
      prints: [
        "cluster.yaml has an error:",
        'cluster.yaml:8: iamIdentityMappings[0].username: username y is not a string but a boolean to YAML; write it in quotes: "y"',
      ],
    },
    {
      title: "has a mapping in place of the list",
      text: head.replace("iamIdentityMappings:\n", "iamIdentityMappings:\n  arn: x\n"),
      prints: ["cluster.yaml has an error:", "cluster.yaml:6: iamIdentityMappings is not a list"],
    },
  ];
  it.each(problems)("is refused when it $title", ({ text, prints }) => {
    expect(problemsOf(text)).toEqual(expect.arrayContaining([...prints]));
    expect(problemsOf(text)).not.toEqual(expect.arrayContaining([expect.stringContaining("undefined")]));
  });

  it("needs no metadata where the program names the cluster, and is as strict inside it", () => {
    const text = "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\niamIdentityMappings: []\n";
    expect(parse(text, {}).cluster).toBeUndefined();
    expect(problemsOf(`${text}metadata: { nmae: x }\n`, {})).toHaveLength(2);
  });

  const at = (config: Readonly<Record<string, string>>, env = {}) => ({ settings: settingsOf({ config, env }) });

  it.each<[string, Readonly<Record<string, string>>, string, Readonly<Record<string, string>>?]>([
    ["a manifest", { "aws-auth:manifest": "map.yaml" }, 'aws-auth:manifest "map.yaml"'],
    ["a context", { "aws-auth:context": "demo" }, 'aws-auth:context "demo"'],
    ["a secret kubeconfig", { "aws-auth:kubeconfig": "{ users: [t0p-secret] }" }, "aws-auth:kubeconfig"],
    ["another name", { "aws-auth:cluster": "dev" }, 'aws-auth:cluster "dev"'],
    [
      "the same name in another region",
      { "aws-auth:cluster": "demo", "aws-auth:region": "eu-central-1" },
      'aws-auth:cluster "demo" in eu-central-1',
    ],
    [
      "the same name in the environment's region",
      { "aws-auth:cluster": "demo" },
      'aws-auth:cluster "demo" in eu-central-1',
      { AWS_REGION: "eu-central-1" },
    ],
    [
      "an ARN in another region",
      { "aws-auth:cluster": "arn:aws:eks:eu-west-1:111122223333:cluster/demo", "aws-auth:region": "us-west-2" },
      'aws-auth:cluster "arn:aws:eks:eu-west-1:111122223333:cluster/demo" in eu-west-1',
    ],
  ])("is refused where the stack names another cluster, by %s", (_title, config, setting, env) => {
    expect(problemsOf(head, at(config, env))).toEqual([
      "cluster.yaml has an error:",
      `cluster.yaml:3: metadata names EKS cluster "demo" in us-west-2, but stack configuration names ${setting}; set cluster on the component to the one that is meant, or remove metadata or the setting`,
    ]);
    expect(parse(head, {}).cluster).toEqual({ name: "demo", region: "us-west-2" });
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["its name", { "aws-auth:cluster": "demo" }],
    ["its name and region", { "aws-auth:cluster": "demo", "aws:region": "us-west-2" }],
    ["nothing but a region", { "aws:region": "eu-central-1" }],
  ])("is accepted where the stack names the same cluster, by %s", (_title, config) => {
    expect(parse(head, at(config)).cluster).toEqual({ name: "demo", region: "us-west-2" });
  });

  it("is in the account that the stack's ARN says, since another account may have a cluster of this name", () => {
    const arn = "arn:aws:eks:us-west-2:111122223333:cluster/demo";
    const { cluster } = parse(head, at({ "aws-auth:cluster": arn, "aws:region": "us-east-1" }));
    expect(cluster).toEqual({ name: "demo", region: "us-west-2", account: "111122223333" });
  });

  it("needs no metadata, or only a part of it, where the stack names the cluster", () => {
    const without = head.replace(/metadata:\n.*\n.*\n/, "");
    expect(parse(without, at({ "aws-auth:manifest": "map.yaml" })).cluster).toBeUndefined();
    const nameless = head.replace("  name: demo\n", "");
    expect(parse(nameless, at({ "aws-auth:cluster": "demo" })).cluster).toBeUndefined();
    expect(problemsOf(nameless, at({ "aws-auth:cluster": "demo", "aws:region": "us-east-1" }))[1]).toContain(
      'metadata names us-west-2, but stack configuration names aws-auth:cluster "demo" in us-east-1',
    );
  });

  it("is not compared before its placeholders are expanded", () => {
    const templated = head.replace("demo", "<NAME>");
    expect(problemsOf(templated, at({ "aws-auth:manifest": "map.yaml" })).slice(1)).toEqual([
      'cluster.yaml:4: metadata.name: name "<NAME>" has the placeholder <NAME>; expand it first',
    ]);
  });

  it("reports what is wrong with the other keys of an item that has an unknown one, and no echo of it", () => {
    expect(problemsOf(`${head}  - arn: nonsense\n    usrname: x\n`).slice(1)).toEqual([
      expect.stringContaining(
        'cluster.yaml:8: iamIdentityMappings[0].usrname: unknown key "usrname"; did you mean "username"?',
      ),
      expect.stringContaining("cluster.yaml:7: iamIdentityMappings[0].arn: arn: invalid prefix"),
    ]);
  });

  it("has an empty list of groups taken for none, and a list of which a part is not readable for not readable", () => {
    expect(problemsOf(`${head}  - arn: ${role}\n    groups: []\n`)[1]).toContain("neither username nor group are set");
    expect(problemsOf(`${head}  - arn: ${role}\n    groups: [" a", 1.0]\n`).slice(1)).toEqual([
      expect.stringContaining("groups 1.0 is not a string but a number"),
    ]);
  });

  it("is pointed at where an alias leads", () => {
    expect(problemsOf(`${head}  - &a\n    arn: ${role}\n    groups: [1e3]\n  - *a\n`).slice(1)).toEqual([
      expect.stringContaining("cluster.yaml:9: iamIdentityMappings[0].groups[0]: groups 1e3 is not a string"),
      expect.stringContaining("cluster.yaml:9: iamIdentityMappings[1].groups[0]: groups 1e3 is not a string"),
    ]);
  });
});

describe("a ClusterConfig as a value", () => {
  it("need not say what it is", () => {
    const value = {
      metadata: { name: "demo", region: "us-west-2" },
      iamIdentityMappings: [{ account: "012345678901" }],
    };
    expect(parseClusterConfig(valueSource(value), settingsOf({})).items).toEqual([
      { kind: "account", account: "012345678901" },
    ]);
  });

  it("has every value of a wrong type named, also those that no file can hold", () => {
    const item = { arn: role, username: new Date(0), groups: ["a", undefined, null, ["b"]], noDuplicateARNs: "true" };
    expect(() => parseClusterConfig(valueSource({ iamIdentityMappings: [item, []] }), undefined)).toThrow(
      [
        "config has 6 errors:",
        "config: iamIdentityMappings[0].username: username a date is not a string but a date",
        "config: iamIdentityMappings[0].groups[1]: groups undefined is not a string but nothing; write it in quotes",
        "config: iamIdentityMappings[0].groups[2]: groups null is not a string but nothing",
        "config: iamIdentityMappings[0].groups[3]: groups a list is not a string but a list",
        'config: iamIdentityMappings[0].noDuplicateARNs: noDuplicateARNs "true" must be true or false, without quotes',
        "config: iamIdentityMappings[1]: a list is not a mapping of keys to values",
      ].join("\n  "),
    );
  });

  it("is as strict, and names the property in place of the line", () => {
    const value = { kind: "Cluster", iamIdentityMappings: [{ account: 12345678901 }, { arn: role, usrname: "x" }] };
    expect(() => parseClusterConfig(valueSource(value), undefined)).toThrow(
      [
        "config has 3 errors:",
        'config: kind "Cluster" is not supported; write kind: ClusterConfig',
        "config: iamIdentityMappings[0].account: account 12345678901 is not a string but a number, which loses leading zeros; write it in quotes, as a string of 12 digits",
        'config: iamIdentityMappings[1].usrname: unknown key "usrname"; did you mean "username"? allowed: arn, username, groups, account, serviceName, namespace, noDuplicateARNs',
      ].join("\n  "),
    );
  });
});
