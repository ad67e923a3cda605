import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { connectionTo } from "../../provider/cluster/connect.ts";
import { type FakeApiServer, startApiServer } from "../support/cluster/apiServer.ts";
import { kubeconfigOf, temporaryDirectory } from "../support/cluster/kubeconfigs.ts";
import { it as base, dev } from "../support/lifecycle/fixture.ts";
import { Stack } from "../support/lifecycle/stack.ts";
import { roleOf, World } from "../support/lifecycle/world.ts";

/** Two clusters whose contexts have the same name, as in the kubeconfigs of @pulumi/eks, and a stack that connects to them. */
const it = base
  .extend("world", () => Object.assign(new World(), { connectionTo }))
  .extend("stack", ({ world }) => new Stack(world))
  .extend("first", () => startApiServer({ mapRoles: "[]\n" }))
  .extend("second", () => startApiServer({ mapRoles: "[]\n" }));

const content = (server: FakeApiServer, token = "now") => kubeconfigOf({ aws: server.url }, { token });
const on = (kubeconfig: string, mapping: object = dev) => ({ ...mapping, cluster: { kubeconfig } });
const roles = (server: FakeApiServer) => server.data?.["mapRoles"];
const remove = `pulumi state delete 'urn:pulumi:prod::infra::aws-auth:index:IdentityMapping::dev'`;

/** Lets a server accept only one token. */
function accept(server: FakeApiServer, token: string): void {
  const isAccepted = () => server.requests.at(-1)?.headers.authorization === `Bearer ${token}`;
  server.defaultFault = () => (isAccepted() ? undefined : { status: 401 });
}

describe("a mapping with the content of a kubeconfig", () => {
  it("does not change with the token, and stores the new token with the next update", async ({ stack, first }) => {
    await stack.up({ mappings: { dev: on(content(first, "old")) } });
    const renewed = { mappings: { dev: on(content(first, "new")) } };
    expect(await stack.preview(renewed)).toMatchObject({ refused: [], steps: { dev: "same" } });
    await stack.up({ mappings: { dev: on(content(first, "new"), roleOf("dev", "dev: ops")) } });
    expect(JSON.stringify(stack.states.get("dev")?.outs)).toContain("new");
  });

  it("is removed with the token of the run", async ({ stack, first }) => {
    const ops = roleOf("ops");
    await stack.up({ mappings: { dev: on(content(first, "old")), ops: on(content(first, "old"), ops) } });
    accept(first, "new");
    expect(await stack.up({ mappings: { ops: on(content(first, "new"), ops) } })).toEqual([]);
    expect([...stack.states.keys()]).toEqual(["ops"]);
    expect(roles(first)).not.toContain("role/dev");
  });

  it("moves to the cluster of different content with the same context name", async ({ stack, first, second }) => {
    await stack.up({ mappings: { dev: on(content(first)) } });
    const moved = { mappings: { dev: on(content(second)) } };
    expect(await stack.preview(moved)).toMatchObject({ refused: [], steps: { dev: "replace" } });
    expect(await stack.up(moved)).toEqual([]);
    expect([roles(first), roles(second)]).toEqual(["[]\n", expect.stringContaining("role/dev")]);
    await stack.refresh();
    expect(await stack.preview(moved)).toMatchObject({ refused: [], steps: { dev: "same" } });
  });

  it("leaves its cluster if the program specifies a different one, regardless of the environment", async ({
    stack,
    first,
    second,
  }) => {
    await stack.up({ mappings: { dev: on(content(first)) } });
    const moved = { mappings: { dev: on(content(second)) }, env: { AWS_AUTH_KUBECONFIG: content(first) } };
    const { refused } = await stack.preview(moved);
    expect(refused).toEqual([expect.stringContaining('first run "pulumi destroy --target ')]);
    expect(await stack.destroy(moved.env)).toEqual([]);
    expect(await stack.up({ ...moved, env: {} })).toEqual([]);
    expect([roles(first), roles(second)]).toEqual(["[]\n", expect.stringContaining("role/dev")]);
  });

  it("does not move from a cluster that cannot be read", async ({ stack, first, second }) => {
    await stack.up({ mappings: { dev: on(content(first)) } });
    accept(first, "other");
    const moved = { mappings: { dev: on(content(second)) } };
    const { refused } = await stack.preview(moved);
    expect(refused).toEqual([expect.stringMatching(/401 Unauthorized.*; to move the mapping, first run/)]);
    expect(roles(second)).toBe("[]\n");
  });
});

describe("a cluster that was created again under the same context", () => {
  it("is refused until the mapping is removed from the state", async ({ stack, first, second }) => {
    const kubeconfig = join(await temporaryDirectory(), "kubeconfig");
    const program = { mappings: { dev: on(kubeconfig) } };
    await writeFile(kubeconfig, content(first));
    await stack.up(program);
    await writeFile(kubeconfig, content(second));
    const { refused } = await stack.preview(program);
    expect(refused).toEqual([expect.stringContaining("not to the cluster of this mapping")]);
    for (const message of [refused[0], ...(await stack.destroy()), await stack.refresh().catch(String)]) {
      expect(message).toContain("pulumi state delete ");
    }
    stack.states.delete("dev");
    expect(await stack.up(program)).toEqual([]);
    expect(roles(second)).toContain("role/dev");
  });

  it("is refused for the kubeconfig of the stack, whose state contains only the context", async ({
    stack,
    first,
    second,
  }) => {
    const program = (server: FakeApiServer) => ({
      mappings: { dev },
      config: { "aws-auth:kubeconfig": content(server) },
    });
    await stack.up(program(first));
    expect((await stack.preview(program(second))).refused).toEqual([expect.stringContaining(remove)]);
    expect(roles(second)).toBe("[]\n");
  });
});
