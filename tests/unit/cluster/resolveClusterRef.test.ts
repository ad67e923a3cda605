import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { clusterIdentity, idOf, stateOf } from "../../../provider/cluster/clusterRef.ts";
import { resolveClusterRef } from "../../../provider/cluster/resolveClusterRef.ts";
import {
  expectFailure,
  type Given,
  kubeconfigOf,
  settingsOf,
  temporaryDirectory,
} from "../../support/cluster/kubeconfigs.ts";

const region = { "aws-auth:region": "eu-central-1" };
const arn = "arn:aws:eks:eu-west-1:111122223333:cluster/prod";
const roleArn = "arn:aws:iam::111122223333:role/r";
const resolved = (input: unknown, given: Given = {}) => resolveClusterRef(input, settingsOf(given));
const storedFor = async (input: unknown, given: Given = {}) => stateOf(await resolved(input, given));

describe("resolveClusterRef for EKS", () => {
  const inUsEast = { name: "prod", region: "us-east-1" };
  const inChina = "arn:aws-cn:eks:cn-north-1:111122223333:cluster/p_1-x";
  const usWest = { "aws:region": "us-west-2" };

  it.each([
    ["a name", "prod", region, "eks:eu-central-1/prod"],
    ["a name and a region", inUsEast, region, "eks:us-east-1/prod"],
    ["an ARN in place of the name", arn, region, "eks:eu-west-1/111122223333/prod"],
    ["an ARN of another partition", { name: inChina }, {}, "eks:cn-north-1/111122223333/p_1-x"],
    ["no input, with a name in the stack", undefined, { ...region, "aws-auth:cluster": "dev" }, "eks:eu-central-1/dev"],
    ["no input, with an ARN in the stack", undefined, { "aws-auth:cluster": arn }, "eks:eu-west-1/111122223333/prod"],
    ["the region of the AWS provider", "prod", usWest, "eks:us-west-2/prod"],
    ["aws-auth:region before the AWS provider's region", "prod", { ...usWest, ...region }, "eks:eu-central-1/prod"],
    ["a sovereign cloud's region", "prod", { "aws:region": "eusc-de-east-1" }, "eks:eusc-de-east-1/prod"],
    ["the cluster of a state", { ...inUsEast, profile: "p", roleArn }, region, "eks:us-east-1/prod"],
    ["a cluster with its account", { ...inUsEast, account: "012345678901" }, region, "eks:us-east-1/012345678901/prod"],
    ["an ARN and its account", { name: arn, account: "111122223333" }, {}, "eks:eu-west-1/111122223333/prod"],
  ])("resolves %s", async (_title, input, config, identity) => {
    const ref = await resolved(input, { config });
    expect([clusterIdentity(ref), idOf(ref)]).toEqual([identity, identity]);
    expect(clusterIdentity(await resolved(stateOf(ref)))).toBe(identity);
  });

  it.each([
    [{ AWS_REGION: "us-east-1", AWS_DEFAULT_REGION: "us-east-2" }, "us-east-1"],
    [{ AWS_REGION: "", AWS_DEFAULT_REGION: "us-east-2" }, "us-east-2"],
  ])("uses the region of %j", async (env, expected) => {
    expect(await resolved("prod", { env })).toMatchObject({ region: expected });
  });

  it("stores the account of an ARN, and otherwise only what the program specifies", async () => {
    expect(await storedFor(arn)).toEqual({ name: "prod", region: "eu-west-1", account: "111122223333" });
    const config = { ...region, "aws-auth:profile": "p", "aws-auth:roleArn": roleArn };
    expect(await storedFor("prod", { config })).toEqual({ name: "prod", region: "eu-central-1" });
  });
});

