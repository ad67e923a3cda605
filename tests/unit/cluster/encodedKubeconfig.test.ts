import { describe, expect, it } from "vitest";
import { openStore, resolveClusterRef } from "../../../provider/cluster/index.ts";
import { listedTarget } from "../../../provider/cluster/readClusters.ts";
import { settingsOf } from "./support.ts";

const content = `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://api.example"}}]
users: [{name: u, user: {token: t0p-secret-token-of-the-deployer}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;
const json = JSON.stringify({ users: [{ name: "u", user: { token: "t0p-secret" } }], clusters: [], contexts: [] });

describe.each([
  ["YAML that a CI variable holds as base64", Buffer.from(content).toString("base64")],
  ["JSON that a CI variable holds as base64", Buffer.from(json).toString("base64")],
  ['JSON as "pulumi stack output --json" prints a string of it', JSON.stringify(json)],
])("a kubeconfig of %s", (_title, encoded) => {
  const failureOf = async (input: unknown, given: Parameters<typeof settingsOf>[0] = {}) =>
    resolveClusterRef(input, settingsOf(given)).then(
      () => "no failure",
      (error: Error) => error.message,
    );

  it("is in no message, from the environment, the stack or the program", async () => {
    const messages = [
      await failureOf({ context: "x" }, { env: { AWS_AUTH_KUBECONFIG: encoded } }),
      await failureOf({ context: "x" }, { env: { KUBECONFIG: encoded } }),
      await failureOf(undefined, { config: { "aws-auth:kubeconfig": encoded } }),
      await failureOf({ kubeconfig: encoded }),
      await failureOf(encoded),
    ];
    for (const message of messages) {
      expect(message).not.toContain(encoded.slice(0, 40));
      expect(message).not.toContain("t0p-secret");
      expect(message).not.toBe("no failure");
    }
  });

  it("is not the name of a cluster in a report", () => {
    expect(listedTarget({ kubeconfig: encoded }, "cluster 1", settingsOf({})).name).toBe("cluster 1");
  });
});

describe("a kubeconfig in the place of another setting is refused, without its content:", () => {
  const failureOf = async (input: unknown, given: Parameters<typeof settingsOf>[0]) => {
    const settings = settingsOf(given);
    const ask = async () => openStore(await resolveClusterRef(input, settings), settings);
    return ask().then(
      () => "no failure",
      (error: Error) => error.message,
    );
  };

  it.each([
    ["AWS_AUTH_CONTEXT", { kubeconfig: content }],
    ["AWS_AUTH_PROFILE", { name: "prod", region: "eu-central-1" }],
    ["AWS_AUTH_ROLE_ARN", { name: "prod", region: "eu-central-1" }],
  ])("%s", async (name, input) => {
    expect(await failureOf(input, { env: { [name]: content } })).toMatch(
      new RegExp(`^${name} looks like the content of a file; a kubeconfig goes into `),
    );
  });

  it.each([
    ["aws-auth:context", undefined],
    ["aws-auth:profile", { name: "prod", region: "eu-central-1" }],
    ["aws-auth:region", "prod"],
  ])("%s", async (name, input) => {
    const config = { "aws-auth:kubeconfig": content, [name]: content };
    expect(await failureOf(input, { config })).toMatch(new RegExp(`^${name} looks like the content of a file; `));
  });
});

it.each(["/home/me/.kube/config", "kubeconfig", "/etc/clusters:/etc/users", "Y2x1c3RlcnM", "a/b/c/aws-auth.yaml"])(
  "the path %s is a path",
  async (path) => {
    await expect(resolveClusterRef({ kubeconfig: path }, settingsOf({}))).rejects.toMatchObject({
      message: expect.stringContaining(path),
    });
  },
);
