import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { stemOf } from "../../../provider/ownership/index.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { unfolded } from "../../support/unfolded.ts";
import { temporaryDirectory } from "../cluster/support.ts";

const dev = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", groups: ["viewers"] };

describe("a mapping in the state that gets an entry beside another one is told of that", () => {
  let provider: typeof import("../../../provider/index.ts");
  let manifest: string;
  let told: string[] = [];
  beforeEach(async () => {
    vi.spyOn(console, "error").mockImplementation((text) => void told.push(unfolded(String(text))));
    manifest = join(await temporaryDirectory(), "aws-auth.yaml");
    await writeFile(manifest, manifestOf({ mapRoles: "[]\n" }));
    await startProcess();
    return () => vi.restoreAllMocks();
  });

  async function startProcess(): Promise<void> {
    vi.resetModules();
    provider = await import("../../../provider/index.ts");
    told = [];
  }

  async function check(stack: string, name: string, olds: object, given: object) {
    const urn = `urn:pulumi:${stack}::infra::t::${name}`;
    const __context = JSON.stringify({ urn, label: `o/infra/${stack} ${name}`, stem: stemOf("o", urn) });
    const { inputs, failures } = await provider.check({ ...olds }, { cluster: { manifest }, ...given, __context });
    expect(failures).toEqual([]);
    return { ...inputs };
  }

  async function create(stack: string, name: string, given: object) {
    const inputs = await check(stack, name, {}, given);
    const { outs } = await provider.create(inputs);
    return { inputs, outs: { ...outs } };
  }

  it("where another provider of its program has a mapping of the same role, and shares its entry so far", async () => {
    const one = await create("prod", "one", dev);
    await startProcess();
    await create("prod", "two", dev);
    await startProcess();
    const next = await check("prod", "one", one.inputs, { ...dev, groups: ["editors"] });
    expect(told).toContainEqual(
      expect.stringMatching(
        /^warning: arn ".*" is mapped by this program already: .* claimed by "o\/infra\/prod two";/,
      ),
    );
    await provider.update("", one.outs, next);
    expect((await readFile(manifest, "utf8")).match(/role\/dev\n/g)).toHaveLength(2);
  });

  it("where another stack has taken over its entry, which it may not claim alone", async () => {
    const one = await create("prod", "one", { ...dev, noDuplicateARNs: false });
    await startProcess();
    await create("other", "admin", { ...dev, groups: ["admins"], adopt: true });
    await startProcess();
    await check("prod", "one", one.inputs, { ...dev, noDuplicateARNs: false });
    expect(told).toContainEqual(
      expect.stringMatching(/^warning: arn ".*" is mapped more than once .* claimed by "o\/infra\/other admin";/),
    );
  });
});