describe("resolveClusterRef for a manifest", () => {
  it.each([
    ["aws-auth.yaml", "aws-auth.yaml", "/program/aws-auth.yaml"],
    ["./k8s/../aws-auth.yaml", "aws-auth.yaml", "/program/aws-auth.yaml"],
    ["/program/aws-auth.yaml", "aws-auth.yaml", "/program/aws-auth.yaml"],
    ["../aws-auth.yaml", "../aws-auth.yaml", "/aws-auth.yaml"],
    ["/etc//aws-auth.yaml", "/etc/aws-auth.yaml", "/etc/aws-auth.yaml"],
    ["~/aws-auth.yaml", "~/aws-auth.yaml", "/home/me/aws-auth.yaml"],
  ])("resolves %s", async (manifest, id, path) => {
    const ref = await resolved({ manifest }, { env: { HOME: "/home/me" } });
    expect([clusterIdentity(ref), idOf(ref), stateOf(ref)]).toEqual([
      `manifest:${path}`,
      `manifest:${id}`,
      { manifest },
    ]);
  });

  it("uses the manifest of the stack", async () => {
    expect(await storedFor(undefined, { config: { "aws-auth:manifest": "m.yaml" } })).toEqual({ manifest: "m.yaml" });
  });
});

describe("resolveClusterRef for a kubeconfig", () => {
  const servers = { one: "https://one.example", two: "https://two.example:6443" };
  const third = kubeconfigOf({ three: "https://three.example" });
  const server = expect.stringMatching(/^[0-9a-f]{16}$/);

  async function program(given: Given = {}) {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, ".kube"));
    await writeFile(join(cwd, ".kube", "config"), kubeconfigOf(servers));
    await writeFile(join(cwd, "other"), third);
    return { ...given, cwd };
  }

  const two = { "aws-auth:context": "two" };
  it.each([
    ["a context in the default kubeconfig of kubectl", { context: "two" }, {}, "two"],
    ["the stack's context", undefined, two, "two"],
    ["the stack's kubeconfig and its only context", undefined, { "aws-auth:kubeconfig": "other" }, "three"],
    ["the resource's kubeconfig without the stack's context", { kubeconfig: "other" }, two, "three"],
    ["content as an object", { kubeconfig: JSON.parse(third) }, {}, "three"],
  ])("resolves %s", async (_title, input, config, context) => {
    expect(await storedFor(input, await program({ config }))).toMatchObject({ context, server });
  });

  it("stores the program's input, the context and a fingerprint, and never the endpoint", async () => {
    const kubeconfig = "other";
    expect(await storedFor({ kubeconfig }, await program())).toEqual({ kubeconfig, context: "three", server });
    expect(await storedFor(undefined, await program({ config: two }))).toEqual({ context: "two", server });
  });

  it("does not read a kubeconfig if the state has the server", async () => {
    const state = { server: "0123456789abcdef", context: "gone" };
    expect(await storedFor(state)).toEqual(state);
  });

  it("refuses an AWS_AUTH_CONTEXT of another API server than before", async () => {
    const given = await program();
    const before = await storedFor({ context: "one" }, given);
    const again = (env: Record<string, string> = {}) =>
      resolveClusterRef({ context: "one" }, settingsOf({ ...given, env }), before);
    expect(stateOf(await again())).toEqual(before);
    await expectFailure(again({ AWS_AUTH_CONTEXT: "two" }), "clusterChanged");
  });
});

