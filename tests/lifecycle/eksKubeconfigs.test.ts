import { existsSync } from "node:fs";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { connectionTo } from "../../provider/cluster/connect.ts";
import { runHere } from "../support/cli/runCli.ts";
import { pem, startApiServer, startHttpProxy } from "../support/cluster/apiServer.ts";
import { kubeconfigOf, setEnv, temporaryDirectory } from "../support/cluster/kubeconfigs.ts";
import { declaredEntry, devArn, entriesWorld } from "../support/eks/entriesWorld.ts";
import { it as base, dev } from "../support/lifecycle/fixture.ts";
import { Stack } from "../support/lifecycle/stack.ts";
import { World } from "../support/lifecycle/world.ts";

const arn = "arn:aws:eks:eu-central-1:111122223333:cluster/prod";
const byName = { ...dev, cluster: { name: "prod", region: "eu-central-1" } };
/** The authority of each test cluster: the same certificate, so that the servers can share it, with another text. */
const authority = (name: string) => Buffer.from(`# ${name}\n${pem("ca")}`).toString("base64");

/** The EKS cluster "prod" with a kubeconfig as `aws eks update-kubeconfig` writes it, and a stack. */
const it = base
  .extend("eks", async () => {
    const eks = await entriesWorld();
    eks.kubernetes.data = { mapRoles: "[]\n" };
    Object.assign(eks.aws.cluster("prod"), { caData: authority("prod") });
    return eks;
  })
  .extend("kubeconfig", async ({ eks }) => {
    const directory = await temporaryDirectory();
    const [command, path] = [join(directory, "aws"), join(directory, "kubeconfig")];
    const credential = { kind: "ExecCredential", status: { token: "t0p-secret" } };
    await writeFile(command, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`);
    await chmod(command, 0o755);
    const textOf = (url: string, name = "prod", ca = name, context = "aws") => {
      const args = ["--region", "eu-central-1", "eks", "get-token", "--cluster-name", name, "--output", "json"];
      const exec = { apiVersion: "client.authentication.k8s.io/v1beta1", command, args };
      const content = JSON.parse(kubeconfigOf({ [context]: url }, { exec }));
      content.clusters[0].cluster["certificate-authority-data"] = authority(ca);
      return JSON.stringify(content);
    };
    const write = (...given: Parameters<typeof textOf>) => writeFile(path, textOf(...given));
    await write(eks.kubernetes.url);
    return { path, textOf, write, program: { mappings: { dev: { ...dev, cluster: { kubeconfig: path } } } } };
  })
  .extend("stack", ({ eks: _eks }) => new Stack(Object.assign(new World(), { connectionTo })));

const fingerprint = expect.stringMatching(/^[0-9a-f]{16}$/);
const denied = (eks: Awaited<ReturnType<typeof entriesWorld>>) =>
  eks.aws.permit(eks.deployer, ["sts:GetCallerIdentity"]);
const refusal = /cannot perform eks:DescribeCluster \(/;

describe("a mapping with a kubeconfig that was made for EKS", () => {
  it("is on the same cluster as a mapping with its name", async ({ stack, kubeconfig }) => {
    expect(await stack.up(kubeconfig.program)).toEqual([]);
    const { id, outs } = stack.states.get("dev") ?? {};
    expect(id).toMatch(/^eks:eu-central-1\/111122223333\/prod\//);
    expect(outs?.["cluster"]).toEqual({
      ...{ name: "prod", region: "eu-central-1", account: "111122223333" },
      ...{ authority: fingerprint, server: fingerprint, kubeconfig: kubeconfig.path, context: "aws" },
    });
    expect(await stack.preview(kubeconfig.program)).toMatchObject({ steps: { dev: "same" }, messages: [] });
    for (const program of [{ mappings: { dev: byName } }, kubeconfig.program]) {
      expect(await stack.preview(program)).toMatchObject({ refused: [], steps: { dev: "update" } });
      expect(await stack.up(program)).toEqual([]);
    }
    expect(await stack.destroy()).toEqual([]);
  });

  it("is unchanged with the AWS profile of another user", async ({ stack, kubeconfig }) => {
    await stack.up(kubeconfig.program);
    const content = JSON.parse(await readFile(kubeconfig.path, "utf8"));
    content.users[0].user.exec.env = [{ name: "AWS_PROFILE", value: "laptop" }];
    await writeFile(kubeconfig.path, JSON.stringify(content));
    const env = { AWS_AUTH_PROFILE: "" };
    expect(await stack.preview({ ...kubeconfig.program, env })).toMatchObject({ steps: { dev: "same" } });
  });

  it("uses the server of the kubeconfig, and any other server of the cluster", async ({ eks, stack, kubeconfig }) => {
    Object.assign(eks.aws.cluster("prod"), { endpoint: "https://127.0.0.1:9" });
    expect(await stack.up(kubeconfig.program)).toEqual([]);
    const tunnel = await startHttpProxy();
    const through = JSON.parse(kubeconfig.textOf(eks.kubernetes.url));
    through.clusters[0].cluster["proxy-url"] = tunnel.url;
    await writeFile(kubeconfig.path, JSON.stringify(through));
    expect(await stack.preview(kubeconfig.program)).toMatchObject({ refused: [], steps: { dev: "same" } });
    await stack.refresh();
    expect(await stack.destroy()).toEqual([]);
    expect(tunnel.asked.length).toBeGreaterThan(0);
  });

  it("can be stored in an access entry, and is refused in aws-auth if the cluster ignores it", async ({
    eks,
    stack,
    kubeconfig,
  }) => {
    Object.assign(eks.aws.cluster("prod"), { mode: "API" });
    expect((await stack.preview(kubeconfig.program)).refused).toEqual([
      expect.stringContaining("CONFIG_MAP is not supported by the cluster, whose mode is API"),
    ]);
    const inEntries = { ...kubeconfig.program.mappings.dev, arn: devArn, authenticationMode: "API" };
    expect(await stack.up({ mappings: { dev: inEntries } })).toEqual([]);
    expect(await eks.api.read(devArn)).toMatchObject({ username: "dev" });
    expect(await stack.destroy()).toEqual([]);
  });

  it("is refused if EKS describes another cluster of this name", async ({ eks, stack, kubeconfig }) => {
    Object.assign(eks.aws.cluster("prod"), { caData: authority("other") });
    const { refused } = await stack.preview(kubeconfig.program);
    expect(refused).toEqual([
      expect.stringMatching(/a different certificate authority .* run "aws eks update-kubeconfig" again/),
    ]);
    expect((await stack.up(kubeconfig.program)).length).toBe(1);
    expect(eks.kubernetes.requests).toEqual([]);
    await kubeconfig.write(eks.kubernetes.url, "prod", "other");
    expect(await stack.up(kubeconfig.program)).toEqual([]);
  });

  it("is not compared with access entries if EKS refuses to describe the cluster", async ({
    eks,
    stack,
    kubeconfig,
  }) => {
    await stack.up(kubeconfig.program);
    denied(eks);
    const { refused, steps, messages } = await stack.preview(kubeconfig.program);
    expect([refused, steps, messages]).toEqual([[], { dev: "same" }, [expect.stringMatching(refusal)]]);
    expect(messages[0]).toMatch(/^info: access entries are not compared/);
    const other = {
      mappings: { ...kubeconfig.program.mappings, ops: { ...kubeconfig.program.mappings.dev, arn: `${dev.arn}s` } },
    };
    expect(await stack.up(other)).toEqual([]);
    const inEntries = { ...other.mappings.ops, arn: `${dev.arn}2`, authenticationMode: "API" };
    expect((await stack.preview({ mappings: { inEntries } })).refused).toEqual([expect.stringMatching(refusal)]);
    // Without EKS, only the authority distinguishes two clusters.
    await kubeconfig.write(eks.kubernetes.url, "prod", "other");
    const changed = expect.stringMatching(/not to the cluster of this mapping; set AWS_AUTH_KUBECONFIG/);
    expect((await stack.preview(kubeconfig.program)).refused).toEqual([changed]);
  });

  it("is the same as one whose state contains only the server", async ({ eks, stack, kubeconfig }) => {
    const noRegion = kubeconfig.textOf(eks.kubernetes.url).replace('"--region","eu-central-1",', "");
    const program = { mappings: { dev: { ...dev, cluster: { kubeconfig: noRegion } } }, config: {} };
    await stack.up(program);
    expect(stack.states.get("dev")?.id).toMatch(/^server:/);
    const named = { ...program, env: { AWS_REGION: "eu-central-1" } };
    expect(await stack.preview(named)).toMatchObject({ refused: [], steps: { dev: "update" } });
    const changed = { ...named, mappings: { dev: { ...program.mappings.dev, username: "x" } } };
    expect(await stack.up(changed)).toEqual([]);
    expect(stack.states.get("dev")?.outs["cluster"]).toMatchObject({ name: "prod" });
    for (const env of [named.env, {}]) {
      expect(await stack.preview({ ...changed, env })).toMatchObject({ refused: [], steps: { dev: "same" } });
    }
  });

  it.for([true, false])(
    "moves if a new cluster is written under the same context: the old one exists: %j",
    async (exists, { eks, stack, kubeconfig }) => {
      await stack.up(kubeconfig.program);
      const next = await startApiServer({ mapRoles: "[]\n" });
      eks.aws.addCluster({ name: "next", endpoint: next.url, caData: authority("next") });
      await kubeconfig.write(next.url, "next");
      if (!exists) {
        eks.aws.removeCluster("prod");
      }
      expect(await stack.preview(kubeconfig.program)).toMatchObject({ refused: [], steps: { dev: "replace" } });
      expect(await stack.up(kubeconfig.program)).toEqual([]);
      expect(next.data?.["mapRoles"]).toContain("role/dev");
      expect(eks.kubernetes.data?.["mapRoles"]?.includes("role/dev")).toBe(!exists);
    },
  );

  it("is refused until it is removed from the state if the cluster was created again", async ({
    eks,
    stack,
    kubeconfig,
  }) => {
    await stack.up(kubeconfig.program);
    const next = await startApiServer({ mapRoles: "[]\n" });
    eks.aws.removeCluster("prod");
    eks.aws.addCluster({ name: "prod", endpoint: next.url, caData: authority("next") });
    await kubeconfig.write(next.url, "prod", "next");
    const refused = expect.stringMatching(/different certificate authority .* run "pulumi state delete (?:'urn|URN)/);
    expect((await stack.preview(kubeconfig.program)).refused).toEqual([refused]);
    expect(await stack.destroy()).toEqual([refused]);
    stack.states.delete("dev");
    expect(await stack.up(kubeconfig.program)).toEqual([]);
    expect(next.data?.["mapRoles"]).toContain("role/dev");
  });
});

/** What a state knows of its cluster, by the fields that it has. */
const known: Readonly<Record<string, readonly string[]>> = {
  "only the name": ["name", "region"],
  "the server": ["server", "kubeconfig", "context"],
  "the authority": ["name", "region", "authority", "server", "kubeconfig", "context"],
  "the account": ["name", "region", "account"],
};
const ways = ["EKS by name", "a kubeconfig made for EKS", "another kubeconfig", "a manifest"];
const cells = Object.keys(known).flatMap((column) => ways.map((way) => [column, way] as const));

// The table at `assertKnown`.
describe("a cluster of the same name in another account", () => {
  it.for(cells)(
    "is not changed if the state knows %s and the run connects by %s",
    async ([column, way], { eks, stack, kubeconfig }) => {
      await stack.up(kubeconfig.program);
      const [dev0] = stack.states.values();
      const keep = (properties: Readonly<Record<string, unknown>>) => {
        const fields = Object.entries(Object(properties["cluster"])).filter(([name]) => known[column]?.includes(name));
        return { ...properties, cluster: Object.fromEntries(fields) };
      };
      if (dev0 !== undefined) {
        stack.states.set("dev", { ...dev0, inputs: keep(dev0.inputs), outs: keep(dev0.outs) });
      }
      const foreign = "444455556666";
      const other = await startApiServer({ mapRoles: "[]\n" });
      eks.aws.addCluster({ name: "prod", account: foreign, endpoint: other.url, caData: authority("other") });
      const stranger = eks.aws.caller("stranger", eks.aws.principals.create(`arn:aws:iam::${foreign}:user/x`).arn);
      const directory = await temporaryDirectory();
      const [plain, manifest] = [join(directory, "plain"), join(directory, "aws-auth.yaml")];
      const connect = async (url: string, ca: string, caller: typeof stranger) => {
        setEnv(eks.aws.env(caller));
        await kubeconfig.write(url, "prod", ca);
        const content = JSON.parse(kubeconfig.textOf(url, "prod", ca));
        content.users[0].user = { token: "t0p-secret" };
        await writeFile(plain, JSON.stringify(content));
      };
      const clusters = [byName.cluster, { kubeconfig: kubeconfig.path }, { kubeconfig: plain }, { manifest }];
      const on = { ...dev, cluster: clusters[ways.indexOf(way)] };
      const [program, changed] = [{ mappings: { dev: on } }, { mappings: { dev: { ...on, username: "new" } } }];
      await connect(other.url, "other", stranger);
      for (const actions of [["eks:*", "sts:*"], ["sts:*"]]) {
        eks.aws.permit(stranger, actions);
        const refused = expect.stringMatching(
          /(?:cluster set to the ARN|set AWS_AUTH_\w+)|cannot perform eks:DescribeCluster/,
        );
        expect((await stack.preview(changed)).refused).toEqual([refused]);
        expect([await stack.up(changed), await stack.destroy()]).toEqual([[refused], [refused]]);
      }
      expect([other.data, existsSync(manifest), stack.states.size]).toEqual([{ mapRoles: "[]\n" }, false, 1]);

      await connect(eks.kubernetes.url, "prod", eks.deployer);
      if (column === "only the name") {
        expect(await stack.up(program)).toEqual([expect.stringContaining("with cluster set to the ARN")]);
        stack.states.delete("dev");
        expect(await stack.up({ mappings: { dev: { ...dev, cluster: arn } } })).toEqual([]);
      }
      expect(await stack.up(program)).toEqual([]);
      expect(await stack.destroy()).toEqual([]);
      expect(eks.kubernetes.data?.["mapRoles"]).not.toContain("role/dev");
    },
  );

  it.for([["up"], ["refresh"]])(
    "is told apart by the account once %s learns it",
    async ([by], { eks, stack, kubeconfig }) => {
      eks.aws.permit(eks.deployer, ["sts:GetCallerIdentity"]);
      expect(await stack.up(kubeconfig.program)).toEqual([]);
      const account = () => Object(stack.states.get("dev")?.outs["cluster"])["account"];
      expect(account()).toBeUndefined();
      eks.aws.permit(eks.deployer, ["eks:*", "sts:GetCallerIdentity"]);
      expect((await stack.preview(kubeconfig.program)).steps).toEqual({ dev: "update" });
      await (by === "up" ? stack.up(kubeconfig.program) : stack.refresh());
      expect(account()).toBe("111122223333");
      expect((await stack.preview(kubeconfig.program)).steps).toEqual({ dev: "same" });
    },
  );
});

describe("a command with a kubeconfig that was made for EKS", () => {
  it("reads the access entries", async ({ eks, kubeconfig }) => {
    await eks.api.create(declaredEntry(), {});
    setEnv({ KUBECONFIG: kubeconfig.path, AWS_AUTH_KUBECONFIG: undefined, AWS_AUTH_CONTEXT: undefined });
    const { code, out, err } = await runHere("explain", devArn);
    expect([code, err]).toEqual([0, `note: reading context "aws" of kubeconfig "${kubeconfig.path}"\n`]);
    expect(out).toContain(`access entry for ${devArn}`);
  });

  it.for([
    ["a cluster of another account", ["metrics.eks.amazonaws.com"], 2, /does not exist in account/],
    ["a cluster outside of EKS with aws-iam-authenticator", [], 1, /^$/],
  ] as const)(
    "queries the server if EKS does not find the cluster: %s",
    async ([, groups, code, note], { eks, kubeconfig }) => {
      eks.aws.removeCluster("prod");
      Object.assign(eks.kubernetes, { groups });
      const { err, ...found } = await runHere("explain", devArn, "--kubeconfig", kubeconfig.path);
      expect([found.code, err]).toEqual([code, expect.stringMatching(note)]);
    },
  );

  it("reviews two clusters with the same name separately, even if EKS refuses to describe them", async ({
    eks,
    kubeconfig,
  }) => {
    denied(eks);
    const [one, two] = ["prod", "other"].map((ca) => kubeconfig.textOf(eks.kubernetes.url, "prod", ca));
    const list = join(await temporaryDirectory(), "clusters.yaml");
    await writeFile(list, JSON.stringify([one, two, one].map((content) => ({ kubeconfig: content }))));
    const { out } = await runHere("review", "--clusters", list, "-o", "json");
    const ids: string[] = JSON.parse(out).clusters.map(({ id }: { id: string }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids).toEqual(Array(2).fill(expect.stringMatching(/^eks:eu-central-1\/prod#[0-9a-f]{16}$/)));
  });

  it("answers unknown, and reports the missing action once, if EKS refuses to describe the cluster", async ({
    eks,
    kubeconfig,
  }) => {
    denied(eks);
    const { code, err } = await runHere("can-i", devArn, "get", "/x", "--kubeconfig", kubeconfig.path);
    expect([code, err.match(/eks:DescribeCluster \(/g)?.length]).toEqual([2, 1]);
  });
});

it("the ARN of the cluster refers to the same cluster", async ({ stack, kubeconfig }) => {
  await stack.up(kubeconfig.program);
  const byArn = { mappings: { dev: { ...dev, cluster: arn } } };
  expect(await stack.preview(byArn)).toMatchObject({ refused: [], steps: { dev: "update" } });
});
