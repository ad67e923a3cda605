import { describe, expect, it } from "vitest";
import { openStore, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { parseKubeconfig } from "../../../../provider/cluster/kubeconfig/kubeconfig.ts";
import { kubeconfigOf, settingsOf } from "../support.ts";

describe("a kubeconfig that is not read", () => {
  it.each([
    [
      "a password that looks like an alias",
      "users: [{name: u, user: {password: *s3cret}}]\n",
      /an alias or merge key has no target/,
    ],
    [
      "a merge key of a list",
      "base: &a [1]\nclusters:\n  - <<: *a\n",
      /an alias or merge key has no target/,
    ],
  ])("has %s, which is told without a secret or a stack", async (_title, text, message) => {
    const failure = await parseKubeconfig(text, "kubeconfig", undefined).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "invalidKubeconfig", message: expect.stringMatching(message) });
    expect(String(failure)).not.toContain("s3cret");
  });
});

it.each(["http://127.0.0.1:1", "HTTP://127.0.0.1:1"])("a server at %s is reached with a warning", async (server) => {
  const settings = settingsOf({});
  const ref = await resolveClusterRef({ kubeconfig: kubeconfigOf({ ctx: server }) }, settings);
  expect((await openStore(ref, settings)).warnings).toEqual([expect.stringContaining("without encryption (http)")]);
});