describe("resolveClusterRef", () => {
  const prod = { name: "prod" };
  it.each([
    ["a number", 7, /^cluster must be the name of an EKS cluster/],
    ["a list", ["prod"], /^cluster must be/],
    ["an empty string", "", /^cluster name must be a non-empty string$/],
    ["an empty object", {}, /^cluster does not specify a cluster/],
    [
      "an unknown key",
      { ...prod, regoin: "x" },
      /unknown key "regoin"; valid keys: name, region, account, profile, roleArn, kubeconfig, context, manifest$/,
    ],
    [
      "two kinds together",
      { ...prod, manifest: "m" },
      /^cluster specifies more than one kind of cluster \(name, manifest\)/,
    ],
    ["a region without a name", { region: "eu-central-1" }, /^cluster has region but no name; add/],
    ["an invalid region", { ...prod, region: "eu-1" }, /^cluster region "eu-1" must be an AWS region/],
    ["a region that is a host", { ...prod, region: "evil.example/-1" }, /region/],
    ["two regions", { name: arn, region: "us-east-1" }, /"eu-west-1" in its ARN/],
    [
      "two accounts",
      { name: arn, account: "444455556666" },
      /^cluster has account "111122223333" in its ARN but "444455556666" in the field account; keep one$/,
    ],
    [
      "an invalid account",
      { ...prod, account: "1111-2222-3333" },
      /^cluster account "1111-2222-3333" must be the 12 digits of an AWS account, such as "111122223333"$/,
    ],
    ["an invalid name", "my cluster", /^cluster name "my cluster" must be the name of an EKS cluster/],
    ["a user's ARN as the role", { ...prod, roleArn: "arn:aws:iam::111122223333:user/u" }, /ARN of an IAM role/],
    ["a server's URL", { server: "https://one.example" }, /is set by the package; set context instead$/],
    ["several errors", { name: 1, region: "x", foo: 1 }, /name must be.*region "x".*unknown key "foo"/],
  ])("refuses %s", async (_title, input, message) => {
    await expectFailure(resolved(input), "invalidInput", message);
  });

  const misplaced = "looks like file content; pass a kubeconfig as { kubeconfig: ... }";
  const whole = "cluster is the content of a kubeconfig; pass it as { kubeconfig: ... }";
  it.each([
    ["in place of the name", "apiVersion: v1\nusers: [{token: s3cret}]\n", `cluster name ${misplaced}`],
    ["on one line", "{apiVersion: v1, users: [{token: s3cret}]}", `cluster name ${misplaced}`],
    ["with escaped line breaks", "kind: Config\\nusers:\\n- token: s3cret\\n", `cluster name ${misplaced}`],
    ["as an object", { apiVersion: "v1", users: [{ token: "s3cret" }], s3cret: 1 }, whole],
    ["as an object with only clusters", { clusters: [{ name: "s3cret" }] }, whole],
    ["as a region", { name: "prod", region: "users: [{token: s3cret}]" }, `cluster region ${misplaced}`],
  ])("refuses a whole kubeconfig %s without quoting it", async (_title, input, message) => {
    await expectFailure(resolved(input), "invalidInput", message);
  });

  it.each(["aws-auth:cluster", "aws-auth:manifest"])("refuses a kubeconfig in %s without quoting it", async (key) => {
    await expectFailure(
      resolved(undefined, { config: { [key]: "{apiVersion: v1, users: [{token: s3cret}]}" } }),
      "invalidInput",
      `${key} looks like file content; set a kubeconfig in aws-auth:kubeconfig or AWS_AUTH_KUBECONFIG`,
    );
  });

  it("fails without a cluster, and reports how to specify one", async () => {
    await expectFailure(
      resolved(undefined, { env: { KUBECONFIG: "kubeconfig" } }),
      "clusterNotNamed",
      'no cluster is configured; run "pulumi config set aws-auth:cluster NAME", or set cluster on the resource; docs/configuration.md of the package pulumi-aws-auth describes other ways',
    );
  });

  it("refuses two clusters in the stack, and reports both without the kubeconfig's content", async () => {
    const config = {
      "aws-auth:cluster": "prod",
      "aws-auth:kubeconfig": "kind: Config\ntoken: s3cret\n",
      "aws-auth:manifest": "m.yaml",
    };
    await expectFailure(
      resolved(undefined, { config }),
      "clusterNotNamed",
      'the stack configuration specifies more than one cluster: aws-auth:cluster "prod", aws-auth:kubeconfig, aws-auth:manifest "m.yaml"; keep one, or set cluster on the resource',
    );
  });

  it("reports a problem of the stack's settings with the name of the setting", async () => {
    const message = /^stack configuration aws-auth:cluster: cluster name "my cluster" must be/;
    await expectFailure(resolved(undefined, { config: { "aws-auth:cluster": "my cluster" } }), "invalidInput", message);
    const config = { "aws:region": "europe" };
    await expectFailure(resolved("prod", { config }), "invalidInput", /^region "europe" from aws:region/);
  });
});
