import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { identityOf, idOf, resolveClusterRef, stateOf } from "../../../provider/cluster/index.ts";
import { kubeconfigOf, settingsOf, temporaryDirectory } from "./support.ts";

const region = { "aws-auth:region": "eu-central-1" };

describe("resolveClusterRef for EKS", () => {
  it.each([
    ["a name", "prod", region, "eks:eu-central-1/prod"],
    ["a name and a region", { name: "prod", region: "us-east-1" }, region, "eks:us-east-1/prod"],
    [
      "an ARN in the name's place",
      "arn:aws:eks:eu-west-1:111122223333:cluster/prod",
      region,
      "eks:eu-west-1/111122223333/prod",
    ],
    [
      "an ARN of another partition",
      { name: "arn:aws-cn:eks:cn-north-1:111122223333:cluster/p_1-x" },
      {},
      "eks:cn-north-1/111122223333/p_1-x",
    ],
    ["nothing, with a name in the stack", undefined, { ...region, "aws-auth:cluster": "dev" }, "eks:eu-central-1/dev"],
    [
      "nothing, with an ARN in the stack",
      undefined,
      { "aws-auth:cluster": "arn:aws:eks:eu-west-1:111122223333:cluster/prod" },
      "eks:eu-west-1/111122223333/prod",
    ],
    ["the region of the AWS provider", "prod", { "aws:region": "us-west-2" }, "eks:us-west-2/prod"],
    [
      "our own region before the AWS provider's",
      "prod",
      { "aws:region": "us-west-2", ...region },
      "eks:eu-central-1/prod",
    ],
    ["a sovereign cloud's region", "prod", { "aws:region": "eusc-de-east-1" }, "eks:eusc-de-east-1/prod"],
    [
      "what a state holds",
      { name: "prod", region: "us-east-1", profile: "p", roleArn: "arn:aws:iam::111122223333:role/r" },
      region,
      "eks:us-east-1/prod",
    ],
    [
      "what a state holds of a cluster whose account is known",
      { name: "prod", region: "us-east-1", account: "012345678901" },
      region,
      "eks:us-east-1/012345678901/prod",
    ],
    [
      "an ARN, and the same account beside it",
      { name: "arn:aws:eks:eu-west-1:111122223333:cluster/prod", account: "111122223333" },
      {},
      "eks:eu-west-1/111122223333/prod",
    ],
  ])("takes %s", async (_title, input, config, identity) => {
    const ref = await resolveClusterRef(input, settingsOf({ config }));
    expect(identityOf(ref)).toBe(identity);
    expect(idOf(ref)).toBe(identity);
    expect(identityOf(await resolveClusterRef(stateOf(ref), settingsOf({})))).toBe(identity);
  });

  it.each([
    [{ AWS_REGION: "us-east-1", AWS_DEFAULT_REGION: "us-east-2" }, "us-east-1"],
    [{ AWS_REGION: "", AWS_DEFAULT_REGION: "us-east-2" }, "us-east-2"],
  ])("takes the region from %j", async (env, expected) => {
    expect(await resolveClusterRef("prod", settingsOf({ env }))).toMatchObject({ region: expected });
  });

  it("stores the account of an ARN", async () => {
    const arn = "arn:aws:eks:eu-west-1:111122223333:cluster/prod";
    expect(stateOf(await resolveClusterRef(arn, settingsOf({})))).toEqual({
      name: "prod",
      region: "eu-west-1",
      account: "111122223333",
    });
  });

  it("keeps out of the state what the program did not name", async () => {
    const config = { ...region, "aws-auth:profile": "p", "aws-auth:roleArn": "arn:aws:iam::111122223333:role/r" };
    expect(stateOf(await resolveClusterRef("prod", settingsOf({ config })))).toEqual({
      name: "prod",
      region: "eu-central-1",
    });
  });
});

describe("resolveClusterRef for a manifest", () => {
  it.each([
    ["aws-auth.yaml", "manifest:aws-auth.yaml", "/program/aws-auth.yaml"],
    ["./k8s/../aws-auth.yaml", "manifest:aws-auth.yaml", "/program/aws-auth.yaml"],
    ["/program/aws-auth.yaml", "manifest:aws-auth.yaml", "/program/aws-auth.yaml"],
    ["../aws-auth.yaml", "manifest:../aws-auth.yaml", "/aws-auth.yaml"],
    ["/etc//aws-auth.yaml", "manifest:/etc/aws-auth.yaml", "/etc/aws-auth.yaml"],
    ["~/aws-auth.yaml", "manifest:~/aws-auth.yaml", "/home/me/aws-auth.yaml"],
  ])("takes %s", async (manifest, identity, path) => {
    const ref = await resolveClusterRef({ manifest }, settingsOf({ env: { HOME: "/home/me" } }));
    expect(ref).toMatchObject({ kind: "manifest", path });
    expect(identityOf(ref)).toBe(`manifest:${path}`);
    expect(idOf(ref)).toBe(identity);
    expect(stateOf(ref)).toEqual({ manifest });
  });

  it("takes the stack's", async () => {
    const ref = await resolveClusterRef(undefined, settingsOf({ config: { "aws-auth:manifest": "m.yaml" } }));
    expect(stateOf(ref)).toEqual({ manifest: "m.yaml" });
  });
});

