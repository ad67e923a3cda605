import { beforeEach, describe, expect, it } from "vitest";
import { exitCode } from "../../../cli/output.ts";
import { runHere as run } from "../../support/cli/runHere.ts";
import { type EntriesWorld, entriesWorld } from "../cluster/eks/entriesWorld.ts";

const role = "arn:aws:iam::111122223333:role/ops";
const map = { mapRoles: `- rolearn: ${role}\n  username: ops\n  groups: [a]\n` };

describe("get --wide, where access entries may not be read,", () => {
  const wide = (...args: readonly string[]) => run("get", "--wide", "--cluster", "prod", ...args);
  const unknown = expect.stringContaining("error: what is mapped is unknown: ");

  async function blind(mode: "API" | "API_AND_CONFIG_MAP") {
    const { aws, kubernetes, deployer } = await entriesWorld(mode);
    kubernetes.data = map;
    aws.permit(deployer, ["eks:DescribeCluster"]);
  }

  it.each([[], ["-o", "json"], ["--arn", role]])(
    "does not say that nothing is mapped in mode API: %j",
    async (...args) => {
      await blind("API");
      expect(await wide(...args)).toEqual({ code: exitCode.failed, out: "", err: unknown });
    },
  );

  it("does not report an identity as not mapped that only aws-auth does not map", async () => {
    await blind("API_AND_CONFIG_MAP");
    expect(await wide("--arn", `${role}-2`)).toEqual({ code: exitCode.failed, out: "", err: unknown });
    expect(await wide("--arn", role)).toMatchObject({ code: exitCode.done, out: expect.stringContaining(role) });
  });
});

describe("import", () => {
  let world: EntriesWorld;
  beforeEach(async () => {
    world = await entriesWorld();
    world.kubernetes.data = map;
  });

  it("prints the region and the account of the environment, which may differ where the program runs", async () => {
    const { out } = await run("import", "--cluster", "prod");
    expect(out).toContain('const cluster = { name: "prod", region: "eu-central-1", account: "111122223333" };\n');
    const arn = "arn:aws:eks:eu-central-1:111122223333:cluster/prod";
    expect((await run("import", "--cluster", arn)).out).toContain(`const cluster = "${arn}";\n`);
  });
});

describe("a question on a type, where the server lists half of its types,", () => {
  it.each([[["can-i", role, "get"]], [["who-can", "get"]]])("is answered by no other type: %j", async (words) => {
    const { kubernetes } = await entriesWorld("CONFIG_MAP");
    kubernetes.data = map;
    const bodies = { "/rbac[.]": { items: null }, "/apis$": { groups: [] } };
    kubernetes.disturb = () => {
      const { line = "" } = kubernetes.requests.at(-1) ?? {};
      const [, body] = Object.entries(bodies).find(([path]) => new RegExp(path).test(line)) ?? [];
      return body && { status: 200, body };
    };
    const { code, out, err } = await run(...words, "deployments", "--cluster", "prod");
    expect(code).toBe(exitCode.failed);
    expect([out, err]).toEqual(["", expect.stringMatching(/^error: unknown: .* does not list its resource types\n$/)]);
  });
});