describe("resolveClusterRef for a kubeconfig", () => {
  const servers = { one: "https://one.example", two: "https://two.example:6443" };

  async function program(extra: Parameters<typeof settingsOf>[0] = {}) {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, ".kube"));
    await writeFile(join(cwd, ".kube", "config"), kubeconfigOf(servers));
    await writeFile(join(cwd, "other"), kubeconfigOf({ three: "https://three.example" }));
    return settingsOf({ ...extra, cwd });
  }
  const contextOf = async (input: unknown, extra: Parameters<typeof settingsOf>[0] = {}) =>
    stateOf(await resolveClusterRef(input, await program(extra)));

  it.each([
    ["a context in the kubeconfig that kubectl would use", { context: "two" }, {}, "two"],
    ["the stack's context", undefined, { config: { "aws-auth:context": "two" } }, "two"],
    ["the stack's kubeconfig and its only context", undefined, { config: { "aws-auth:kubeconfig": "other" } }, "three"],
    [
      "a kubeconfig of its own without the stack's context",
      { kubeconfig: "other" },
      { config: { "aws-auth:context": "two" } },
      "three",
    ],
    ["content as an object", { kubeconfig: JSON.parse(kubeconfigOf({ three: servers.one })) }, {}, "three"],
  ])("takes %s", async (_title, input, extra, context) => {
    expect(await contextOf(input, extra)).toMatchObject({ context, server: expect.stringMatching(/^[0-9a-f]{16}$/) });
  });

  it("stores what the program named, the context and a fingerprint, and never the endpoint", async () => {
    expect(await contextOf({ kubeconfig: "other" })).toEqual({
      kubeconfig: "other",
      context: "three",
      server: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    const config = { "aws-auth:context": "two" };
    expect(Object.keys(await contextOf(undefined, { config }))).toEqual(["server", "context"]);
  });

  it("does not look for a kubeconfig if the state has the server", async () => {
    const state = { server: "0123456789abcdef", context: "gone" };
    expect(stateOf(await resolveClusterRef(state, settingsOf({})))).toEqual(state);
  });

  it("refuses a context that leads to another API server than before", async () => {
    const settings = await program();
    const before = stateOf(await resolveClusterRef({ context: "one" }, settings));
    expect(stateOf(await resolveClusterRef({ context: "one" }, settings, before))).toEqual(before);
    await writeFile(join(settings.cwd, ".kube", "config"), kubeconfigOf({ ...servers, one: "https://new.example" }));
    await expect(resolveClusterRef({ context: "one" }, settings, before)).rejects.toMatchObject({
      code: "clusterChanged",
      message: expect.stringMatching(/^context "one" of kubeconfig ".*" leads to another API server than the one of/),
    });
  });

  it("keeps the cluster of a mapping that AWS_AUTH_CONTEXT would move", async () => {
    const settings = await program();
    const before = stateOf(await resolveClusterRef({ context: "one" }, settings));
    const env = { ...settings.env, AWS_AUTH_CONTEXT: "two" };
    await expect(resolveClusterRef({ context: "one" }, { ...settings, env }, before)).rejects.toMatchObject({
      code: "clusterChanged",
    });
  });
});

const wholeKubeconfig = "cluster is a whole kubeconfig; give it as { kubeconfig: ... }";

describe("resolveClusterRef refuses", () => {
  it.each([
    ["a number", 7, "invalidInput", /^cluster must be the name of an EKS cluster/],
    ["a list", ["prod"], "invalidInput", /^cluster must be/],
    ["an empty text", "", "invalidInput", /^cluster name must be a string that is not empty$/],
    ["an empty object", {}, "invalidInput", /^cluster names no cluster/],
    [
      "an unknown key",
      { name: "prod", regoin: "x" },
      "invalidInput",
      /unknown key "regoin"; valid keys: name, region, account, profile, roleArn, kubeconfig, context, manifest$/,
    ],
    [
      "two kinds at once",
      { name: "prod", manifest: "m.yaml" },
      "invalidInput",
      /^cluster names more than one kind of cluster \(name, manifest\)/,
    ],
    ["a region without a name", { region: "eu-central-1" }, "invalidInput", /no name of an EKS cluster/],
    [
      "a region that is none",
      { name: "prod", region: "eu-central1" },
      "invalidInput",
      /^cluster region "eu-central1" must be an AWS region/,
    ],
    ["a region that is a host", { name: "prod", region: "evil.example/-1" }, "invalidInput", /region/],
    [
      "two regions",
      { name: "arn:aws:eks:eu-west-1:111122223333:cluster/p", region: "us-east-1" },
      "invalidInput",
      /"eu-west-1" by its ARN/,
    ],
    [
      "two accounts",
      { name: "arn:aws:eks:eu-west-1:111122223333:cluster/p", account: "444455556666" },
      "invalidInput",
      /^cluster is in account "111122223333" by its ARN and in "444455556666" by its account; keep one$/,
    ],
    [
      "an account that is none",
      { name: "prod", account: "1111-2222-3333" },
      "invalidInput",
      /^cluster account "1111-2222-3333" must be the 12 digits of an AWS account, such as "111122223333"$/,
    ],
    [
      "a name that is none",
      "my cluster",
      "invalidInput",
      /^cluster name "my cluster" must be the name of an EKS cluster/,
    ],
    [
      "a user's ARN as the role",
      { name: "p", roleArn: "arn:aws:iam::111122223333:user/u" },
      "invalidInput",
      /ARN of an IAM role/,
    ],
    ["a server's URL", { server: "https://one.example" }, "invalidInput", /name a context instead/],
    [
      "several errors, all of them",
      { name: 1, region: "x", foo: 1 },
      "invalidInput",
      /name must be.*region "x".*unknown key "foo"/,
    ],
  ])("%s", async (_title, input, code, message) => {
    await expect(resolveClusterRef(input, settingsOf({}))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  const misplaced = "cluster name looks like the content of a file; a kubeconfig goes into { kubeconfig: ... }";
  it.each([
    ["in the name's place", "apiVersion: v1\nusers: [{token: s3cret}]\n", misplaced],
    ["on one line", "{apiVersion: v1, users: [{token: s3cret}]}", misplaced],
    ["with its line breaks spelt out", "kind: Config\\nusers:\\n- token: s3cret\\n", misplaced],
    ["as an object", { apiVersion: "v1", users: [{ token: "s3cret" }], s3cret: 1 }, wholeKubeconfig],
    ["as an object of clusters alone", { clusters: [{ name: "s3cret" }] }, wholeKubeconfig],
    [
      "in the place of a region",
      { name: "prod", region: "users: [{token: s3cret}]" },
      "cluster region looks like the content of a file; a kubeconfig goes into { kubeconfig: ... }",
    ],
  ])("a whole kubeconfig %s, without its content", async (_title, input, message) => {
    await expect(resolveClusterRef(input, settingsOf({}))).rejects.toMatchObject({ code: "invalidInput", message });
  });

  it.each(["aws-auth:cluster", "aws-auth:manifest"])("a whole kubeconfig in %s, without its content", async (key) => {
    const kubeconfig = "{apiVersion: v1, users: [{token: s3cret}]}";
    const alone = resolveClusterRef(undefined, settingsOf({ config: { [key]: kubeconfig } }));
    await expect(alone).rejects.toMatchObject({
      code: "invalidInput",
      message: `${key} looks like the content of a file; a kubeconfig goes into aws-auth:kubeconfig or AWS_AUTH_KUBECONFIG`,
    });
  });

  it("no cluster at all, and reports how to name one", async () => {
    await expect(resolveClusterRef(undefined, settingsOf({ env: { KUBECONFIG: "kubeconfig" } }))).rejects.toMatchObject(
      {
        code: "clusterNotNamed",
        message:
          'no cluster is named; run "pulumi config set aws-auth:cluster NAME", or set cluster on the resource; docs/configuration.md of the package pulumi-aws-auth has the other ways',
      },
    );
  });

  it("two clusters in the stack, and names both, but no kubeconfig's content", async () => {
    const config = {
      "aws-auth:cluster": "prod",
      "aws-auth:kubeconfig": "kind: Config\ntoken: s3cret\n",
      "aws-auth:manifest": "m.yaml",
    };
    await expect(resolveClusterRef(undefined, settingsOf({ config }))).rejects.toMatchObject({
      code: "clusterNotNamed",
      message:
        'stack configuration names more than one cluster: aws-auth:cluster "prod", aws-auth:kubeconfig, aws-auth:manifest "m.yaml"; keep one, or set cluster on the resource',
    });
  });

  it("a failure in the stack's cluster, under the setting's name", async () => {
    await expect(
      resolveClusterRef(undefined, settingsOf({ config: { "aws-auth:cluster": "my cluster" } })),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/^stack configuration aws-auth:cluster: cluster name "my cluster" must be/),
    });
  });

  it("a region of the stack that is none", async () => {
    await expect(resolveClusterRef("prod", settingsOf({ config: { "aws:region": "europe" } }))).rejects.toMatchObject({
      code: "invalidInput",
      message: expect.stringMatching(/^region "europe" from aws:region/),
    });
  });
});
